import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { METRICS, type MetricName, type MetricShape } from '../../../lib/observability/metric-names.ts';

interface Line extends Record<string, unknown> {
  _aws: {
    CloudWatchMetrics: {
      Namespace: string;
      Dimensions: string[][];
      Metrics: { Name: string; Unit: string }[];
    }[];
  };
}

const library = new URL('../../../lib/observability/metrics.ts', import.meta.url);

/** The lines that these calls of a metrics object write, in a process of its own. */
function linesOf(calls: string, variables: Record<string, string> = {}): Line[] {
  const script = `const { PowertoolsMetrics } = await import('${library}'); const metrics = new PowertoolsMetrics(); ${calls}`;
  const env = { POWERTOOLS_SERVICE_NAME: 'smsaero-test', ...variables };
  const args = ['--input-type=module', '--eval', script];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  assert.equal(stderr, '', 'Powertools warns of nothing');
  return (stdout.match(/.+/g) ?? []).map((line) => JSON.parse(line));
}
const measured = ({ _aws, ...values }: Line) => ({ ..._aws.CloudWatchMetrics[0], values });

/** What is written of a message, of its delivery and of all the rest: each metric at least once. */
const ALL = `
  const ms = { config: 0.1, recipient: 0.2, template: 0.3, guard: 9, gateway: 150.5, record: 6, total: 170 };
  metrics.count({ status: 'accepted', messageId: 1, cost: 5.5, segments: 2, deliveryId: 'a' }, ['total'], ms, true);
  metrics.count({ status: 'accepted', channel: 'telegram', messageId: 1, cost: 1, segments: 2, deliveryId: 'a' }, [], {}, true);
  metrics.count({ status: 'duplicate', of: { status: 'unknown', reason: 'no_answer' } }, [], {}, true);
  metrics.count({ status: 'refused', reason: 'rate_exceeded', limit: 'block' }, [], { config: 0.1, guard: 9, total: 10 }, true);
  metrics.count({ status: 'failed', reason: 'no_money' }, [], ms, true);
  metrics.count({ status: 'failed', reason: 'ip_not_allowed' }, [], ms, false);
  metrics.count({ status: 'unknown', reason: 'no_answer' }, [], ms, true);
  metrics.addressUnusable('private');
  metrics.report('changed');
  metrics.command('CommandRetried', 'unavailable');
  metrics.command('CommandDeadLettered', 'expired');
  metrics.signInRefused('wrong_answers_hour');
  const by = { country: 'RU', senderName: 'SMSAero', channel: 'telegram' };
  for (const name of ['DeliveryAccepted', 'Undelivered', 'Rejected']) metrics.delivery(name, by, { cost: 5.5 });
  metrics.delivery('Delivered', by, { seconds: 3 });
  metrics.takenOver(by, 4.19);
  metrics.measure({ Balance: 100, SpentLastDay: 10, DaysLeft: 10 });
  metrics.measure({ GateReached: 1, GateTime: 90 }, { Gate: 'gate.test' });
  metrics.measure({ AccountRefused: 1 }, { Reason: 'unauthorized' });
  metrics.measure({ SenderNameUsable: 1, ConfigurationAge: 3, ConfigurationUnusable: 0 });
  metrics.measure({ OperatorApproves: 1 }, { Operator: 'MTS' });
`;

describe('PowertoolsMetrics', () => {
  const all = linesOf(ALL);

  it('writes one line a message: by service, and once more by reason', () => {
    const [accepted, telegram, duplicate, refused, failed] = all.map(measured);
    assert.deepEqual(accepted?.Dimensions, [['service']]);
    assert.deepEqual(accepted?.values, {
      service: 'smsaero-test',
      Accepted: 1,
      GuardSkipped: 1,
      Segments: 2,
      ConfigTime: 0.1,
      GuardTime: 9,
      GatewayTime: 150.5,
      RecordTime: 6,
      TotalTime: 170,
    });
    assert.deepEqual(
      telegram?.values,
      { service: 'smsaero-test', Accepted: 1, TelegramAccepted: 1 },
      'no segment is billed unless an SMS takes over',
    );
    assert.deepEqual(duplicate?.values, { service: 'smsaero-test', Duplicate: 1 });
    assert.deepEqual(refused?.Dimensions, [['service'], ['service', 'Reason']]);
    assert.deepEqual(
      refused?.values,
      { service: 'smsaero-test', Reason: 'rate_exceeded_block', Refused: 1 },
      'a message that was not given to the gateway says nothing of its speed',
    );
    assert.equal(failed?.values['Reason'], 'no_money');
    assert.equal(failed?.values['GatewayTime'], 150.5);
  });

  it('writes every metric of the list, and nothing else, with the unit and the dimensions that the list says', () => {
    const written = new Set<string>();
    for (const { Namespace, Dimensions = [], Metrics = [] } of all.map(measured)) {
      assert.equal(Namespace, 'SmsAero');
      const [alone, by, ...more] = Dimensions;
      assert.deepEqual([alone, more], [['service'], []]);
      for (const { Name, Unit } of Metrics) {
        written.add(Name);
        const shape: MetricShape = METRICS[Name as MetricName] ?? assert.fail(Name);
        assert.equal(Unit, shape.unit, Name);
        if (shape.by) assert.deepEqual(by, ['service', ...shape.by], Name);
      }
    }
    assert.deepEqual([...written].sort(), Object.keys(METRICS).sort());
  });

  it('keeps nothing of one line for the next, and writes none where nothing was measured', () => {
    const lines = linesOf(`
      metrics.count({ status: 'failed', reason: 'unauthorized' }, [], {}, false);
      metrics.measure({});
      metrics.measure({ Balance: undefined }, { Reason: 'x' });
      metrics.count({ status: 'failed', reason: 'no_money' }, [], {}, true);
      metrics.measure({ AccountRefused: 0 });
    `);
    const service = 'smsaero-test';
    const written = lines.map(measured).map(({ values }) => values);
    assert.deepEqual(written, [
      { service, Reason: 'unauthorized', CredentialsRefused: 1 }, // of every try; tried again it is nothing else
      { service, Reason: 'no_money', Failed: 1 },
      { service, AccountRefused: 0 },
    ]);
    assert.deepEqual(measured(lines[2] ?? assert.fail()).Dimensions, [['service']]);
  });

  it('writes nothing with SMSAERO_MONITORING=off', () => {
    assert.deepEqual(linesOf(ALL, { SMSAERO_MONITORING: 'off' }), []);
  });

  it('writes with SMSAERO_MONITORING=basic what the basic alarms need, by service only', () => {
    const lines = linesOf(ALL, { SMSAERO_MONITORING: 'basic' }).map(measured);
    for (const { Dimensions } of lines) assert.deepEqual(Dimensions, [['service']]);
    const written = lines.flatMap(({ Metrics = [] }) => Metrics.map(({ Name }) => Name));
    const shapes: [string, MetricShape][] = Object.entries(METRICS);
    assert.deepEqual(
      [...new Set(written)].sort(),
      shapes.flatMap(([name, { basic }]) => (basic ? [name] : [])).sort(),
    );
  });

  it('does not start with a level that there is not', () => {
    const message = /Bad environment: SMSAERO_MONITORING must be off, basic or full/;
    assert.throws(() => linesOf('', { SMSAERO_MONITORING: 'some' }), { actual: message });
  });
});
