import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { escapeBraces } from '../../../lib/config/parameters.ts';
import { httpEvent } from '../../support/http-event.ts';
import { LOGTO_SECRET, type Stack, startStack } from '../../support/stack.ts';

const BODY = JSON.stringify({ to: '79031234567', type: 'SignIn', payload: { code: '482913' } });

describe('sms-hook: what a request may look like', () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack({ plainHttp: true, gates: 1 });
  });
  after(() => stack.close());

  const authorized = { headers: { authorization: LOGTO_SECRET }, body: BODY };
  for (const [what, parts] of [
    ['an HTTP API', authorized],
    [
      'an HTTP API behind a stage',
      { ...authorized, path: '/dev/sms/logto', pathParameters: { platform: 'logto' } },
    ],
    ['a body as base64', { ...authorized, body: Buffer.from(BODY) }],
    ['a Function URL', { ...authorized, body: Buffer.from(BODY), pathParameters: undefined }],
    ['a byte order mark before the JSON', { ...authorized, body: `\ufeff${BODY}` }],
    ['text/plain', { ...authorized, headers: { ...authorized.headers, 'content-type': 'text/plain' } }],
  ] as const) {
    it(`${what}: sends`, async () => {
      const reply = await stack.hook.invoke(httpEvent(parts));
      assert.equal(reply.statusCode, 200, reply.body);
      assert.equal(stack.account.messages()[0]?.text, 'Код для входа: 482913. Никому его не сообщайте.');
      assert.match(reply.headers['Content-Type'] ?? '', /^application\/json/);
      assert.equal(reply.headers['Cache-Control'], 'no-store');
    });
  }

  const tooLong = ' '.repeat(64 * 1024 + 1);
  for (const [what, statusCode, code, parts] of [
    ['an unknown platform', 404, 'not_found', { ...authorized, path: '/sms/nobody' }],
    ['another path', 404, 'not_found', { ...authorized, path: '/', pathParameters: undefined }],
    ['GET', 405, 'method_not_allowed', { ...authorized, method: 'GET' }],
    ['no authorization', 401, 'unauthorized', { body: BODY }],
    ['no authorization and no JSON', 401, 'unauthorized', { body: '{' }],
    ['no body', 400, 'invalid_request', { ...authorized, body: undefined }],
    [
      'no JSON',
      400,
      'invalid_request',
      { ...authorized, body: '{"to":"79031234567","payload":{"code":"482913"' },
    ],
    [
      'no UTF-8',
      400,
      'invalid_request',
      { ...authorized, body: Buffer.from(BODY.replace('SignIn', '\xff'), 'latin1') },
    ],
    ['a body of 64 KiB and a byte', 413, 'body_too_large', { ...authorized, body: tooLong }],
    [
      'a body of 64 KiB and a byte in base64',
      413,
      'body_too_large',
      { ...authorized, body: Buffer.from(tooLong) },
    ],
    ['a body of 64 KiB and a byte from nobody', 413, 'body_too_large', { body: tooLong }],
    [
      'a Cyrillic body of more than 64 KiB',
      413,
      'body_too_large',
      { ...authorized, body: 'я'.repeat(33 * 1024) },
    ],
  ] as const) {
    it(`${what}: ${statusCode} ${code}`, async () => {
      const sent = stack.account.ledger.length;
      const reply = await stack.hook.invoke(httpEvent(parts));
      const body = JSON.parse(reply.body) as { code: string; requestId: string };
      assert.deepEqual([reply.statusCode, body.code], [statusCode, code]);
      assert.equal(reply.headers['X-Request-Id'], body.requestId);
      assert.equal(reply.headers['Cache-Control'], 'no-store');
      assert.equal(reply.headers['Allow'], statusCode === 405 ? 'POST' : undefined);
      assert.equal(stack.account.ledger.length, sent);
    });
  }

  it('takes a body of 64 KiB', async () => {
    const body = BODY.padEnd(64 * 1024, ' ');
    for (const long of [body, Buffer.from(body)]) {
      assert.equal((await stack.hook.invoke(httpEvent({ ...authorized, body: long }))).statusCode, 200);
    }
  });

  it('names the fields that are wrong, and no values', async () => {
    const body = JSON.stringify({ to: 79031234567, type: ['SignIn'], payload: { code: 482913, locale: 7 } });
    const reply = await stack.hook.invoke(httpEvent({ ...authorized, body }));
    assert.deepEqual(JSON.parse(reply.body).fields, [
      { path: 'to', code: 'invalid_type' },
      { path: 'payload.code', code: 'invalid_type' },
    ]);
    assert.doesNotMatch(reply.body, /7903|4829/);
  });
});

