import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Configuration } from '../../../lib/config/configuration.ts';
import { createSendSms, type SendSmsOptions } from '../../../lib/message/send-sms.ts';
import type { SmsRequest } from '../../../lib/message/sms-request.ts';
import type { SendResult } from '../../../lib/smsaero/send-result.ts';
import { CONNECTOR } from '../../support/connector.ts';

const configuration: Configuration = { ...CONNECTOR, hashKey: 'test-hash-key', platforms: {} };
const request: SmsRequest = {
  platform: 'queue',
  recipient: '+79031234567',
  usageType: 'Generic',
  variables: { code: '4829' },
  idempotency: { key: 'a', ttlS: 60 },
  deadline: Date.now() + 60_000,
};

const ACCEPTED = { status: 'accepted', messageId: '1', messageStatus: 'accepted' } as const;

/** A service without a table, and what it gave to the gateway and to the records. */
function service(options: Partial<SendSmsOptions> & { readonly result?: SendResult } = {}) {
  const { result = ACCEPTED, ...others } = options;
  const sent: string[] = [];
  const records: { channel: unknown; reported: boolean }[] = [];
  const sendSms = createSendSms({
    configuration: { get: async () => configuration, renew: async (rejected) => rejected },
    gateway: {
      send: async (_, { text }) => {
        sent.push(text);
        return { result, skipped: [] };
      },
    },
    guard: undefined,
    addressNotices: undefined,
    deliveries: {
      record: async (_, __, { channel }, reported) => records.push({ channel, reported }) > 0,
      pending: async () => undefined,
    },
    reportUrl: undefined,
    countries: ['RU'],
    telegram: true,
    rangeLimits: new Map(),
    log: { info() {}, warn() {}, error() {} },
    metrics: { count() {} },
    ...others,
  });
  return { sendSms, sent, records };
}

describe('sendSms', () => {
  it('without a table does not send what must be guarded: a command may come twice', async () => {
    const { sendSms, sent } = service({ deliveries: undefined });
    const outcome = await sendSms({ ...request, guardRequired: true });
    assert.deepEqual(outcome, { status: 'refused', reason: 'guard_unavailable' });
    assert.deepEqual(sent, []);
  });

  it('does not ask SMS Aero again with a key that stays wrong', async () => {
    const { sendSms, sent } = service({ result: { status: 'failed', reason: 'unauthorized' } });
    assert.equal((await sendSms(request)).status, 'failed');
    assert.equal(sent.length, 1);
  });

  it('records that a message is an SMS: a repeat that would go by Telegram may have written its record first', async () => {
    const { sendSms, records } = service();
    await sendSms(request);
    assert.deepEqual(records, [{ channel: 'sms', reported: false }]);
  });

  for (const channel of ['telegram', 'sms'] as const) {
    it(`records a repeat of a message without a record as the first: ${channel}, whatever the switch says now`, async () => {
      const of = { ...ACCEPTED, deliveryId: 'a', segments: 1, recorded: false, channel } as const;
      const { sendSms, sent, records } = service({
        guard: { ask: async () => ({ verdict: 'duplicate', of }) },
        reportUrl: 'https://api.example/reports',
        telegram: false,
      });
      assert.equal((await sendSms(request)).status, 'duplicate');
      assert.deepEqual(sent, []);
      assert.deepEqual(records, [{ channel, reported: channel === 'sms' }], 'only an SMS is reported on');
    });
  }
});
