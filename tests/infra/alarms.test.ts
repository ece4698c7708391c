import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import type { SignInRefusal } from '../../lib/observability/metrics.ts';
import { type Command, expiryOf } from '../../lib/queue/command.ts';
import { pauseBefore } from '../../lib/queue/results.ts';
import { commandTree } from '../support/cli.ts';
import { alarmsOf, compute, judge, metricsOf, type Sums } from './alarms.ts';
import { functionsOf, packageService } from './packaged.ts';

// All that there is: monitoring=full, and Cognito, which brings its own functions and an alarm.
const { template } = await packageService('example');
const folder = new URL('../../docs/operations/', import.meta.url);
const pages = new Map(
  await Promise.all(
    (await readdir(folder)).map(
      async (file) => [file, await readFile(new URL(file, folder), 'utf8')] as const,
    ),
  ),
);
const runbook = pages.get('alarms.md') ?? assert.fail();

const alarms = alarmsOf(template);
const NAMES = [...alarms.keys()].sort(); // tests/infra/monitoring.test.ts lists them
const alarm = (name: string) => alarms.get(name) ?? assert.fail(`there is no alarm ${name}`);

/** Whether one period with these values is over the threshold; undefined without a value. `value` is the only metric's. */
const isOver = (name: string, sums: Sums): boolean | undefined => {
  const { Metrics, Threshold, ComparisonOperator } = alarm(name);
  const byId = 'value' in sums && Metrics ? { [Metrics[1].Id]: sums['value'] } : sums;
  const value = Metrics ? compute(Metrics[0].Expression, byId) : sums['value'];
  if (value === undefined) return undefined;
  const compared = COMPARISONS[ComparisonOperator] ?? assert.fail(ComparisonOperator);
  return compared(value, Threshold);
};
const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  LessThanThreshold: (value, threshold) => value < threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
};

