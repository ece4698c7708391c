import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { dueDeliveries } from '../../../lib/delivery/check-deliveries.ts';
import type { Delivery, DeliveryState } from '../../../lib/delivery/delivery.ts';
import { SHARDS } from '../../../lib/delivery/due.ts';
import type { Sent } from '../../../lib/delivery/transitions.ts';
import { between, chance } from '../../support/random.ts';
import { acceptedSend, startRecords } from '../../support/records.ts';

const stand = await startRecords();
after(() => stand.close());

describe('the record of a delivery', () => {
  afterEach(() => {
    stand.standIn.choose = undefined;
  });

  const now = Date.now();
  const report = (sent: Sent, state: DeliveryState, messageId = sent.messageId ?? '539820001') =>
    stand.records.reported({ deliveryId: sent.deliveryId, messageId, state, at: now + 2_000 }, now + 2_000);
  const get = async ({ deliveryId }: Sent): Promise<Delivery> =>
    (await stand.records.get(deliveryId)) ?? assert.fail('no record');
  const due = async () =>
    (
      await Promise.all(SHARDS.map((shard) => dueDeliveries(stand.table, shard, now + 7 * 86_400_000)))
    ).flat();
  const isDue = async ({ deliveryId }: Sent) => (await due()).includes(deliveryId);

  it('holds what is known when SMS Aero took the message, and ends in 30 days', async () => {
    const sent = acceptedSend({
      details: { ...acceptedSend().details, command: { source: 'https://shop.example', id: '01J' } },
    });
    await stand.records.sent(sent, now);
    const { dueAt, sentAt, ...rest } = await get(sent);
    assert.deepEqual(rest, {
      deliveryId: sent.deliveryId,
      state: 'accepted',
      outcome: 'accepted',
      changedAt: now,
      messageId: '539820001',
      smsMessageId: undefined,
      orphan: false,
      platform: 'logto',
      usageType: 'SignIn',
      country: 'RU',
      senderName: 'SMSAero',
      channel: 'sms',
      segments: 1,
      cost: 4.19,
      reason: undefined,
      command: { source: 'https://shop.example', id: '01J' },
    });
    assert.equal(dueAt, now + 600_000);
    assert.ok(sentAt !== undefined && Math.abs(sentAt - now) < 60_000);
    const item = await stand.table.get(`delivery#${sent.deliveryId}`);
    assert.equal(Number(item?.['expiresAt']?.N), Math.ceil(sentAt / 1000) + 30 * 86_400);
    assert.ok(await isDue(sent));
  });

  it('is written once although the answer of the write was lost', async () => {
    const sent = acceptedSend();
    let calls = 0;
    stand.standIn.choose = () => {
      calls += 1;
      return calls % 2 === 1 ? 'lost_answer' : undefined;
    };
    await stand.records.sent(sent, now);
    assert.equal(await report(sent, 'delivered'), 'known', 'the repeat of the write found it done');
    stand.standIn.choose = undefined;
    assert.equal((await get(sent)).state, 'delivered');
    assert.deepEqual(stand.events(sent.deliveryId), ['SmsAccepted', 'SmsDelivered']);
  });

  it('is right in whatever order and however often everything comes', async () => {
    const seed = Math.floor(Math.random() * 1e6);
    const ends = ['delivered', 'undelivered', 'rejected'] as const;
    const all = await Promise.all(
      Array.from({ length: 12 }, async (_, number) => {
        const answered = [undefined, 'accepted', 'moderation', 'sent'] as const;
        const sent = acceptedSend({
          messageId: String(600_000_000 + number),
          state: answered[between(chance(seed, 'answered', number), 0, 3)],
        });
        const end = ends[between(chance(seed, 'end', number), 0, 2)] ?? 'delivered';
        const states: DeliveryState[] = ['accepted', 'moderation', 'sent', end, end, 'sent'];
        const writes = [
          () => stand.records.sent(sent, now),
          ...states.map((state) => () => report(sent, state)),
        ];
        const shuffled = writes
          .map((write, index) => ({ write, roll: chance(seed, 'order', number, index) }))
          .sort((a, b) => a.roll - b.roll);
        await Promise.all(shuffled.map(({ write }) => write()));
        // A foreign report before everything else would claim the record until the send's own one comes.
        await report(sent, 'delivered', '1');
        return { sent, end };
      }),
    );
    const left = await due();
    for (const { sent, end } of all) {
      const hint = `seed ${seed}, ${sent.messageId}`;
      const { state, platform, messageId } = await get(sent);
      assert.deepEqual([state, platform, messageId], [end, 'logto', sent.messageId], hint);
      const last = { delivered: 'SmsDelivered', undelivered: 'SmsUndelivered', rejected: 'SmsRejected' }[end];
      assert.deepEqual(stand.events(sent.deliveryId), ['SmsAccepted', last], hint);
      assert.ok(!left.includes(sent.deliveryId), hint);
    }
  });
});
