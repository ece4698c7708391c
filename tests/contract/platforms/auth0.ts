import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { runInNewContext } from 'node:vm';
import { auth0 } from '../../../lib/platforms/auth0.ts';
import { httpEvent } from '../../support/http-event.ts';
import { authorization, type Fixture } from './fixture.ts';

const OLDER = 'Bearer an-older-secret-of-auth0-0123';
const NEWER = 'Bearer a-newer-secret-of-auth0-0123';
const KEY = NEWER.slice('Bearer '.length);

/** A token as Auth0's `jsonwebtoken` makes it. */
function tokenOf(claims: object, key = KEY, header: object = { alg: 'HS256', typ: 'JWT' }): string {
  const parts = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  const signature = createHmac('sha256', key).update(parts.join('.')).digest('base64url');
  return [...parts, signature].join('.');
}

/** Whether a request with this header is let in. */
const isKnown = (header: string) =>
  auth0.authenticate(httpEvent({ headers: { authorization: header }, body: '{}' }), [OLDER, NEWER]);

type Handler = (event: object, api: object) => Promise<void>;

/** The Action of the page, in a sandbox with what Node gives it at Auth0: what it posts, and its calls of `api` and the console. */
async function loadAction() {
  const page = await readFile(new URL('../../../docs/platforms/auth0.md', import.meta.url), 'utf8');
  const source = /^ *```js\n(.*?)^ *```/ms.exec(page)?.[1] ?? assert.fail('no Action');
  const calls: string[][] = [];
  const posted: unknown[] = [];
  const note = (name: string) => (reason: unknown) => void calls.push([name, String(reason)]);
  const exports: { onExecuteCustomPhoneProvider?: Handler } = {};
  const console = { log: note('log'), info: note('log'), warn: note('log'), error: note('log') };
  const fetchAndNote = (url: string, init: { body: string }) => {
    posted.push(JSON.parse(init.body));
    return fetch(url, init);
  };
  runInNewContext(source, { exports, fetch: fetchAndNote, AbortSignal, console });
  const handler = exports.onExecuteCustomPhoneProvider ?? assert.fail('exports no handler');
  const api = { notification: { retry: note('retry'), drop: note('drop') } };
  return { calls, posted, run: (event: object) => handler(event, api) };
}

/** An event as the documentation of the trigger has it. */
const eventOf = (url: string, to: string, code?: string) => ({
  client: { client_id: 'client', name: 'Shop', metadata: {} },
  notification: {
    as_text: `Your verification code is: ${code}`,
    as_voice: `Your verification code is: ${code}`,
    ...(code === undefined ? { message_type: 'blocked_account' } : { message_type: 'otp_verify', code }),
    delivery_method: 'text',
    locale: 'ru',
    recipient: `+${to.slice(0, 1)}-${to.slice(1, 4)}-${to.slice(4, 7)}-${to.slice(7)}`,
  },
  request: { ip: '203.0.113.24', method: 'POST', geoip: {} },
  secrets: { SMS_URL: url, SMS_AUTHORIZATION: NEWER },
  tenant: { id: 'shop' },
  transaction: { correlation_id: 'c0ffee' },
  user: { user_id: 'auth0|1', phone_number: `+${to}` },
});

