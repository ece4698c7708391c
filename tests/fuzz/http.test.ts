import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { newDeliveryId, reportToken } from '../../lib/delivery/delivery-id.ts';
import { LOCAL_HASH_KEY } from '../../local/parameter-store.ts';
import { DIRECT_SECRET, startDeliveryStack } from '../support/delivery-stack.ts';
import { httpEvent } from '../support/http-event.ts';
import { CONNECTOR, LOGTO_SECRET } from '../support/stack.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 60);

/** The functions that anybody can reach, with what stands before the last part of their paths, and its name. */
const FUNCTIONS = [
  ['sms-hook', '/sms/', 'platform'],
  ['delivery-report', '/reports/', 'token'],
  ['message-status', '/messages/', 'id'],
] as const;

const now = Date.now();
const id = newDeliveryId(now);
/** A token that has the right form and age, and another signature. */
const unsigned = reportToken('a key of another stage, 32 and more', id);

/** Single characters of one to four bytes, halves of pairs, what ends lines, names and paths, and what looks like ASCII. */
const character = fc.oneof(
  fc.constantFrom(...'A-é€\ud800😀\udc00\0\n/%?#\u2028ſ\u212a٤'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const characters = (length: number) => fc.array(character, { maxLength: length }).map((all) => all.join(''));
/** As long as an id or a token, with the beginning of a real one. */
const nearlyToken = fc
  .tuple(
    fc.constantFrom('', id.slice(0, 8), id, unsigned.slice(0, 43)),
    characters(44),
    fc.constantFrom(22, 44),
  )
  .map(([start, rest, length]) => (start + rest).padEnd(length, 'A').slice(0, length));
const segment = fc.oneof(
  nearlyToken,
  characters(10),
  fc.constantFrom(unsigned, id, `${unsigned}\n`, `${unsigned}/`, 'x'.repeat(10_000)),
  fc.constantFrom('logto', 'direct', 'LOGTO', 'logto\n', 'logto/', ' logto', 'lоgto', 'logto\0', '%6Cogto'),
  fc.constantFrom('__proto__', 'constructor', 'toString', '%00', '%zz', '%', '..', '../sms/logto', ''),
);
const anyText = fc.oneof(segment, fc.json({ maxDepth: 2 }), fc.constant('[['.repeat(20_000)));
/** What API Gateway sends where nothing came: serverless-offline has null there. */
const absent = fc.constantFrom(undefined, null);
const query = fc.dictionary(fc.oneof(segment, fc.constantFrom('id', 'status')), anyText);
/** What resembles a caller's secret, and any other value. */
const authorization = fc.oneof(
  fc.constantFrom('', 'Bearer', `${LOGTO_SECRET}é`, `${LOGTO_SECRET}\n`, LOGTO_SECRET.toLowerCase()),
  anyText,
);
const headers = fc
  .tuple(fc.dictionary(fc.oneof(segment, fc.constant('idempotency-key')), anyText), authorization)
  .map(([other, secret]) => ({ ...other, authorization: secret }));
const method = fc.oneof(fc.constantFrom('GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'constructor'), anyText);

const stack = await startDeliveryStack({ functions: ['sms-hook', 'delivery-report', 'message-status'] });
after(() => stack.close());

describe('what anybody can reach, under fuzz', () => {
  before(async () => {
    // Each has read its configuration: what is called after this is called because of a stranger.
    for (const [name, path] of FUNCTIONS) {
      await fetch(`${stack.fn(name).url}${path}${unsigned}`, { method: 'POST' });
    }
    stack.parameters.calls.length = 0;
    stack.table.calls.length = 0;
  });
  afterEach(() => {
    assert.deepEqual([...stack.parameters.calls], [], 'calls to Parameter Store');
    assert.deepEqual([...stack.table.calls], [], 'calls to the table');
    assert.deepEqual(stack.account.messages(), []);
    const output = stack.output();
    assert.doesNotMatch(output, /unexpected error/);
    for (const secret of SECRETS) assert.ok(!output.includes(secret));
  });

  const SECRETS = [LOGTO_SECRET, DIRECT_SECRET, CONNECTOR.apiKey, LOCAL_HASH_KEY, unsigned].map((secret) =>
    secret.replace('Bearer ', ''),
  );

  /** No error of ours, and nothing that the caller did not know. */
  function judge(statusCode: number, answer: string): void {
    assert.ok(statusCode >= 200 && statusCode < 500, `${statusCode} ${answer}`);
    for (const secret of SECRETS) assert.ok(!answer.includes(secret), answer);
  }

  for (const [name, prefix, parameter] of FUNCTIONS) {
    it(`${name} takes any path, method, header, query and body`, async () => {
      const event: fc.Arbitrary<unknown> = fc
        .record({
          last: segment,
          parameters: fc.boolean(),
          method,
          headers,
          query: fc.oneof(query, absent),
          body: fc.oneof(anyText, absent),
          isBase64Encoded: fc.boolean(),
        })
        .map(({ last, parameters, query: queryStringParameters, body, isBase64Encoded, ...parts }) => ({
          ...httpEvent({
            ...parts,
            path: prefix + last,
            pathParameters: parameters ? { [parameter]: last } : undefined,
          }),
          queryStringParameters,
          body,
          isBase64Encoded,
        }));
      const example = (last: string) =>
        httpEvent({ path: prefix + last, pathParameters: { [parameter]: last }, body: 'id=1&status=1' });
      await fc.assert(
        fc.asyncProperty(event, async (odd) => {
          const { statusCode, headers: answered, body } = await stack.fn(name).invoke(odd);
          judge(statusCode, JSON.stringify(answered) + body);
        }),
        {
          numRuns,
          examples: [
            [example('é'.repeat(22) + 'A'.repeat(22))],
            [example(id.slice(0, 8) + '€'.repeat(14) + 'A'.repeat(22))],
          ],
        },
      );
    });
  }
});

/** Anything that a person, a platform or an attacker might put into a field. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom('a-'.repeat(25_000), ' '.repeat(50_000), '😀'.repeat(50), '{{code}}', '+79031234567'),
  fc.constantFrom('__proto__', 'constructor', '\u0000', '\ud800', 1e308, -0),
);
const number = fc.oneof(
  fc.constantFrom('79031234567', '+79031234567', '8 (903) 123-45-67', '74951234567', '112'),
  fc.stringMatching(/^[+()\d\s.-]{0,30}$/),
  anything,
);
const optional = { requiredKeys: [] as never[] };
const code = fc.oneof(fc.constant('482913'), fc.string(), anything);
const payload = fc.record({ code, locale: anything, uiLocales: anything, link: anything }, optional);
const type = fc.oneof(fc.constantFrom('SignIn', 'Register', 'Generic', 'Test', 'constructor'), anything);
const logtoBody = fc.record(
  { to: number, type, payload: fc.oneof(payload, anything), ip: anything },
  optional,
);

it("sms-hook takes anything in the form of Logto's body, and sends exactly when it says so", async () => {
  const authorized = httpEvent({ headers: { authorization: LOGTO_SECRET } });
  const statuses = new Set<number>();
  const ids = new Set<unknown>();
  await fc.assert(
    fc.asyncProperty(logtoBody, async (content) => {
      const before = stack.account.messages().length;
      const event = { ...authorized, body: JSON.stringify(content) };
      const { statusCode, headers: answered, body } = await stack.fn('sms-hook').invoke(event);
      const { messageId, ...error } = JSON.parse(body) as Record<string, unknown>;
      statuses.add(statusCode);
      assert.ok([200, 400, 403, 413].includes(statusCode), body);
      const sent = stack.account.messages().slice(0, stack.account.messages().length - before);
      const isNew = statusCode === 200 && !ids.has(messageId);
      assert.deepEqual(
        sent.map(({ id: newest }) => String(newest)),
        isNew ? [messageId] : [],
      );
      ids.add(messageId);
      if (statusCode === 200) return;
      assert.deepEqual([typeof error['code'], typeof error['message']], ['string', 'string']);
      assert.equal(error['requestId'], answered['X-Request-Id']);
    }),
    { numRuns: numRuns * 3, examples: [[{ to: '79031234567', payload: { code: '482913' } }]] },
  );
  assert.ok(statuses.has(200) && statuses.has(400));
});
