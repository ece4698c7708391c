import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Reply } from '../support/function.ts';
import { httpEvent } from '../support/http-event.ts';
import { LOGTO_SECRET, type Stack, startStack } from '../support/stack.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) };

const authorized = httpEvent({ headers: { authorization: LOGTO_SECRET } });

/** Anything that a person, a platform or an attacker might put into a field. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom('a-'.repeat(25_000), ' '.repeat(50_000)),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '{{code}}',
    '+79031234567',
    '\u0000',
    '\ud800',
    '😀'.repeat(50),
    1e308,
    -0,
  ),
);
const number = fc.oneof(
  fc.constantFrom('79031234567', '+79031234567', '8 (903) 123-45-67', '74951234567', '112'),
  fc.stringMatching(/^[+()\d\s.-]{0,30}$/),
  anything,
);
const logtoBody = fc.record(
  {
    to: number,
    type: fc.oneof(fc.constantFrom('SignIn', 'Register', 'Generic', 'Test', 'constructor'), anything),
    payload: fc.oneof(
      fc.record(
        {
          code: fc.oneof(fc.constant('482913'), fc.string(), anything),
          locale: anything,
          uiLocales: anything,
          link: anything,
        },
        { requiredKeys: [] },
      ),
      anything,
    ),
    ip: anything,
  },
  { requiredKeys: [] },
);

describe('sms-hook under fuzz', () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack({ plainHttp: true, gates: 1 });
    stack.account.balance = 1e9;
  });
  after(() => stack.close());

  /** A well-formed answer that blames nobody but the caller, and tells the same story as SMS Aero's ledger. */
  async function check(event: unknown): Promise<Reply> {
    const sentBefore = stack.account.messages().length;
    const reply = await stack.hook.invoke(event);
    const body = JSON.parse(reply.body) as Record<string, unknown>;
    assert.ok(
      [200, 400, 401, 403, 404, 405, 413].includes(reply.statusCode),
      `${reply.statusCode} ${reply.body}`,
    );
    assert.equal(reply.headers['Content-Type'], 'application/json; charset=utf-8');
    const sent = stack.account.messages().length - sentBefore;
    assert.equal(sent, reply.statusCode === 200 ? 1 : 0);
    if (reply.statusCode === 200) {
      assert.equal(body['messageId'], String(stack.account.messages()[0]?.id));
    } else {
      assert.deepEqual([typeof body['code'], typeof body['message']], ['string', 'string']);
      assert.equal(body['requestId'], reply.headers['X-Request-Id']);
    }
    return reply;
  }

  it("takes anything in the form of Logto's body, and sends exactly when it says so", async () => {
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(logtoBody, async (body) => {
        const reply = await check({ ...authorized, body: JSON.stringify(body) });
        seen.add(reply.statusCode);
      }),
      { numRuns: RUNS.numRuns * 2, examples: [[{ to: '79031234567', payload: { code: '482913' } }]] },
    );
    assert.ok(seen.has(200) && seen.has(400));
  });
});