export const fixture: Fixture = {
  platform: auth0,
  secrets: [OLDER, NEWER],
  headers: authorization,
  fields: { code: ['code', 'text'], type: 'action' },
  usageTypes: {
    otp_verify: 'MfaVerification',
    otp_enroll: 'BindMfa',
    change_password: 'ForgotPassword',
    blocked_account: 'Generic',
    'second-factor-authenticator': 'MfaVerification',
    enrollment: 'BindMfa',
  },
  tellsAddress: true,
  // What the Action of docs/platforms/auth0.md does, which is run below. `drop` goes to the tenant's log: the person is told nothing.
  reaction({ statusCode, body }) {
    if (statusCode >= 200 && statusCode < 300) return { does: 'goes on' };
    if (statusCode === 429 || statusCode >= 500) return { does: 'retries' };
    return { does: 'tells', message: (JSON.parse(body) as { message: string }).message };
  },
  // Auth0 runs the Action again over minutes, when a limit may have room. What may have been sent is over; the SMS gateway knows nothing
  // but success and failure, and after a failure the person could not type the code that arrives.
  right: { refused: 'tells', rateLimit: 'retries', gatewayDown: 'retries', unknown: 'goes on' },
  more({ send, post, message, url }) {
    it('takes the Action of its page: one SMS, and a second run sends nothing', async () => {
      const { to, code } = message();
      const { calls, posted, run } = await loadAction();
      const event = eventOf(url(), to, code);
      await run(event);
      await run(event);
      const { recipient } = event.notification;
      const body = { ...auth0.contract().request({ to, code, id: '' }), recipient };
      assert.deepEqual(posted, [body, body], 'what the contract says of it');
      const { reply, sms } = await send({ to, code });
      assert.deepEqual([reply.statusCode, sms.length, calls], [200, 0, []], 'what the Action sent was sent');
    });

    it('has an Action that tells Auth0 of every failure, and never of number, code or secret', async () => {
      const { to, code } = message();
      const { calls, run } = await loadAction();
      const good = eventOf(url(), to, code);
      const unknown = { ...good.secrets, SMS_AUTHORIZATION: OLDER.replace('older', 'unknown') };
      const nowhere = { ...good.secrets, SMS_URL: 'http://127.0.0.1:1/' };
      for (const [event, ...expected] of [
        [{ ...good, secrets: unknown }, ['drop', 'smsaero: status 401, request …']],
        [
          { ...good, notification: { ...good.notification, delivery_method: 'voice' } },
          ['drop', 'smsaero: status 400, request …'],
        ],
        [eventOf(url(), '74951234567', code), ['drop', 'smsaero: status 400, request …']],
        [good],
        [eventOf(url(), to, '111111'), ['retry', 'smsaero: status 429, request …']],
        [{ ...good, secrets: nowhere }, ['retry', 'smsaero: no answer (TypeError)']],
      ] as [object, ...string[][]][]) {
        calls.length = 0;
        await run(event);
        const told = calls.map((call) => call.map((word) => word.replace(/request [\w-]{36}$/, 'request …')));
        assert.deepEqual(told, expected);
      }
    });

    it("reads the body of Auth0's sample, which has no content type of JSON, and of a message without a code", async () => {
      const { to, code } = message();
      const sample = { ...auth0.contract().examples?.['sample'], recipient: `+${to}`, code };
      const response = await fetch(url(), {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}` },
        body: JSON.stringify(sample),
      });
      assert.equal(response.status, 200);
      assert.equal((await send({ to, code: '222222' })).reply.statusCode, 429, 'the sample was sent');
      const { calls, run } = await loadAction();
      const other = message();
      await run(eventOf(url(), other.to));
      assert.deepEqual(calls, []);
      assert.equal((await send(other)).reply.statusCode, 429, 'the text was sent');
    });

    it('is the SMS gateway of an older tenant: a signed token, its text as it is, exactly 200', async () => {
      const { to } = message();
      const recipient = `+7 ${to.slice(1, 4)} ${to.slice(4)}`;
      const body = JSON.stringify({ ...auth0.contract().examples?.['gateway'], recipient });
      const now = Math.floor(Date.now() / 1_000);
      const claims = { sub: 'urn:Auth0', aud: 'urn:smsaero', iat: now };
      const { reply, sms } = await post(body, { Authorization: `Bearer ${tokenOf(claims)}` });
      assert.deepEqual(
        [reply.statusCode, sms.map(({ number, text }) => [number, text])],
        [200, [[to, 'Your verification code is: 482913']]],
      );
      for (const [off, known] of [
        [{ iat: now - 240 }, true],
        [{ iat: now - 3_600, exp: now + 60 }, true],
        [{ iat: now - 360, exp: now - 240 }, true],
        [{ iat: undefined }, true],
        [{ iat: now - 330 }, false],
        [{ iat: now + 330 }, false],
        [{ exp: now - 330 }, false],
        [{ nbf: now + 330 }, false],
        [{ exp: 'never' }, false],
        [{ iat: [now] }, false],
      ] as const) {
        assert.equal(isKnown(`Bearer ${tokenOf({ ...claims, ...off })}`), known, JSON.stringify(off));
      }
    });

    it('is not known by a token of another key or algorithm, or one that was changed', () => {
      const claims = { sub: 'urn:Auth0', iat: Math.floor(Date.now() / 1_000) };
      const good = tokenOf(claims);
      const [header = '', payload = '', signature = ''] = good.split('.');
      const none = Buffer.from('{"alg":"none"}').toString('base64url');
      const later = Buffer.from(JSON.stringify({ ...claims, exp: 9_999_999_999 })).toString('base64url');
      for (const token of [
        tokenOf(claims, 'another-key-0123456789'),
        tokenOf(claims, KEY, { alg: 'none' }),
        tokenOf(claims, KEY, { alg: 'HS512' }),
        tokenOf(claims, KEY, { typ: 'JWT' }),
        tokenOf([claims]),
        `${none}.${payload}.`,
        `${header}.${later}.${signature}`,
        `${header}.${payload}.${signature}A`,
        `${good}.${signature}`,
      ]) {
        assert.ok(!isKnown(`Bearer ${token}`), token);
      }
      assert.ok(!isKnown(good), 'without Bearer');
      assert.ok(isKnown(`Bearer ${good}`));
    });
  },
};
