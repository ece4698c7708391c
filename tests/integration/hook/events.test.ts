import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
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

  // Authorization, fields, sizes and encodings: tests/contract/platforms.test.ts, tests/unit/http/request.test.ts.
  for (const [what, statusCode, code, parts] of [
    ['an unknown platform', 404, 'not_found', { ...authorized, path: '/sms/nobody' }],
    ['another path', 404, 'not_found', { ...authorized, path: '/', pathParameters: undefined }],
    ['GET', 405, 'method_not_allowed', { ...authorized, method: 'GET' }],
    ['no authorization and no JSON', 401, 'unauthorized', { body: '{' }],
    ['a body of 64 KiB and a byte from nobody', 413, 'body_too_large', { body: ' '.repeat(64 * 1024 + 1) }],
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
});

describe('sms-hook: what each outcome is answered with', () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack({ plainHttp: true, gates: 1, environment: { SMSAERO_DEADLINE_MS: '900' } });
  });
  after(() => stack.close());

  for (const [fault, statusCode, code] of [
    ['no_money', 502, 'gateway_refused'],
    ['status_rejected', 502, 'gateway_refused'],
    ['invalid_number', 400, 'invalid_recipient'],
    ['blacklisted', 400, 'invalid_recipient'],
    ['block_page', 502, 'gateway_refused'],
    ['rate_limited', 503, 'gateway_unavailable'],
    ['no_answer', 504, 'outcome_unknown'],
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
});