describe('the alarms', () => {
  it('look at functions and queues that exist, and at reasons that there are', () => {
    const reasons: unknown[] = [undefined, 'table_unavailable' satisfies SignInRefusal];
    for (const { by } of NAMES.flatMap((name) => metricsOf(alarm(name)))) {
      assert.ok(reasons.includes(by['Reason']), String(by['Reason']));
    }
    const functions = functionsOf(template).map(({ FunctionName }) => FunctionName);
    const watched = (name: string) =>
      metricsOf(alarm(name))
        .map(({ by }) => by['FunctionName'])
        .sort();
    assert.deepEqual(watched('function-throttles'), functions.sort());
    const throws = 'smsaero-prod-cognito-sms-sender'; // to have a code sent later
    assert.deepEqual(
      watched('function-errors'),
      functions.filter((name) => name !== throws),
    );
    for (const [name, queue] of [
      ['dead-letters', 'DeadLetterQueue'],
      ['event-failures', 'EventFailureQueue'],
      ['cognito-failures', 'CognitoFailureQueue'],
    ] as const) {
      const { Dimensions, Statistic, MetricName } = alarm(name);
      assert.deepEqual(Dimensions[0].Value, { 'Fn::GetAtt': [queue, 'QueueName'] });
      assert.deepEqual([Statistic, MetricName], ['Maximum', 'ApproximateNumberOfMessagesVisible']);
    }
  });

  it('go to the one topic, and look at no more metrics than an alarm may: ten', () => {
    for (const name of NAMES) {
      assert.deepEqual(alarm(name).AlarmActions, [{ Ref: 'AlarmTopic' }], name);
      assert.ok(metricsOf(alarm(name)).length <= 10, name);
    }
  });

  const RAISED: [string, Sums, boolean][] = [
    ['credentials', { m0: 1 }, true],
    ['credentials', { m0: undefined }, false],
    ['failures', { failed: 5, accepted: undefined, unknown: undefined }, true],
    ['failures', { failed: 5, accepted: 20, unknown: 0 }, true],
    ['failures', { failed: 5, accepted: 21, unknown: 0 }, false],
    ['failures', { failed: 4, accepted: undefined, unknown: undefined }, false],
    ['failures', { failed: undefined, accepted: 9, unknown: undefined }, false],
    ['failures', { unknown: 3, accepted: 27, failed: undefined }, true],
    ['failures', { unknown: 3, accepted: 28, failed: undefined }, false],
    ['failures', { unknown: 2, accepted: undefined, failed: undefined }, false],
    ['failures', { unknown: 3, accepted: 12, failed: 15 }, true], // both at once
    ['deliveries', { deliveryaccepted: 20, delivered: undefined }, true],
    ['deliveries', { deliveryaccepted: 100, delivered: 69 }, true],
    ['deliveries', { deliveryaccepted: 100, delivered: 70 }, false],
    ['deliveries', { deliveryaccepted: 19, delivered: undefined }, false],
    ['deliveries', { deliveryaccepted: undefined, delivered: 5 }, false],
    ['refusals', { refused: 30, accepted: 45 }, true],
    ['refusals', { refused: 30, accepted: 46 }, false],
    ['refusals', { refused: 29, accepted: undefined }, false],
    ['balance', { value: 1234 }, true],
    ['balance', { value: 1235 }, false],
    ['days-left', { value: 4.9 }, true],
    ['days-left', { value: undefined }, false],
    ['configuration', { value: 0 }, false],
    ['configuration', { value: 1 }, true],
    ['configuration', { value: undefined }, true],
    ['configuration-age', { value: 1800 }, true],
    ['configuration-age', { value: 300 }, false],
    ['table', { m0: 5, m1: undefined }, true],
    ['table', { m0: undefined, m1: 5 }, true],
    ['table', { m0: 2, m1: 2 }, false],
    ['api-throttles', { m0: 10 }, true],
    ['function-errors', { m0: 2, m1: undefined }, false],
    ['command-age', { age: 300, visible: 1, deleted: undefined }, true], // nobody takes it
    ['command-age', { age: 299, visible: 1, deleted: undefined }, false],
    ['command-age', { age: 420, visible: 2001, deleted: 2000 }, true], // a campaign: five minutes more for the last of them
    ['command-age', { age: 420, visible: 2000, deleted: 2000 }, false],
    ['command-age', { age: 7200, visible: 0, deleted: 3 }, false], // one that a limit lets wait for two hours
    ['command-age', { age: undefined, visible: 0, deleted: undefined }, false],
  ];
  for (const [name, sums, raised] of RAISED) {
    it(`${name} is ${raised ? '' : 'not '}raised by ${JSON.stringify(sums)}`, () =>
      assert.equal(isOver(name, sums) ?? alarm(name).TreatMissingData === 'breaching', raised));
  }

  /** Periods of an alarm, oldest first; `-` is one of which nothing was written. */
  const SERIES: [string, (number | '-')[], boolean | 'as before'][] = [
    ['configuration', [0, 0, 0, '-', '-'], true], // half an hour of silence
    ['configuration', [0, 0, 0, 0, '-'], false], // the newest quarter is not over
    ['configuration', [0, 0, 0, 1, '-'], true],
    ['configuration', [1, 1, 1, 0, 0], false],
    ['configuration-age', [1900, '-', '-'], false],
    ['configuration-age', [0, 1900, '-'], true],
    ['days-left', [4, '-', '-', '-', '-', '-'], false],
    ['days-left', [9, 9, 4, '-', '-'], true],
    ['failures', [7, '-', '-', '-'], false], // an hour ago, and nobody asks for a code at night
    ['failures', [0, 7, '-'], true],
    ['refusals', [90, '-', '-', '-'], false],
    ['api-throttles', [900, '-', '-', '-', '-'], false],
    ['api-throttles', ['-', 900, '-'], true],
    ['table', [50, '-', '-'], false],
    ['table', [0, 50, '-'], true], // the newest one waits for lines that come late
    ['function-errors', [0, 3, '-'], true],
    ['function-errors', [3, '-', '-'], false],
    ['function-throttles', [0, 5, '-'], true],
    ['credentials', [3, '-', '-', '-', '-'], false],
    ['credentials', [3, '-', '-', '-'], true], // from one look of account-monitor to the next
    ['balance', [1000, '-', '-', '-'], 'as before'],
    ['dead-letters', [0, 1], true],
    ['dead-letters', [1, 0], false],
    ['dead-letters', [1, '-', '-', '-', '-'], 'as before'], // nobody touches the queue, and the letter lies there
    ['command-age', [900, 900, 900, 900], 'as before'], // an age alone, and nobody knows whether it waits
  ];
  for (const [name, values, raised] of SERIES) {
    const state = raised === 'as before' ? 'what it was' : raised ? 'raised' : 'not raised';
    it(`${name} is ${state} after ${values.join(' ')}`, () => {
      const ids: string[] = (alarm(name).Metrics?.slice(1) ?? [{ Id: 'value' }]).map(
        ({ Id }: { Id: string }) => Id,
      );
      const points = values.map((value) => {
        const sums = ids.map((id, index) => [id, value === '-' || index > 0 ? undefined : value]);
        return isOver(name, Object.fromEntries(sums));
      });
      assert.equal(judge(points, alarm(name)), raised);
    });
  }

  it('fill every metric of an expression, since what is over must not stay raised; but for one', () => {
    for (const name of NAMES) {
      for (const { Expression } of (alarm(name).Metrics ?? []).slice(0, 1)) {
        const bare: string[] =
          Expression.replace(/FILL\((?:METRICS\(\)|\w+),/g, '').match(/\b[a-z]\w+/g) ?? [];
        assert.deepEqual([...new Set(bare)], name === 'command-age' ? ['visible'] : [], name);
      }
    }
  });

  it('say of commands that wait while there is time left, and not of those that pause as they always do', () => {
    const { Threshold, Metrics } = alarm('command-age');
    const life = expiryOf({ time: '1970-01-01T00:00:00Z', data: {} } as Command) / 1000;
    assert.equal(2 * Threshold, life);
    // SQS leaves those out of the age that were received three times.
    const pauses = [1, 2, 3].map((tries) => pauseBefore(tries, undefined, life * 1000, 0, 0) ?? 0);
    assert.ok(3 * pauses.reduce((sum, pause) => sum + pause) < Threshold);
    const stats = Metrics.flatMap(({ Id, MetricStat }: { Id: string; MetricStat?: { Stat: string } }) =>
      MetricStat ? [[Id, MetricStat.Stat]] : [],
    );
    assert.deepEqual(stats, [
      ['age', 'Maximum'],
      ['visible', 'Minimum'],
      ['deleted', 'Sum'],
    ]);
  });

  it('let what comes late be seen, where they fill: a period by itself would pass it over', () => {
    for (const name of NAMES.filter((each) => alarm(each).Metrics)) {
      assert.ok(alarm(name).EvaluationPeriods > 1, name);
    }
  });

  it('keep what they said where silence says nothing new: of the balance, and of what lies in a queue', () => {
    const keep = NAMES.filter((name) => alarm(name).TreatMissingData === 'ignore');
    assert.deepEqual(keep, ['balance', 'cognito-failures', 'command-age', 'dead-letters', 'event-failures']);
  });
});

describe('the runbook', () => {
  const entries = new Map(
    runbook
      .split(/^## Alarm: /m)
      .slice(1)
      .map((text) => [text.slice(0, text.indexOf('\n')).trim(), text.split(/^##/m)[0] ?? '']),
  );

  it('has an entry for each alarm, and no other', () => assert.deepEqual([...entries.keys()].sort(), NAMES));

  it('and the pages beside it name only commands that exist', () => {
    const told = [...[...pages.values()].join('\n').matchAll(/npm run smsaero -- ([a-z-]+(?: [a-z]+)?)/g)];
    assert.ok(told.length > 20);
    const commands = commandTree();
    for (const [text, command = ''] of told) assert.ok(commands.get(command)?.commands.length === 0, text);
  });

  for (const name of NAMES) {
    it(`is named by ${name}, names its metrics, the causes, and a command that tells them apart`, () => {
      assert.match(alarm(name).AlarmDescription, new RegExp(` docs/operations/alarms\\.md#alarm-${name}$`));
      const entry = entries.get(name) ?? '';
      for (const metric of metricsOf(alarm(name)))
        assert.ok(entry.includes(`\`${metric.name}\``), metric.name);
      assert.match(entry, /^\*\*Raised when\*\*/m);
      // Each cause says how to find out that it is this one, and what to do then.
      const causes = entry.split(/^- \*\*/m).slice(1);
      assert.ok(causes.length > 0);
      for (const cause of causes) assert.match(cause, /^ {2}- Check:[\s\S]*^ {2}- Do: /m);
      assert.match(entry, /`(npm run smsaero -- |aws |filter )/);
    });
  }
});
