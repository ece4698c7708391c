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
const earlySent = { ...early, state: 'sent' } as const;
const orphan = { ...earlySent, orphan: true } as const;
const delivered = { ...SENT, state: 'delivered' } as const;
const moderation = { ...SENT, state: 'moderation' } as const;
const atOperator = { ...SENT, state: 'sent' } as const;
const unknown = { ...SENT, state: 'unknown', outcome: 'unknown', reason: 'no_answer' } as const;
const failed = { ...SENT, state: 'failed', outcome: 'failed', reason: 'rejected' } as const;
const types = (before: Delivery | undefined, after: Delivery) =>
  eventsOf(before, after).map(({ type }) => type);

describe('the events of a delivery', () => {
  const rows: readonly [string, Delivery | undefined, Delivery, string[]][] = [
    ['tell that it was accepted', undefined, SENT, ['SmsAccepted']],
    ['tell that it failed', undefined, failed, ['SmsFailed']],
    ['tell that it is not known', undefined, unknown, ['SmsUnknown']],
    ['tell that SMS Aero took it, wherever it was then', undefined, moderation, ['SmsAccepted']],
    ['tell of both where it was the end', undefined, delivered, ['SmsAccepted', 'SmsDelivered']],
    ['tell that it was delivered', SENT, delivered, ['SmsDelivered']],
    ['tell that it was not delivered', SENT, { ...SENT, state: 'undelivered' }, ['SmsUndelivered']],
    ['tell that it was rejected', atOperator, { ...SENT, state: 'rejected' }, ['SmsRejected']],
    ['do not tell of the operator', SENT, atOperator, []],
    ['do not tell of the end again', delivered, { ...delivered, dueAt: 5 }, []],
    ['wait for the send’s record after a report', undefined, early, []],
    ['wait no more when it is there', early, delivered, ['SmsAccepted', 'SmsDelivered']],
    ['do not wait for ever', early, { ...early, orphan: true }, ['SmsAccepted', 'SmsDelivered']],
    ['do not wait for ever on the way', earlySent, orphan, ['SmsAccepted']],
    ['tell of the end after that', orphan, { ...orphan, state: 'delivered' }, ['SmsDelivered']],
    [
      'tell that it was taken and delivered after all',
      unknown,
      { ...unknown, state: 'delivered' },
      ['SmsAccepted', 'SmsDelivered'],
    ],
    ['tell that it was accepted after all', unknown, SENT, ['SmsAccepted']],
    ['tell of its end', { ...unknown, state: 'sent' }, { ...unknown, state: 'delivered' }, ['SmsDelivered']],
    [
      'tell all where the report came before an outcome that is not known',
      early,
      { ...unknown, state: 'delivered' },
      ['SmsUnknown', 'SmsAccepted', 'SmsDelivered'],
    ],
    ['do not tell twice that it was accepted', { ...unknown, state: 'sent' }, atOperator, []],
    // What SMS Aero took and refused in one answer was not accepted.
    ['tell that it was rejected after a refusal', failed, { ...failed, state: 'rejected' }, ['SmsRejected']],
    [
      'tell that it was delivered after a refusal',
      failed,
      { ...failed, state: 'delivered' },
      ['SmsAccepted', 'SmsDelivered'],
    ],
  ];
  for (const [name, before, after, expected] of rows) {
    it(name, () => assert.deepEqual(types(before, after), expected));
  }

  it('say all there is, in the form that is published', () => {
    const [event] = eventsOf(SENT, { ...delivered, changedAt: SENT.changedAt + 5_000 });
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
    assert.equal(eventsOf(undefined, unknown)[0]?.detail.reason, 'no_answer');
    for (const { detail } of eventsOf(unknown, { ...unknown, state: 'delivered' })) {
      assert.equal(detail.reason, undefined);
    }
  });
});
