import { resourcesOf, type Template } from './packaged.ts';

export interface Looked {
  readonly namespace: string;
  readonly name: string;
  /** Dimension to value, as the template has it; a search has none. */
  readonly by: Readonly<Record<string, unknown>>;
}

/** Properties of the alarms of a template, by the names that end their `AlarmName`. */
export const alarmsOf = (template: Template) =>
  new Map(
    resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => [
      String(Properties.AlarmName).replace(/^smsaero-[a-z]+-/, ''),
      Properties,
    ]),
  );

interface Metric {
  Namespace: string;
  MetricName: string;
  Dimensions: { Name: string; Value: unknown }[];
}

/** The metrics that an alarm looks at: CloudWatch takes money for each, however many alarms look at it. */
export const metricsOf = (alarm: { Metrics?: { MetricStat?: { Metric: Metric } }[] } & Metric): Looked[] =>
  (alarm.Metrics?.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []) ?? [alarm]).map(
    ({ Namespace, MetricName, Dimensions }) => ({
      namespace: Namespace,
      name: MetricName,
      by: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
    }),
  );

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
