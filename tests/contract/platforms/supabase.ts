import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import { Webhook } from 'svix';
import { supabase } from '../../../lib/platforms/supabase.ts';
import type { Fixture } from './fixture.ts';

const OLDER = `v1,whsec_${Buffer.from('an older key of 32 bytes, older.').toString('base64')}`;
const NEWER = `v1,whsec_${Buffer.from('a newer key of 32 bytes, newer..').toString('base64')}`;

export const fixture: Fixture = {
  platform: supabase,
  secrets: [OLDER, NEWER],
  // generateSignatures in internal/hooks/hookshttp/hookshttp.go: another id in each attempt, signatures with a comma and a space between.
  headers({ body, at, secret }, secrets = [secret]) {
    const id = randomUUID();
    const signatures = secrets.map((one) => new Webhook(one.slice('v1,'.length)).sign(id, at, body));
    return {
      'Content-Type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': signatures.join(', '),
      'Accept-Encoding': 'identity',
    };
  },
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
  more({ send, message }) {
    it('is sent to the number that is meant; an old server, of before September 2025, names none', async () => {
      const number = () => message().to;
      const [phone, new_phone, other, user] = [number(), number(), number(), { phone: number() }];
      const both = { phone, new_phone };
      for (const [what, whose, sms, expected] of [
        ['a change', both, { phone: new_phone }, new_phone],
        ['a person of an old server', user, {}, user.phone],
        // Codes of sign-ins went to a number that its owner had never confirmed.
        [
          'a sign-in or a change, which an old server does not say',
          { phone: number(), new_phone: number() },
          {},
        ],
        ['a second factor of an old server', both, { sms_type: 'mfa' }, phone],
        ['a second factor at a number that waits', { new_phone: number() }, { sms_type: 'mfa' }],
        ['a new person of an old server', { phone: '', new_phone: other }, {}, other],
        ['a number instead of a text', { phone: number() }, { phone: 79_031_234_567 }],
        ['a number that is too long', { phone: number() }, { phone: '7'.repeat(257) }],
      ] as [string, object, object, string?][]) {
        const change = (body: object) => ({
          ...body,
          user: whose,
          sms: { otp: '482913', ...sms },
          metadata: null,
        });
        const sent = await send({}, change);
        const numbers = sent.sms.map((one) => one.number);
        assert.deepEqual(numbers, expected === undefined ? [] : [expected], what);
        if (expected === undefined) assert.equal(sent.reaction.does, 'tells', what);
      }
    });

    it('tells a person nothing of what only an operator can act on', async () => {
      const { reaction } = await send({}, () => ({ sms: {} }));
      assert.deepEqual(reaction, { does: 'tells', message: 'The message could not be sent.' });
    });
  },
};
