import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { METRICS, type MetricName, type MetricShape } from '../../lib/observability/metric-names.ts';
import { alarmsOf, type Looked, metricsOf } from './alarms.ts';
import { functionsOf, packageService, propertiesIn, resourcesOf } from './packaged.ts';

const { template } = await packageService('example');
const specification = loadAwsServiceSpecSync();
const alarms = alarmsOf(template);

/** The sets of dimensions that a metric is written by, each as one text; none if nobody writes it. */
function setsOf(namespace: string, name: string): string[] {
  const shape: MetricShape | undefined = METRICS[name as MetricName];
  const filtered = resourcesOf(template, 'AWS::Logs::MetricFilter')
    .flatMap(([, { Properties }]) => Properties.MetricTransformations)
    .filter(({ MetricNamespace, MetricName }) => MetricNamespace === namespace && MetricName === name)
    .map(({ Dimensions }) => Dimensions.map(({ Key }: { Key: string }) => Key));
  const sets: string[][] =
    namespace === 'SmsAero'
      ? [...(shape ? [['service'], ['service', ...(shape.by ?? [])]] : []), ...filtered]
      : specification
          .all('metric')
          .filter((metric) => metric.namespace === namespace && metric.name === name)
          .flatMap((metric) => specification.follow('usesDimensionSet', metric))
          .map(({ entity }) => entity.dimensions.map((dimension) => dimension.name));
  return sets.map((set) => set.toSorted().join());
}

/** Those metrics that nobody writes by these dimensions, or that are not of this stage. */
const wrongOf = (looked: readonly Looked[]) =>
  looked.filter(
    ({ namespace, name, by }) =>
      !setsOf(namespace, name).includes(Object.keys(by).sort().join()) ||
      (by['service'] ?? 'smsaero-prod') !== 'smsaero-prod',
  );

interface Widget {
  properties: { alarms?: string[]; metrics?: unknown[][] };
}
const { DashboardBody } = propertiesIn(template, 'Dashboard');
const { widgets }: { widgets: Widget[] } = JSON.parse(DashboardBody['Fn::Sub']);
const rows = widgets.flatMap(({ properties }) => properties.metrics ?? []);
const searches = rows
  .flatMap(([first]) => (first as { expression?: string }).expression ?? [])
  .filter((expression) => expression.startsWith('SEARCH'));

/** What a row of a graph looks at. */
function metricOf(row: unknown[]): Looked[] {
  const [namespace, name, ...rest] = row as string[];
  if (typeof namespace !== 'string') return [];
  const names = rest.slice(0, -1).filter((_, index) => index % 2 === 0);
  const by = Object.fromEntries(names.map((key, index) => [key, rest[2 * index + 1]]));
  return [{ namespace, name: String(name), by }];
}

/** What a search looks at: `SEARCH('{SmsAero,service,Reason} MetricName="Failed" service="smsaero-prod"', 'Sum', 300)`. */
function metricOfSearch(expression: string): Looked {
  const [, namespace = '', names = '', name = '', service] =
    /^SEARCH\('\{(\w+),([\w,]+)\} MetricName="(\w+)" service="([\w-]+)"', '\w+', 300\)$/.exec(expression) ??
    [];
  const by = Object.fromEntries(names.split(',').map((each) => [each, undefined]));
  return { namespace, name, by: { ...by, service } };
}

const looked = [...rows.flatMap(metricOf), ...searches.map(metricOfSearch)];

it('the alarms look at metrics that somebody writes, by dimensions that they are written by', () => {
  for (const [name, alarm] of alarms) {
    assert.ok(metricsOf(alarm).length > 0, name);
    assert.deepEqual(wrongOf(metricsOf(alarm)), [], name);
  }
});

describe('the dashboard', () => {
  it('looks at metrics that somebody writes, by dimensions that they are written by, of this stage', () => {
    assert.ok(looked.length > 30);
    assert.deepEqual(wrongOf(looked), []);
  });

  it('shows every function, every queue and the state of each alarm', () => {
    const of = (metric: string, dimension: string) =>
      looked.flatMap(({ name, by }) => (name === metric ? [String(by[dimension])] : [])).sort();
    const functions = functionsOf(template).map(({ FunctionName }) => FunctionName);
    assert.deepEqual(of('Errors', 'FunctionName'), functions.sort());
    const queues = resourcesOf(template, 'AWS::SQS::Queue').map(([, { Properties }]) => Properties.QueueName);
    assert.deepEqual(of('ApproximateNumberOfMessagesVisible', 'QueueName'), queues.sort());
    assert.deepEqual(of('ApproximateAgeOfOldestMessage', 'QueueName'), ['smsaero-prod-commands']);
    const shown = widgets.flatMap(({ properties }) => properties.alarms ?? []);
    const names = [...alarms.keys()].map((name) => `smsaero-prod-${name}`);
    assert.deepEqual(shown.map((arn) => arn.split(':alarm:')[1]).sort(), names.sort());
  });
});
