import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { escapeBraces } from '../../../lib/config/parameters.ts';
import { httpEvent } from '../../support/http-event.ts';
import { CONNECTOR, LOGTO_SECRET, startStack } from '../../support/stack.ts';

const BODY = JSON.stringify({ to: '79031234567', type: 'SignIn', payload: { code: '482913' } });
const SIGN_IN = 'Код для входа: 482913. Никому его не сообщайте.';
const FUSIONAUTH_SECRET = 'Bearer secret-of-fusionauth-0123456789';

const templates = [
  ...CONNECTOR.templates,
  { usageType: 'Named', content: 'Код: {{code}}, {{user.name}}' },
  { usageType: 'Invitation', content: 'Код: {{code}} {{link}}', links: true },
  { usageType: 'Telegram', content: 'Код: {{code}}', channel: 'telegram' },
];

const stack = await startStack({
  gates: 3,
  environment: { SMSAERO_PLATFORM_TEXT: 'okta, fusionauth', SMSAERO_TELEGRAM: 'off' },
  prepare: (parameters) => {
    parameters.put('/smsaero/test/templates', escapeBraces(JSON.stringify(templates)));
    parameters.put('/smsaero/test/platforms/fusionauth', FUSIONAUTH_SECRET, 'SecureString');
  },
});
after(() => stack.close());

describe('sms-hook', () => {
  beforeEach(() => {
    stack.account.ledger.length = 0;
    for (const gate of stack.gates) gate.faults.clear();
  });
  it('sends by the next gate where a filter answers at the first, and logs both', async () => {
    stack.gates[0]?.faults.order({ fault: 'block_page' });
    assert.equal((await stack.logto()).statusCode, 200);
    const { answer, skipped } = stack.hook.logs('sms').at(-1) ?? {};
    assert.deepEqual([answer, skipped], [200, [{ gate: '127.0.0.1', cause: 'HTTP_403' }]]);
  });

  const authorized = { headers: { authorization: LOGTO_SECRET }, body: BODY };
  for (const [what, parts] of [
    ['an HTTP API behind a stage', { path: '/dev/sms/logto', pathParameters: { platform: 'logto' } }],
    ['a Function URL', { body: Buffer.from(BODY), pathParameters: undefined }],
  ] as const) {
    it(`takes a request of ${what}`, async () => {
      const reply = await stack.hook.invoke(httpEvent({ ...authorized, ...parts }));
      assert.equal(reply.statusCode, 200, reply.body);
      assert.equal(stack.account.messages()[0]?.text, SIGN_IN);
      assert.match(reply.headers['Content-Type'] ?? '', /^application\/json/);
      assert.equal(reply.headers['Cache-Control'], 'no-store');
    });
  }

  // Authorization, fields, sizes and encodings: tests/contract/platforms.test.ts, tests/unit/http/request.test.ts.
  for (const [what, statusCode, code, parts] of [
    ['an unknown platform', 404, 'not_found', { ...authorized, path: '/sms/nobody' }],
    ['another path', 404, 'not_found', { ...authorized, path: '/', pathParameters: undefined }],
    ['no authorization and no JSON', 401, 'unauthorized', { body: '{' }],
    ['a body of 64 KiB and a byte from nobody', 413, 'body_too_large', { body: ' '.repeat(64 * 1024 + 1) }],
  ] as const) {
    it(`answers ${what} with ${statusCode} ${code}`, async () => {
      const reply = await stack.hook.invoke(httpEvent(parts));
      const body = JSON.parse(reply.body) as { code: string; requestId: string };
      assert.deepEqual([reply.statusCode, body.code], [statusCode, code]);
      assert.equal(reply.headers['X-Request-Id'], body.requestId);
      assert.equal(reply.headers['Cache-Control'], 'no-store');
      assert.deepEqual(stack.account.ledger, []);
    });
  }

  for (const [order, statusCode, code, retryAfter] of [
    [{ fault: 'no_money' }, 502, 'gateway_refused'],
    [{ fault: 'invalid_number' }, 400, 'invalid_recipient'],
    [{ fault: 'blacklisted' }, 400, 'invalid_recipient'],
    [{ fault: 'block_page' }, 502, 'gateway_refused'],
    [{ fault: 'rate_limited' }, 503, 'gateway_unavailable', '5'],
    [{ fault: 'rate_limited', retryAfter: 17 }, 503, 'gateway_unavailable', '17'],
    [{ fault: 'no_answer' }, 504, 'outcome_unknown'],
  ] as const) {
    it(`answers ${JSON.stringify(order)} of every gate with ${statusCode} ${code}`, async () => {
      for (const gate of stack.gates) gate.faults.order(order);
      const reply = await stack.logto();
      assert.deepEqual([reply.statusCode, JSON.parse(reply.body).code], [statusCode, code]);
      assert.equal(reply.headers['retry-after'], retryAfter);
    });
  }

  // What becomes of values: tests/unit/templates/values.test.ts.
  it('sends what a stranger wrote without links, but where the template says so', async () => {
    const payload = { code: '482913', link: 'https://a.example/?t=1', user: { name: 'https://a.example' } };
    for (const type of ['Named', 'Invitation']) await stack.logto({ type, payload });
    assert.deepEqual(
      stack.account.ledger.map(({ text }) => text),
      ['Код: 482913, ', 'Код: 482913 https://a.example/?t=1'],
    );
  });

  it('sends everything by SMS with SMSAERO_TELEGRAM=off', async () => {
    await stack.logto({ type: 'Telegram' });
    const [{ telegramCode, text } = assert.fail()] = stack.account.ledger;
    assert.deepEqual([telegramCode, text], [undefined, 'Код: 482913']);
  });

  it('sends the text of a platform of SMSAERO_PLATFORM_TEXT as it is, but none of more than 640 characters', async () => {
    const post = (textMessage: string) => {
      const body = JSON.stringify({ phoneNumber: '79031234567', code: '482913', textMessage });
      const headers = { authorization: FUSIONAUTH_SECRET };
      return stack.hook.invoke(httpEvent({ path: '/sms/fusionauth', headers, body }));
    };
    assert.equal((await post('Two Factor Code: 482913')).statusCode, 200);
    assert.equal(stack.account.ledger[0]?.text, 'Two Factor Code: 482913');
    assert.equal(JSON.parse((await post('я'.repeat(641))).body).code, 'text_too_long');
    assert.equal(stack.account.ledger.length, 1);
  });

  it('writes one line a message, with all that an operator needs', async () => {
    const before = stack.hook.logs().length;
    await stack.logto({ to: '+7 903 123-45-67', payload: { code: '482913', locale: 'en' } });
    const [line, ...others] = stack.hook.logs().slice(before);
    assert.deepEqual(others, []);
    const { timestamp, ms, function_request_id } = line ?? {};
    assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT/);
    assert.match(String(function_request_id), /^0000/);
    const times = Object.entries(ms as Record<string, number>).filter(([, value]) => value >= 0);
    const steps = times.map(([step]) => step).sort();
    assert.deepEqual(steps, ['config', 'gateway', 'recipient', 'record', 'template', 'total']);
    assert.partialDeepStrictEqual(line, {
      level: 'INFO',
      message: 'sms',
      service: 'smsaero',
      outcome: 'accepted',
      platform: 'logto',
      usageType: 'SignIn',
      locale: 'en',
      recipient: '+7903•••4567',
      country: 'RU',
      encoding: 'GSM-7',
      segments: 1,
      cost: 4.19,
      messageId: String(stack.account.messages()[0]?.id),
      gate: '127.0.0.1',
      answer: 200,
    });
  });
});
