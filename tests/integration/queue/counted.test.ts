import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { COMMANDS, command, type DeliveryStack, startDeliveryStack } from '../../support/delivery-stack.ts';

/** Metrics by which alarms judge messages: a message counts once, however often it is tried. */
describe('tries of a command', () => {
  let stack: DeliveryStack;
  before(async () => {
    stack = await startDeliveryStack({
      functions: ['sms-queue'],
      environment: { SMSAERO_LIMIT_RECIPIENT_DAY: '1' },
    });
  });
  after(() => stack.close());

  /** `name` or `name reason` of what was counted since the last question. */
  let seen = 0;
  function counted(): string[] {
    const all = stack.fn('sms-queue').metrics();
    const names = all.slice(seen).map(({ name, reason }) => (reason ? `${name} ${reason}` : name));
    seen = all.length;
    return names.filter((name) => /^(Accepted|Failed|Refused|Command)/.test(name));
  }
  const put = (to: string) => stack.queues.send(COMMANDS, JSON.stringify(command({}, { to })));

  it('count as tries, and the message as what it ended as', async () => {
    stack.gate.faults.order({ fault: 'no_money', times: 2, method: 'sms/send' });
    await put('79050000001');
    await stack.idle();
    await stack.advance(5_000);
    await stack.idle();
    assert.deepEqual(new Set(counted()), new Set(['CommandRetried', 'CommandRetried no_money']));
    await stack.advance(15_000);
    await stack.idle();
    assert.deepEqual(counted(), ['Accepted']);
    const lines = stack
      .fn('sms-queue')
      .logs()
      .filter(({ message }) => message === 'sms');
    assert.deepEqual(
      lines.map(({ outcome }) => outcome),
      ['failed', 'failed', 'accepted'],
      'each has its line',
    );
  });

  it('that wait for a limit are refused nowhere but in the log', async () => {
    await put('79050000001');
    await stack.idle();
    assert.ok(!counted().some((name) => name.startsWith('Refused')));
  });

  it('that no other one follows count as before', async () => {
    stack.gate.faults.order({ fault: 'status_rejected' });
    await put('79050000002');
    await stack.idle();
    assert.ok(counted().includes('Failed rejected'));
  });
});
