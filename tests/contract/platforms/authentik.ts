import assert from 'node:assert/strict';
import { it } from 'node:test';
import { authentik } from '../../../lib/platforms/authentik.ts';
import type { Attempt, Fixture } from './fixture.ts';

/** What the stage's fields make of requests' `auth=(user, password)`, and of its own `Bearer {auth}`. */
const BASIC = `Basic ${btoa('smsaero:an-older-password-0123')}`;
const BEARER = 'Bearer token-of-authentik-0123456789';

const headers = ({ secret }: Attempt) => ({
  Authorization: secret,
  'Content-Type': 'application/json',
  'User-Agent': 'goauthentik.io/2026.8.0 python-requests/2.32',
});

export const fixture: Fixture = {
  platform: authentik,
  secrets: [BASIC, BEARER],
  headers,
  fields: { code: ['Body'], type: 'Type' },
  usageTypes: { MfaVerification: 'MfaVerification', BindMfa: 'BindMfa' },
  tellsAddress: true,
  // send_generic in authentik/stages/authenticator_sms/models.py (goauthentik/authentik at 048be7dc): raise_for_status, and for 400 and
  // more `ValidationError(response.text)`, which the flow shows.
  reaction: ({ statusCode, body }) =>
    statusCode < 400 ? { does: 'goes on' } : { does: 'tells', message: JSON.parse(body) as string },
  // A person waits at the page, and authentik repeats nothing. Who asks again while setting up a phone has the same code: an unknown
  // outcome that is told as an error would be answered to that forever, and the code that arrives could not be typed.
  right: { refused: 'tells', rateLimit: 'tells', gatewayDown: 'tells', unknown: 'goes on' },
  more({ post, send, message }) {
    it('has the person read one sentence, and nothing but that', async () => {
      const { reaction, reply } = await send({ to: '74951234567' });
      assert.deepEqual(reaction, {
        does: 'tells',
        message: 'This phone number cannot receive messages.',
      });
      assert.equal(reply.body, '"This phone number cannot receive messages."');
    });

    it('is understood without a mapping, also as it was before there was a Message', async () => {
      for (const rest of [{ Message: 'Use this code to authenticate in authentik: 482913' }, {}]) {
        const { to } = message();
        const body = JSON.stringify({ From: '', To: `+${to}`, Body: '482913', ...rest });
        const { sms } = await post(body, headers({ body, secret: BEARER, at: new Date(), id: '' }));
        const messages = sms.map(({ number, text }) => [number, text]);
        assert.deepEqual(messages, [[to, 'Ваш код: 482913']]);
      }
    });
  },
};
