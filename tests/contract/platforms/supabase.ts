import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import { Webhook } from 'svix';
import { supabase } from '../../../lib/platforms/supabase.ts';
import type { Attempt, Fixture, Sent } from './fixture.ts';

const OLDER = `v1,whsec_${Buffer.from('an older key of 32 bytes, older.').toString('base64')}`;
const NEWER = `v1,whsec_${Buffer.from('a newer key of 32 bytes, newer..').toString('base64')}`;

/** generateSignatures in internal/hooks/hookshttp/hookshttp.go: another id in each attempt, signatures with a comma and a space between. */
function headersOf({ body, at }: Attempt, secrets: readonly string[]): Record<string, string> {
  const id = randomUUID();
  const signatures = secrets.map((secret) => new Webhook(secret.slice('v1,'.length)).sign(id, at, body));
  return {
    'Content-Type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': signatures.join(', '),
    'Accept-Encoding': 'identity',
  };
}

export const fixture: Fixture = {
  platform: supabase,
  secrets: [OLDER, NEWER],
  headers: (attempt) => headersOf(attempt, [attempt.secret]),
  signed: true,
  fields: { code: ['sms.otp'], type: 'sms.sms_type' },
  usageTypes: { mfa: 'MfaVerification' },
  tellsAddress: true,
  // runHTTPHook in the same file, and hookserrors.Check: a message in `error` is the answer to the client.
  reaction({ statusCode, headers, body }) {
    if (statusCode === 204) return { does: 'goes on' };
    if (statusCode === 200 || statusCode === 202) {
      assert.match(headers['content-type'] ?? '', /^application\/json(;|$)/);
      const { error } = JSON.parse(body) as { error?: { http_code?: number; message?: string } };
      return error?.message ? { does: 'tells', message: error.message } : { does: 'goes on' };
    }
    if ((statusCode === 429 || statusCode === 503) && headers['retry-after']) return { does: 'retries' };
    assert.fail(`Supabase has no message for ${statusCode}: the person reads of an unexpected status code`);
  },
  // Three attempts in 5 s, at once: only where nothing was sent. A code is stored after a success only, so one that may have been sent must
  // be taken for sent, or it would not work when it arrives.
  right: { refused: 'tells', rateLimit: 'tells', gatewayDown: 'retries', unknown: 'goes on' },
  more({ send, post, message }) {
    it('is known by one of two signatures, as both secrets make them while they are rotated', async () => {
      const body = JSON.stringify(supabase.contract().request(message()));
      const attempt = { body, secret: '', at: new Date(), id: '' };
      const unknown = `v1,whsec_${Buffer.from('a key that the service has not ..').toString('base64')}`;
      for (const secrets of [
        [unknown, NEWER],
        [OLDER, unknown],
      ]) {
        assert.deepEqual((await post(body, headersOf(attempt, secrets))).reaction, { does: 'goes on' });
      }
    });

    it('has a phone change go to the new number, and an old server has other fields', async () => {
      const [first, other] = [message().to, message().to];
      for (const sms of [{ otp: '482913', phone: other }, { otp: '482913' }]) {
        const change = (body: object) => ({
          ...body,
          user: { phone: first, new_phone: other },
          sms,
          metadata: { uuid: randomUUID() },
        });
        const sent = await send({}, change);
        if ('phone' in sms)
          assert.deepEqual(
            sent.sms.map(({ number }) => number),
            [other],
          );
        else assert.deepEqual(sent.reaction.does, 'tells', 'which of the two is not said');
      }
      const old = await send({}, (body) => ({
        ...body,
        metadata: null,
        user: { phone: first },
        sms: { otp: '1234567' },
      }));
      assert.deepEqual(
        old.sms.map(({ number }) => number),
        [first],
        'from a server of before 2025',
      );
    });

    it('has the code of an old server go to nobody while a number waits to be confirmed beside the old one', async () => {
      const [confirmed, unconfirmed] = [message().to, message().to];
      const from = (user: object, sms: object) =>
        send({}, (body) => ({ ...body, user, sms: { otp: '482913', ...sms }, metadata: null }));
      const both = { phone: confirmed, new_phone: unconfirmed };
      const numbersOf = ({ sms }: Sent) => sms.map(({ number }) => number);
      // A sign-in, or the change: nothing tells. Before, codes of sign-ins went to a number that its owner had never confirmed.
      const either = await from(both, {});
      assert.deepEqual([numbersOf(either), either.reaction.does], [[], 'tells']);
      assert.deepEqual(numbersOf(await from(both, { sms_type: 'mfa' })), [confirmed]);
      assert.deepEqual(numbersOf(await from({ new_phone: unconfirmed }, { sms_type: 'mfa' })), []);
      assert.deepEqual(numbersOf(await from({ phone: '', new_phone: unconfirmed }, {})), [unconfirmed]);
    });

    it('has a number that cannot be read replaced by no other one', async () => {
      const { to } = message();
      for (const phone of [79_031_234_567, '7'.repeat(257)]) {
        const { sms } = await send({}, (body) => ({
          ...body,
          user: { phone: to },
          sms: { otp: '482913', phone },
        }));
        assert.deepEqual(sms, []);
      }
    });

    it('tells a person nothing of what only an operator can act on', async () => {
      const { reaction } = await send({}, () => ({ sms: {} }));
      assert.deepEqual(reaction, { does: 'tells', message: 'The message could not be sent.' });
    });
  },
};
