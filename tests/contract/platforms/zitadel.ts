import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { it } from 'node:test';
import { zitadel } from '../../../lib/platforms/zitadel.ts';
import { httpEvent } from '../../support/http-event.ts';
import type { Fixture } from './fixture.ts';

const OLDER = 'an-older-signing-key-0123456789';
const NEWER = 'a-newer-signing-key-0123456789';

export const fixture: Fixture = {
  platform: zitadel,
  secrets: [OLDER, NEWER],
  // ComputeSignatureHeader in pkg/actions/signing.go.
  headers({ body, at, secret }, keys = [secret]) {
    const time = Math.floor(at.getTime() / 1_000);
    const signatures = keys.map((key) => createHmac('sha256', key).update(`${time}.${body}`).digest('hex'));
    return {
      'Content-Type': 'application/json',
      'ZITADEL-Signature': [`t=${time}`, ...signatures.map((signature) => `v1=${signature}`)].join(','),
    };
  },
  signed: true,
  fields: { code: ['args.code', 'args.oTP', 'templateData.text'], type: 'contextInfo.eventType' },
  usageTypes: {
    'user.human.phone.code.added': 'BindNewIdentifier',
    'user.human.password.code.added': 'ForgotPassword',
    'user.human.mfa.otp.sms.code.added': 'MfaVerification',
    'session.otp.sms.challenged': 'MfaVerification',
  },
  // internal/notification/channels/webhook/channel.go: any 2xx is a success; the worker tries again after anything else, and nobody
  // reads the body.
  reaction: ({ statusCode }) =>
    statusCode >= 200 && statusCode < 300 ? { does: 'goes on' } : { does: 'retries' },
  // Nobody waits for an answer. A limit that is reached now may have room when ZITADEL tries again; what may have been sent is over.
  right: { refused: 'retries', rateLimit: 'retries', gatewayDown: 'retries', unknown: 'goes on' },
  more({ send, message }) {
    it('is not known by a header that is broken, or has two times', () => {
      const body = JSON.stringify(zitadel.contract().request(message()));
      const isKnown = (header: string) =>
        zitadel.authenticate(httpEvent({ headers: { 'zitadel-signature': header }, body }), [OLDER, NEWER]);
      const attempt = { body, secret: NEWER, at: new Date(), id: '' };
      const { 'ZITADEL-Signature': good = '' } = fixture.headers(attempt);
      assert.ok(isKnown(good));
      const broken = ['', 't=,v1=', good.replace('v1', 'v0'), good.replace('t=', 't=-')];
      for (const header of [...broken, `t=1,${good}`, `${good},t=1`]) assert.ok(!isKnown(header), header);
    });

    it('reads the code under the name of older versions', async () => {
      const { sms } = await send({ code: '975310' }, (body) => ({ ...body, args: { oTP: '975310' } }));
      assert.equal(sms[0]?.text, 'Ваш код: 975310', 'by the template: the text of the body has it too');
    });
  },
};
