import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { METRICS, type MetricName, type MetricShape } from '../../lib/observability/metric-names.ts';
import { resourcesOf, type Template } from './packaged.ts';

const specification = loadAwsServiceSpecSync();

/** A metric that an alarm or a graph looks at. */
export interface Looked {
  readonly namespace: string;
  readonly name: string;
  /** Dimension to value, as the template has it; a search has none. */
  readonly by: Readonly<Record<string, unknown>>;
}

/** Says what is wrong with a metric: nobody writes it, or nobody writes it by these dimensions. */
export function problemsOfMetric(template: Template, { namespace, name, by }: Looked): string[] {
  const names = sorted(Object.keys(by));
  const sets = setsOf(template, namespace, name);
  if (sets.length === 0) return [`${namespace} ${name}: nobody writes it`];
  return sets.some((set) => sorted(set) === names)
    ? []
    : [`${namespace} ${name}: not by ${names}, but by ${sets.map(sorted).join(' or ')}`];
}

const sorted = (names: readonly string[]) => [...names].sort().join(', ');

/** The sets of dimensions that a metric is written by; none if nobody writes it. */
function setsOf(template: Template, namespace: string, name: string): (readonly string[])[] {
  if (namespace !== 'SmsAero') {
    return specification
      .all('metric')
      .filter((metric) => metric.namespace === namespace && metric.name === name)
      .flatMap((metric) => specification.follow('usesDimensionSet', metric))
      .map(({ entity }) => entity.dimensions.map((dimension) => dimension.name));
  }
  const shape: MetricShape | undefined = METRICS[name as MetricName];
  const own = shape ? [['service'], ...(shape.by ? [['service', ...shape.by]] : [])] : [];
  const filtered = resourcesOf(template, 'AWS::Logs::MetricFilter')
    .flatMap(([, { Properties }]) => Properties.MetricTransformations)
    .filter(({ MetricNamespace, MetricName }) => MetricNamespace === namespace && MetricName === name)
    .map(({ Dimensions }) => Dimensions.map(({ Key }: { Key: string }) => Key));
  return [...own, ...filtered];
}

/** Sums by the id of their metric; one that is undefined was not written. */
export type Sums = Readonly<Record<string, number | undefined>>;

/**
 * Computes an expression of metric math over one period, by the functions that the alarms use.
 *
 * @returns undefined for a period without a value
 */
export function compute(expression: string, sums: Sums): number | undefined {
  const functions = {
    IF: (condition: boolean, yes: number, no: number) => (condition ? yes : no),
    FILL: (value: number | undefined | (number | undefined)[], filler: number) =>
      Array.isArray(value) ? value.map((each) => each ?? filler) : (value ?? filler),
    METRICS: () => Object.values(sums),
    SUM: (values: number[]) => values.reduce((sum, value) => sum + value, 0),
  };
  const missing = Object.keys(sums).filter((id) => sums[id] === undefined);
  // A metric without a value leaves the expression without one, unless it is filled.
  if (missing.some((id) => new RegExp(`(?<!FILL\\()\\b${id}\\b`).test(expression))) return undefined;
  const names = [...Object.keys(functions), ...Object.keys(sums)];
  const value: number = new Function(...names, `return ${expression};`)(
    ...Object.values(functions),
    ...Object.values(sums),
  );
  return Number.isFinite(value) ? value : undefined; // what is divided by 0 has no value
}

/** How an alarm judges points, by the properties that CloudFormation has. */
export interface Judging {
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly TreatMissingData: 'breaching' | 'notBreaching' | 'ignore';
}

/**
 * How many periods beyond its own CloudWatch looks at, at least: "an alarm with 3 looks at 5" (Amazon CloudWatch User Guide,
 * "Configuring how CloudWatch alarms treat missing data").
 */
const BEYOND = 2;

/**
 * Says whether an alarm is raised, as that guide has it: as long as there are as many real points in the range as the alarm has periods, the
 * newest of them count, however old, and how missing data is treated does not matter.
 *
 * @param points whether each period is over the threshold, oldest first; undefined for one without a value
 */
export function judge(
  points: readonly (boolean | undefined)[],
  { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods, TreatMissingData }: Judging,
): boolean | 'as before' {
  const real = points.slice(-(EvaluationPeriods + BEYOND)).filter((point) => point !== undefined);
  if (TreatMissingData === 'ignore' && real.length === 0) return 'as before';
  const missing = Math.max(0, EvaluationPeriods - real.length);
  const filled = Array.from({ length: missing }, () => TreatMissingData === 'breaching');
  const looked = [...filled, ...real.slice(-EvaluationPeriods)];
  return looked.filter((over) => over).length >= DatapointsToAlarm;
}
