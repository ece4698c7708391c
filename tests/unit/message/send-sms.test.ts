import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Configuration } from '../../../lib/config/configuration.ts';
import { createSendSms } from '../../../lib/message/send-sms.ts';
import type { SmsRequest } from '../../../lib/message/sms-request.ts';

const configuration: Configuration = {
  email: 'owner@my-shop.ru',
  apiKey: 'key',
  senderName: 'SMSAero',
  hashKey: 'test-hash-key',
  platforms: {},
  templates: [{ usageType: 'Generic', content: 'Код {{code}}' }],
};
const request: SmsRequest = {
  platform: 'queue',
  recipient: '+79031234567',
  usageType: 'Generic',
  variables: { code: '4829' },
  idempotency: { key: 'a', ttlS: 60 },
  deadline: Date.now() + 60_000,
};

/** A service without a table, and how many messages it gave to the gateway. */
function withoutTable() {
  let sent = 0;
  const sendSms = createSendSms({
    configuration: { get: async () => configuration, renew: async (rejected) => rejected },
    gateway: {
      send: async () => {
        sent += 1;
        return { result: { status: 'accepted', messageId: '1', messageStatus: 'accepted' }, skipped: [] };
      },
    },
    guard: undefined,
    addressNotices: undefined,
    deliveries: undefined,
    reportUrl: undefined,
    countries: ['RU'],
    telegram: true,
    rangeLimits: new Map(),
    log: { info() {}, warn() {}, error() {} },
    metrics: { count() {} },
  });
  return { sendSms, sent: () => sent };
}

describe('sendSms without a table', () => {
  it('sends what may go out unguarded', async () => {
    const { sendSms, sent } = withoutTable();
    assert.equal((await sendSms(request)).status, 'accepted');
    assert.equal(sent(), 1);
  });

  it('does not send what must be guarded: a command may come twice', async () => {
    const { sendSms, sent } = withoutTable();
    const outcome = await sendSms({ ...request, guardRequired: true });
    assert.deepEqual(outcome, { status: 'refused', reason: 'guard_unavailable' });
    assert.equal(sent(), 0);
  });
});

describe('sendSms: the record', () => {
  it('says that a message is an SMS: a repeat that would go by Telegram may have written its record first', async () => {
    const recorded: unknown[] = [];
    const sendSms = createSendSms({
      configuration: { get: async () => configuration, renew: async (rejected) => rejected },
      gateway: { send: async () => ({ result: { status: 'accepted', messageId: '1' }, skipped: [] }) },
      guard: undefined,
      addressNotices: undefined,
      deliveries: {
        record: async (...[, , { channel }]) => recorded.push(channel) > 0,
        pending: async () => undefined,
      },
      reportUrl: undefined,
      countries: ['RU'],
      telegram: true,
      rangeLimits: new Map(),
      log: { info() {}, warn() {}, error() {} },
      metrics: { count() {} },
    });
    await sendSms(request);
    assert.deepEqual(recorded, ['sms']);
  });
});

describe('sendSms: a repeat of a message without a record', () => {
  it('is recorded with the channel of the first, whatever the switch says now', async () => {
    const first = {
      status: 'accepted',
      messageId: '1',
      deliveryId: 'a',
      segments: 1,
      recorded: false,
    } as const;
    for (const channel of ['telegram', 'sms'] as const) {
      const recorded: unknown[] = [];
      const sendSms = createSendSms({
        configuration: { get: async () => configuration, renew: async (rejected) => rejected },
        gateway: { send: () => assert.fail('a repeat sends nothing') },
        guard: { ask: async () => ({ verdict: 'duplicate', of: { ...first, channel } }) },
        addressNotices: undefined,
        deliveries: {
          record: async (...[, , details, reported]) => recorded.push(details.channel, reported) > 0,
          pending: async () => undefined,
        },
        reportUrl: 'https://api.example/reports',
        countries: ['RU'],
        telegram: false,
        rangeLimits: new Map(),
        log: { info() {}, warn() {}, error() {} },
        metrics: { count() {} },
      });
      assert.equal((await sendSms(request)).status, 'duplicate');
      assert.deepEqual(recorded, [channel, channel === 'sms'], 'only an SMS is reported on');
    }
  });
});
