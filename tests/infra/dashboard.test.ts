import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { type Looked, problemsOfMetric } from './metrics.ts';
import type { Template } from './packaged.ts';

type Osls = { resolveVariable: (name: string) => Promise<unknown> };
type Resources = Template['Resources'];

const VALUES: Record<string, unknown> = {
  'sls:stage': 'prod',
  'self:custom.cognito': 'example',
  'self:custom.monitoring': 'full',
  'param:balanceAlarm': 3000,
  'param:daysLeftAlarm': '5',
};
const osls: Osls = { resolveVariable: async (name) => VALUES[name] ?? assert.fail(name) };
const load = async (file: string): Promise<{ Resources: Resources }> =>
  await createRequire(import.meta.url)(`../../infra/${file}`)(osls);

interface Widget {
  type: 'metric' | 'text' | 'alarm';
  x: number;
  y: number;
  width: number;
  height: number;
  properties: {
    title?: string;
    markdown?: string;
    region?: string;
    alarms?: string[];
    metrics?: unknown[][];
  };
}

const { Dashboard } = (await load('dashboard.cjs')).Resources;
const template = { ...(await load('alarms.cjs')), Outputs: {} };
const { widgets }: { widgets: Widget[] } = JSON.parse(Dashboard?.Properties.DashboardBody['Fn::Sub']);
const rows = widgets.flatMap(({ properties }) => properties.metrics ?? []);

interface Expression {
  expression?: string;
}
const expressions = rows.flatMap(([first]) => (first as Expression).expression ?? []);
const searches = expressions.filter((expression) => expression.startsWith('SEARCH'));

/** What a row of a graph looks at. */
function metricOf(row: unknown[]): Looked[] {
  const [namespace, name, ...rest] = row as string[];
  if (typeof namespace !== 'string') return [];
  const by = rest.slice(0, -1);
  const names = by.filter((_, index) => index % 2 === 0);
  return [
    {
      namespace,
      name: String(name),
      by: Object.fromEntries(names.map((key, index) => [key, by[2 * index + 1]])),
    },
  ];
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

describe('the dashboard', () => {
  it('looks at metrics that somebody writes, by dimensions that they are written by, of this stage', () => {
    assert.ok(looked.length > 30);
    assert.deepEqual(
      looked.flatMap((metric) => problemsOfMetric(template, metric)),
      [],
    );
    for (const { by } of looked) assert.ok(!('service' in by) || by['service'] === 'smsaero-prod');
  });

  it('shows every function that has alarms, and every queue', () => {
    const of = (metric: string, dimension: string) =>
      looked.flatMap(({ name, by }) => (name === metric ? [String(by[dimension])] : [])).sort();
    const throttled = Object.values(template.Resources)
      .flatMap(({ Properties }) => Properties.Metrics ?? [])
      .flatMap(({ MetricStat }) => (MetricStat?.Metric.MetricName === 'Throttles' ? [MetricStat.Metric] : []))
      .map(({ Dimensions }) => Dimensions[0].Value);
    assert.deepEqual(of('Errors', 'FunctionName'), throttled.sort());
    assert.equal(throttled.length, 9);
    const queues = ['cognito-failures', 'commands', 'dead-letters', 'event-failures'];
    assert.deepEqual(
      of('ApproximateNumberOfMessagesVisible', 'QueueName'),
      queues.map((name) => `smsaero-prod-${name}`),
    );
    assert.deepEqual(of('ApproximateAgeOfOldestMessage', 'QueueName'), ['smsaero-prod-commands']);
  });

  it('shows the state of each alarm', () => {
    const shown = widgets.flatMap(({ properties }) => properties.alarms ?? []);
    const names = shown.map((arn) => arn.split(':alarm:')[1]).sort();
    const written = Object.values(template.Resources).flatMap(({ Properties }) => Properties.AlarmName ?? []);
    assert.ok(written.length > 10);
    assert.deepEqual(names, written.sort());
  });
});
