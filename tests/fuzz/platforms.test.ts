import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ERRORS, HttpError } from '../../lib/http/errors.ts';
import { PLATFORMS } from '../../lib/platforms/index.ts';
import { type Platform, readMessage } from '../../lib/platforms/platform.ts';
import { newMessage, setAt } from '../contract/platforms/fixture.ts';
import { httpEvent } from '../support/http-event.ts';

const RUNS = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
/** Anything that a person, a platform or an attacker might put into a field. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<fc.JsonValue>('__proto__', 'constructor', '+79031234567', '\u0000', '\ud800', ''),
  fc.constantFrom<fc.JsonValue>(null, 'a-'.repeat(20_000), 1e308, -0),
);

/** The dotted paths of all fields of a body, inner ones too. */
const pathsOf = (body: object): string[] =>
  Object.entries(body).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null
      ? [name, ...pathsOf(value).map((path) => `${name}.${path}`)]
      : [name],
  );

/** A body that is read, or refused as the caller's fault: nothing else can happen. */
function read(platform: Platform, body: string | Uint8Array): void {
  const event = httpEvent({ path: `/sms/${platform.name}`, body });
  try {
    const message = readMessage(platform, event, []);
    const { recipient, usageType, variables, text, clientAddress, idempotency } = message;
    assert.deepEqual([typeof recipient, typeof usageType], ['string', 'string']);
    assert.ok(recipient.length > 0 && recipient.length <= 256);
    for (const optional of [variables['code'], text, clientAddress, idempotency?.key]) {
      assert.ok(optional === undefined || typeof optional === 'string');
    }
    assert.ok(variables['code'] ?? text, 'neither a code nor a text');
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    assert.equal(ERRORS[error.code].statusCode, 400, error.code);
  }
}

for (const platform of PLATFORMS) {
  const { request, secret } = platform.contract();
  const sample = request(newMessage());

  describe(`${platform.name} under fuzz`, () => {
    it('takes any bytes and any JSON', () => {
      fc.assert(
        fc.property(fc.oneof(fc.uint8Array({ maxLength: 500 }), fc.json({ maxDepth: 5 })), (body) => {
          read(platform, body);
        }),
        RUNS,
      );
    });

    it('takes anything in any of its fields', () => {
      const changes = fc.array(fc.tuple(fc.constantFrom(...pathsOf(sample)), anything), {
        minLength: 1,
        maxLength: 4,
      });
      fc.assert(
        fc.property(changes, (all) => {
          const body = all.reduce<object>((whole, [path, value]) => setAt(whole, path, value), sample);
          read(platform, JSON.stringify(body));
        }),
        { numRuns: RUNS.numRuns * 2 },
      );
    });

    it('is known by no header that is made up, whatever its secrets are', () => {
      const proof = fc.oneof(
        fc.string(),
        fc.stringMatching(/^(t=\d{0,12},?)?(v1[=,][0-9a-zA-Z+/=]{0,64}[ ,]*){0,4}$/),
        fc.stringMatching(/^(Bearer|Basic|v1) .{0,40}$/),
      );
      const names = [secret.header, 'webhook-id', 'webhook-timestamp', 'authorization'].map((name) =>
        name.toLowerCase(),
      );
      const headers = fc.dictionary(fc.constantFrom(...names), proof);
      const secrets = fc.array(fc.oneof(fc.string(), fc.constant(secret.local)), { maxLength: 3 });
      fc.assert(
        fc.property(headers, secrets, fc.string(), (given, known, body) => {
          const isAuthorized = platform.authenticate(httpEvent({ headers: given, body }), known);
          const sent = given[secret.header.toLowerCase()] ?? '';
          assert.ok(!isAuthorized || (secret.header === 'Authorization' && known.includes(sent)));
        }),
        RUNS,
      );
    });
  });
}