describe('sms-hook: what each outcome is answered with', () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack({ plainHttp: true, gates: 1, environment: { SMSAERO_DEADLINE_MS: '900' } });
  });
  after(() => stack.close());

  for (const [fault, statusCode, code] of [
    ['no_money', 502, 'gateway_refused'],
    ['unauthorized', 502, 'gateway_refused'],
    ['bad_sender_name', 502, 'gateway_refused'],
    ['ip_not_allowed', 502, 'gateway_refused'],
    ['status_rejected', 502, 'gateway_refused'],
    ['invalid_number', 400, 'invalid_recipient'],
    ['blacklisted', 400, 'invalid_recipient'],
    ['block_page', 502, 'gateway_refused'],
    ['cut_refusal', 502, 'gateway_refused'],
    ['rate_limited', 503, 'gateway_unavailable'],
    ['no_answer', 504, 'outcome_unknown'],
    ['reset_after_acceptance', 504, 'outcome_unknown'],
    ['bad_gateway_html', 504, 'outcome_unknown'],
    ['html_200', 504, 'outcome_unknown'],
  ] as const) {
    it(`${fault}: ${statusCode} ${code}`, async () => {
      stack.gates[0]?.faults.order({ fault });
      const reply = await stack.logto();
      assert.deepEqual([reply.statusCode, JSON.parse(reply.body).code], [statusCode, code]);
      assert.equal('retry-after' in reply.headers, statusCode === 503);
    });
  }

  it("passes on SMS Aero's Retry-After", async () => {
    stack.gates[0]?.faults.order({ fault: 'rate_limited', retryAfter: 17 });
    assert.equal((await stack.logto()).headers['retry-after'], '17');
  });

  for (const [to, statusCode, code] of [
    ['74951234567', 400, 'invalid_recipient'],
    ['77011234567', 403, 'country_not_allowed'],
    ['14155552671', 403, 'country_not_allowed'],
  ] as const) {
    it(`${to}: ${statusCode} ${code}`, async () => {
      const sent = stack.account.ledger.length;
      const reply = await stack.logto({ to });
      assert.deepEqual([reply.statusCode, JSON.parse(reply.body).code], [statusCode, code]);
      assert.equal(stack.account.ledger.length, sent);
    });
  }

  it('a text that grows too long: 400 text_too_long', async () => {
    const long = { usageType: 'SignIn', content: `{{code}} {{note}} ${'я'.repeat(600)}` };
    const others = ['Register', 'ForgotPassword', 'Generic'].map((usageType) => ({
      usageType,
      content: '{{code}}',
    }));
    const wordy = await startStack({
      plainHttp: true,
      gates: 1,
      prepare: (parameters) =>
        parameters.put('/smsaero/test/templates', escapeBraces(JSON.stringify([long, ...others]))),
    });
    const reply = await wordy.logto({ payload: { code: '482913', note: 'я'.repeat(64) } });
    await wordy.close();
    assert.deepEqual([reply.statusCode, JSON.parse(reply.body).code], [400, 'text_too_long']);
  });
});

describe('sms-hook with three gates', () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack({ environment: { SMSAERO_DEADLINE_MS: '10000' } });
  });
  after(() => stack.close());
  const lines = () => stack.hook.logs().filter(({ message }) => message === 'sms');

  it('sends by the next one where a filter answers at the first, and begins with that one afterwards', async () => {
    stack.gates[0]?.faults.order({ fault: 'block_page', times: 2 });
    assert.deepEqual([(await stack.logto()).statusCode, (await stack.logto()).statusCode], [200, 200]);
    assert.deepEqual(
      stack.account.ledger.map(({ gate }) => gate),
      ['gate-1', 'gate-2', 'gate-2'],
    );
    assert.deepEqual(
      lines().map(({ outcome, answer, skipped }) => [outcome, answer, skipped]),
      [
        ['accepted', 200, [{ gate: '127.0.0.1', cause: 'HTTP_403' }]],
        ['accepted', 200, undefined],
      ],
    );
  });

  it('waits for handshakes of 800 ms where the deadline allows it', async () => {
    for (const { faults, dropConnections } of stack.gates) {
      dropConnections();
      faults.order({ fault: 'slow_handshake', delayMs: 800 });
    }
    await new Promise((resolve) => setTimeout(resolve, 50)); // until the function has seen its connections end
    assert.equal((await stack.logto()).statusCode, 200);
    assert.equal(lines().at(-1)?.['skipped'], undefined);
  });
});
