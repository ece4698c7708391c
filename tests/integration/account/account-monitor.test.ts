import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountReport } from '../../../lib/account/inspect-account.ts';
import { CONNECTOR, LOGTO_SECRET, startStack } from '../../support/stack.ts';

const DAY = 86_400_000;

const stack = await startStack({
  ...{ function: 'account-monitor', guard: true, gates: 2, remaining: 60_000 },
  environment: { SMSAERO_CONFIG_REFRESH_S: '0' }, // a changed parameter counts at once
  prepare: (parameters) => parameters.put('/smsaero/test/email', 'nobody'),
});
after(() => stack.close());

describe('account-monitor', () => {
  afterEach(() => {
    stack.table.choose = undefined;
    for (const { faults } of stack.gates) faults.clear();
    for (const secret of [CONNECTOR.apiKey, CONNECTOR.email, LOGTO_SECRET]) {
      assert.ok(!stack.hook.output().includes(secret), 'a secret was logged');
    }
  });

  const diagnose = async () => (await stack.hook.invoke({ diagnose: true })) as unknown as AccountReport;
  const latest = (name: string) => stack.hook.metrics(name).at(-1)?.value;
  /** Invokes it as the schedule does. @returns the line that it logs */
  async function watch() {
    await stack.hook.invoke({ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} });
    return stack.hook.logs('account').at(-1) ?? assert.fail('no line');
  }
  const readings = async () => (await stack.table.items()).filter(({ pk }) => pk?.S?.startsWith('balance#'));

  it('counts a configuration that cannot be used, and recovers', async () => {
    assert.equal((await watch())['level'], 'WARN');
    assert.deepEqual([latest('ConfigurationUnusable'), latest('Balance')], [1, undefined]);
    stack.parameters.put('/smsaero/test/email', CONNECTOR.email);
    while ((await diagnose()).configuration !== 'ok') await sleep(100); // a failure is the answer for a second
  });

  it('answers a diagnosis, and writes nothing', async () => {
    const before = stack.hook.metrics().length;
    const { balance, platforms } = await diagnose();
    assert.deepEqual([balance, platforms], [1_000, ['logto']]);
    assert.equal(stack.hook.metrics().length, before);
    assert.ok(!stack.table.calls.includes('UpdateItem'));
  });

  it('writes metrics and one line on schedule', async () => {
    const before = stack.hook.logs().length;
    const { level, balance, daysLeft } = await watch();
    assert.deepEqual([level, balance, daysLeft], ['INFO', 1_000, undefined]);
    const names = ['Balance', 'GateReached', 'AccountRefused', 'SenderNameUsable', 'ConfigurationUnusable'];
    assert.deepEqual([...names, 'DaysLeft'].map(latest), [1_000, 1, 0, 1, 0, undefined]);
    assert.equal(stack.hook.logs().length, before + 1);
  });

  it('tells how long the balance lasts, by the readings of a day', async () => {
    const [item = {}] = await readings();
    const [[now]] = JSON.parse(item['readings']?.S ?? '') as [[number, number]];
    const dayAgo = JSON.stringify([
      [now - DAY, 1_300],
      [now - DAY / 2, 1_100],
    ]);
    const names = { '#readings': 'readings' };
    const values = { ':readings': { S: dayAgo } };
    const key = item['pk']?.S ?? '';
    await stack.table.open().update({ key, expression: 'SET #readings = :readings', names, values });
    const { spentLastDay, daysLeft } = await watch();
    assert.deepEqual([spentLastDay, daysLeft], [300, 3.3]);
    assert.deepEqual([latest('SpentLastDay'), latest('DaysLeft')], [300, 3.3]);
    const [{ expiresAt } = {}] = await readings();
    assert.ok(Number(expiresAt?.N) * 1000 > now + DAY);
  });

  it('warns of what is not as it should be, and of what the table does not keep', async () => {
    stack.gates[0]?.faults.order({ fault: 'reset_on_connect' });
    stack.table.choose = () => 'reset';
    assert.equal((await watch())['level'], 'WARN');
    assert.equal(latest('Balance'), 1_000);
    const reached = stack.hook.metrics('GateReached').map(({ value }) => value);
    assert.deepEqual(reached.slice(-4).sort(), [0, 0, 1, 1], 'each with and without its dimension');
    assert.equal(stack.hook.logs('balance reading not saved').length, 1);
  });

  it('warns of a sender name of a country that is not of the account', async () => {
    stack.parameters.put('/smsaero/test/senderNames', '{"KZ":"MyShopKZ"}');
    assert.equal((await watch())['level'], 'WARN');
    stack.parameters.put('/smsaero/test/senderNames', '{}');
  });

  it('keeps the readings of two accounts apart', async () => {
    stack.account.email = 'other@example.com';
    stack.parameters.put('/smsaero/test/email', stack.account.email);
    await watch();
    assert.equal((await readings()).length, 2);
  });
});
