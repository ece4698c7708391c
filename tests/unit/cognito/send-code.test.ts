import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSendCode } from '../../../lib/cognito/send-code.ts';
import { senderEventSchema } from '../../../lib/cognito/sender-event.ts';
import type { Outcome } from '../../../lib/message/outcome.ts';
import type { SmsRequest } from '../../../lib/message/sms-request.ts';
import { POOL_ID, type SenderEventOptions, senderEvent } from '../../support/cognito.ts';

const ACCEPTED: Outcome = {
  status: 'accepted',
  messageId: '1',
  cost: 5.5,
  channel: 'sms',
  segments: 1,
  deliveryId: 'a',
};
const DEADLINE = 1_795_447_889_500;

/** Handles an event whose ciphertext decrypts to a code. */
async function handle(
  options: SenderEventOptions & { decrypted?: string; outcome?: Outcome } = {},
): Promise<{ requests: SmsRequest[]; decrypted: string[][]; logged: unknown[][] }> {
  const { decrypted: code = '482913', outcome = ACCEPTED, ...event } = options;
  const [requests, decrypted, logged]: [SmsRequest[], string[][], unknown[][]] = [[], [], []];
  const sendCode = createSendCode({
    decrypt: async (...args) => {
      decrypted.push(args);
      return code;
    },
    sendSms: async (request) => {
      requests.push(request);
      return outcome;
    },
    log: { info: (...args) => logged.push(args), warn: () => undefined, error: () => undefined },
  });
  await sendCode(senderEventSchema.parse(senderEvent({ code: 'ciphertext', ...event })), DEADLINE);
  return { requests, decrypted, logged };
}

describe('the use case of the custom SMS sender', () => {
  it('asks for a message that is known by its ciphertext, and that Lambda tries again', async () => {
    const attributes = { phone_number: '+79031234567', locale: 'ru' };
    const { requests, decrypted } = await handle({ attributes });
    assert.deepEqual(decrypted, [['ciphertext', POOL_ID]]);
    const [{ variables, ...request } = assert.fail('nothing was sent'), ...others] = requests;
    assert.deepEqual(others, []);
    assert.equal(variables['code'], '482913');
    assert.deepEqual(variables['user'], attributes);
    assert.deepEqual(request, {
      platform: 'cognito',
      recipient: '+79031234567',
      usageType: 'SignIn',
      locale: 'ru',
      // SHA-256 of `ciphertext`
      idempotency: { key: 'MFUx3MUOvKMc8dWzHp/HbtUfZrO23VoDDGU5rmUy+Xk=', ttlS: 3_600 },
      retried: true,
      guardRequired: true,
      retriedWithin: 120,
      deadline: DEADLINE,
    });
  });

  it('sends nothing for an event without a code', async () => {
    const { requests, decrypted, logged } = await handle({ code: null });
    assert.deepEqual([requests, decrypted], [[], []]);
    const fields = { platform: 'cognito', triggerSource: 'CustomSMSSender_Authentication' };
    assert.deepEqual(logged, [['no code to send', fields]]);
  });

  it('sends a code of up to 256 characters that people can type, and no other', async () => {
    assert.equal((await handle({ decrypted: 'я'.repeat(256) })).requests.length, 1);
    for (const decrypted of ['', 'я'.repeat(257), '482913\n', '48\u20282913']) {
      await assert.rejects(handle({ decrypted }), {
        name: 'RetryableError',
        message: 'The code is empty, too long, or has characters that nobody can type',
      });
    }
  });

  const refused = (retryAfter?: number): Outcome => ({
    status: 'refused',
    reason: 'rate_exceeded',
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
  for (const [outcome, message] of [
    [{ status: 'failed', reason: 'no_money' }, 'The message was not sent: no_money'],
    [refused(120), 'The message was not sent: rate_exceeded'],
    [refused(121), undefined],
    [refused(), undefined],
    [{ status: 'refused', reason: 'invalid_recipient' }, undefined],
    [{ status: 'failed', reason: 'rejected' }, undefined],
    [{ status: 'unknown', reason: 'no_answer' }, undefined],
  ] as readonly [Outcome, string | undefined][]) {
    it(`${message ? 'throws after' : 'is done after'} ${JSON.stringify(outcome)}`, async () => {
      const handled = handle({ outcome });
      await (message ? assert.rejects(handled, { name: 'RetryableError', message }) : handled);
    });
  }
});
