import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Delivery } from '../../../lib/delivery/delivery.ts';
import { deliveryEventSchema, eventsOf } from '../../../lib/delivery/events.ts';

const SENT: Delivery = {
  deliveryId: 'AZq1_first-delivery-12',
  state: 'accepted',
  outcome: 'accepted',
  changedAt: Date.UTC(2026, 10, 24, 12, 0, 1),
  sentAt: Date.UTC(2026, 10, 24, 12),
  messageId: '539820001',
  orphan: false,
  platform: 'queue',
  usageType: 'SignIn',
  country: 'RU',
  senderName: 'SMSAero',
  channel: 'sms',
  segments: 1,
  cost: 4.19,
  command: { source: 'https://shop.example', id: '01J' },
};
const early: Delivery = {
  deliveryId: SENT.deliveryId,
  state: 'delivered',
  changedAt: SENT.changedAt,
  messageId: '539820001',
  orphan: false,
  channel: 'sms',
  platform: '',
};
const types = (before: Delivery | undefined, after: Delivery) =>
  eventsOf(before, after).map(({ type }) => type);

describe('the events of a delivery', () => {
  it('tell how sending ended', () => {
    assert.deepEqual(types(undefined, SENT), ['SmsAccepted']);
    assert.deepEqual(types(undefined, { ...SENT, state: 'failed', outcome: 'failed' }), ['SmsFailed']);
    assert.deepEqual(types(undefined, { ...SENT, state: 'unknown', outcome: 'unknown' }), ['SmsUnknown']);
  });

  it('tell that SMS Aero took it, wherever the message was then; and how it ended, where it had', () => {
    for (const state of ['moderation', 'sent'] as const) {
      assert.deepEqual(types(undefined, { ...SENT, state }), ['SmsAccepted'], state);
      assert.deepEqual(types({ ...SENT, state }, { ...SENT, state: 'delivered' }), ['SmsDelivered'], state);
      assert.deepEqual(types({ ...early, state: 'accepted' }, { ...SENT, state }), ['SmsAccepted'], state);
    }
    assert.deepEqual(types(undefined, { ...SENT, state: 'delivered' }), ['SmsAccepted', 'SmsDelivered']);
  });

  it('tell how it ended at the operator', () => {
    assert.deepEqual(types(SENT, { ...SENT, state: 'delivered' }), ['SmsDelivered']);
    assert.deepEqual(types(SENT, { ...SENT, state: 'undelivered' }), ['SmsUndelivered']);
    assert.deepEqual(types({ ...SENT, state: 'sent' }, { ...SENT, state: 'rejected' }), ['SmsRejected']);
  });

  it('do not tell of steps between, or of changes that are none', () => {
    assert.deepEqual(types(SENT, { ...SENT, state: 'moderation' }), []);
    assert.deepEqual(types(SENT, { ...SENT, state: 'sent' }), []);
    assert.deepEqual(types(SENT, { ...SENT, dueAt: 5 }), []);
    assert.deepEqual(types({ ...SENT, state: 'delivered' }, { ...SENT, state: 'delivered', dueAt: 5 }), []);
  });

  it('wait for the send’s own record where the report came first', () => {
    assert.deepEqual(types(undefined, early), []);
    assert.deepEqual(types(undefined, { ...early, state: 'sent' }), []);
    assert.deepEqual(types(early, { ...SENT, state: 'delivered' }), ['SmsAccepted', 'SmsDelivered']);
    assert.deepEqual(types({ ...early, state: 'sent' }, { ...SENT, state: 'sent' }), ['SmsAccepted']);
  });

  it('do not wait for ever', () => {
    assert.deepEqual(types(early, { ...early, orphan: true }), ['SmsAccepted', 'SmsDelivered']);
    const sent = { ...early, state: 'sent', orphan: true } as const;
    assert.deepEqual(types({ ...sent, orphan: false }, sent), ['SmsAccepted']);
    assert.deepEqual(types(sent, { ...sent, state: 'delivered' }), ['SmsDelivered']);
  });

  it('tell that a message was taken after all', () => {
    const unknown = { ...SENT, state: 'unknown', outcome: 'unknown', reason: 'no_answer' } as const;
    assert.deepEqual(types(unknown, { ...unknown, state: 'sent' }), ['SmsAccepted']);
    assert.deepEqual(types(unknown, { ...unknown, state: 'delivered' }), ['SmsAccepted', 'SmsDelivered']);
    assert.deepEqual(types({ ...unknown, state: 'sent' }, { ...unknown, state: 'delivered' }), [
      'SmsDelivered',
    ]);
    assert.deepEqual(types(early, { ...unknown, state: 'delivered' }), [
      'SmsUnknown',
      'SmsAccepted',
      'SmsDelivered',
    ]);
  });

  it('do not call accepted what SMS Aero took and refused in one answer', () => {
    const refused = { ...SENT, state: 'failed', outcome: 'failed', reason: 'rejected' } as const;
    assert.deepEqual(types(undefined, refused), ['SmsFailed']);
    assert.deepEqual(types(refused, { ...refused, state: 'rejected' }), ['SmsRejected']);
    assert.deepEqual(types(refused, { ...refused, state: 'delivered' }), ['SmsAccepted', 'SmsDelivered']);
  });

  it('say all there is, in the form that is published', () => {
    const [event] = eventsOf(SENT, { ...SENT, state: 'delivered', changedAt: SENT.changedAt + 5_000 });
    assert.deepEqual(JSON.parse(JSON.stringify(event?.detail)), {
      eventId: 'AZq1_first-delivery-12/SmsDelivered',
      id: 'AZq1_first-delivery-12',
      at: '2026-11-24T12:00:06.000Z',
      sentAt: '2026-11-24T12:00:00.000Z',
      messageId: '539820001',
      platform: 'queue',
      usageType: 'SignIn',
      country: 'RU',
      senderName: 'SMSAero',
      channel: 'sms',
      segments: 1,
      cost: 4.19,
      command: { source: 'https://shop.example', id: '01J' },
    });
    for (const { detail } of [event, ...eventsOf(early, { ...early, orphan: true })].filter(
      (one) => one !== undefined,
    )) {
      assert.ok(deliveryEventSchema.safeParse(JSON.parse(JSON.stringify(detail))).success);
    }
  });

  it('say that an SMS took over from Telegram, which is not an event by itself', () => {
    const telegram = { ...SENT, channel: 'telegram', cost: 1 } as const;
    const taken = { ...telegram, channel: 'sms', smsMessageId: '539820002', cost: 5.19 } as const;
    assert.deepEqual(types(telegram, taken), []);
    const [event] = eventsOf(taken, { ...taken, state: 'delivered' });
    const { channel, messageId, smsMessageId, cost } = event?.detail ?? assert.fail('no event');
    assert.deepEqual([channel, messageId, smsMessageId, cost], ['sms', '539820001', '539820002', 5.19]);
  });

  it('say why only where nothing was sent, or it is not known', () => {
    const unknown = { ...SENT, state: 'unknown', outcome: 'unknown', reason: 'no_answer' } as const;
    assert.equal(eventsOf(undefined, unknown)[0]?.detail.reason, 'no_answer');
    for (const { detail } of eventsOf(unknown, { ...unknown, state: 'delivered' })) {
      assert.equal(detail.reason, undefined);
    }
  });
});
