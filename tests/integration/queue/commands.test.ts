import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newDeliveryId } from '../../../lib/delivery/delivery-id.ts';
import { keyedHash } from '../../../lib/derived-key.ts';
import { Claims } from '../../../lib/guard/claims.ts';
import { LOCAL_HASH_KEY } from '../../../local/parameter-store.ts';
import { COMMANDS, command, DEAD_LETTERS, startDeliveryStack } from '../../support/delivery-stack.ts';
import { newNumber } from '../../support/stack.ts';

const stack = await startDeliveryStack({ functions: ['sms-queue', 'delivery-events'] });
after(() => stack.close());

describe('commands', () => {
  afterEach(() => {
    stack.gate.faults.clear();
    stack.table.choose = undefined;
  });

  /** Puts messages into the queue, and waits until nothing could be delivered. */
  const put = async (...bodies: unknown[]) => {
    for (const body of bodies) {
      await stack.queues.send(COMMANDS, typeof body === 'string' ? body : JSON.stringify(body));
    }
    await stack.idle();
  };
  const advance = async (ms: number) => {
    await stack.advance(ms);
    await stack.idle();
  };
  const sentTo = (number: string) => stack.account.ledger.filter((entry) => entry.number === number).length;
  const waiting = () => stack.queues.depth(COMMANDS);
  const newestDead = async () => {
    const { body, messageAttributes = {} } = (await stack.queues.peek(DEAD_LETTERS)).at(-1) ?? {};
    return { body, reason: messageAttributes['Reason']?.StringValue };
  };
  /** Events about a command. */
  const told = (id: string) =>
    stack.bus.events.flatMap((event) => {
      const { command: by, reason } = event.detail as { command?: { id: string }; reason?: string };
      return by?.id === id ? [reason ? `${event['detail-type']} ${reason}` : event['detail-type']] : [];
    });
  const soon = (ms: number) => new Date(Date.now() + ms).toISOString();

  it('that come twice are sent once: source and id name them', async () => {
    const to = newNumber();
    const twice = command({}, { to });
    await put(twice, twice);
    await put(twice);
    assert.equal(sentTo(to), 1);
    await put({ ...twice, source: 'https://another.example' });
    assert.equal(sentTo(to), 2, 'another sender may use the same id');
    await put(command({ id: twice.id }, { to, payload: { code: '111111' } }));
    assert.deepEqual([sentTo(to), (await newestDead()).reason], [2, 'idempotency_conflict']);
    assert.equal(await waiting(), 0);
  });

  for (const [reason, data] of [
    ['invalid_recipient', { to: '74951234567' }],
    ['expired', { expiresAt: '2026-01-01T00:00:00Z' }],
    ['blacklisted', {}],
  ] as const) {
    it(`that can never succeed are moved to the dead-letter queue and told of: ${reason}`, async () => {
      const failing = command({}, { to: newNumber(), ...data });
      if (reason === 'blacklisted') stack.account.blacklist.add(String(failing.data.to));
      await put(failing);
      // The guard has 100 ms for a command that has expired. A busy machine may not have them, and it comes back.
      for (let tries = 0; (await waiting()) > 0 && tries < 20; tries += 1) await advance(3_600_000);
      assert.deepEqual(await newestDead(), { body: JSON.stringify(failing), reason });
      assert.deepEqual(told(failing.id), [`SmsFailed ${reason}`]);
      const line = stack.fn('sms-queue').logs('command moved to dead-letter queue').at(-1);
      assert.deepEqual([line?.['reason'], line?.['id']], [reason, failing.id]);
    });
  }

  it('of one batch do not depend on each other, and end once however often they are tried', async () => {
    const [good, bad] = [newNumber(), newNumber()];
    const before = stack.fn('sms-queue').metrics().length;
    let failures = 2;
    stack.gate.faults.choose = ({ number }) =>
      number === bad && failures-- > 0 ? { fault: 'no_money' } : undefined;
    const late = command({}, { to: bad });
    await put(late, 'poison', command({}, { to: good }));
    assert.deepEqual([sentTo(good), sentTo(bad), await waiting()], [1, 1, 1]);
    assert.deepEqual(
      [await newestDead(), told(late.id)],
      [{ body: 'poison', reason: 'invalid_command' }, []],
    );
    await advance(5_000);
    assert.deepEqual([sentTo(bad), await waiting()], [2, 1]);
    await advance(10_000);
    assert.equal(sentTo(bad), 2, 'the second pause is longer');
    await advance(5_000);
    assert.deepEqual([sentTo(bad), await waiting(), told(late.id)], [3, 0, ['SmsAccepted']]);
    // Alarms judge messages by these.
    const counted = stack.fn('sms-queue').metrics().slice(before);
    const outcomes = counted.filter(({ name }) => /^(Accepted|Failed|Refused)/.test(name));
    assert.deepEqual(
      outcomes.map(({ name }) => name),
      ['Accepted', 'Accepted'],
    );
  });

  it('that come again after their end are not told to have failed when they were sent', async () => {
    const to = newNumber();
    const sent = command({}, { to, expiresAt: soon(1_500) });
    await put(sent);
    await sleep(1_600);
    await put(sent);
    assert.deepEqual([sentTo(to), await waiting(), told(sent.id)], [1, 0, ['SmsAccepted']]);
  });

  it('under way in another process are not unknown yet', { timeout: 60_000 }, async () => {
    const to = newNumber();
    const lost = command({}, { to, expiresAt: soon(500) });
    const claims = new Claims(stack.table.open());
    const key = keyedHash(LOCAL_HASH_KEY)('message', 'queue', JSON.stringify([lost.source, lost.id]));
    const deliveryId = newDeliveryId(Date.now());
    const until = Date.now() + 4_000; // the function waits for 3 s
    const claimant = { deliveryId, ttlS: 3_600, fingerprint: '', until, begins: false };
    await claims.claim(key, claimant, Date.now(), AbortSignal.timeout(5_000));
    await put(lost);
    assert.deepEqual([sentTo(to), await waiting(), told(lost.id)], [0, 1, []]);
    while ((await waiting()) > 0) await advance(10_000);
    assert.deepEqual([sentTo(to), told(lost.id)], [0, ['SmsUnknown no_answer']]);
    const [event] = stack.bus.events.filter(({ detail }) => (detail as { id: string }).id === deliveryId);
    assert.equal(event?.['detail-type'], 'SmsUnknown', 'under the name that reports have');
  });

  it('whose record could not be written are recorded later', { timeout: 60_000 }, async () => {
    const to = newNumber();
    const sent = command({}, { to });
    stack.table.choose = (_, { key }) => (key.startsWith('delivery#') ? 'hang' : undefined);
    await put(sent);
    assert.deepEqual([sentTo(to), await waiting(), told(sent.id)], [1, 1, []]);
    stack.table.choose = undefined;
    await advance(10_000);
    assert.deepEqual([sentTo(to), await waiting(), told(sent.id)], [1, 0, ['SmsAccepted']]);
  });

  it('leave no number and no code in a log or an event', () => {
    assert.doesNotMatch(stack.output() + JSON.stringify(stack.bus.events), /482913|7903\d{7}|Никому/);
  });

  it('wait for Parameter Store', async () => {
    stack.parameters.fail('access_denied');
    await stack.restart('sms-queue');
    await put(command());
    const retried = stack.fn('sms-queue').logs('command retried later');
    assert.deepEqual(
      [retried.map(({ reason }) => reason), await waiting()],
      [['configuration_unreadable'], 1],
    );
  });
});
