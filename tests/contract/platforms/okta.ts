import assert from 'node:assert/strict';
import { it } from 'node:test';
import { okta } from '../../../lib/platforms/okta.ts';
import { authorization, type Fixture } from './fixture.ts';

interface Answer {
  readonly commands?: readonly {
    readonly type: string;
    readonly value: readonly { readonly status: string }[];
  }[];
  readonly error?: { readonly errorSummary: string };
}

export const fixture: Fixture = {
  platform: okta,
  secrets: ['an-older-secret-of-okta-0123', 'Basic c21zYWVybzpzZWNyZXQtb2Ytb2t0YQ=='],
  headers: (attempt) => ({ 'Content-Type': 'application/json', ...authorization(attempt) }),
  fields: {
    code: ['data.messageProfile.otpCode', 'data.messageProfile.msgTemplate'],
    type: 'requestType',
  },
  usageTypes: {
    'com.okta.user.telephony.pre-enrollment': 'BindMfa',
    'com.okta.user.telephony.mfa-verification': 'MfaVerification',
    'com.okta.user.telephony.password-reset': 'ForgotPassword',
    'com.okta.user.telephony.account-unlock': 'Generic',
  },
  tellsAddress: true,
  // https://developer.okta.com/docs/reference/telephony-hook/: after any status but 200, and after an answer that it cannot read, Okta
  // sends the code itself.
  reaction({ statusCode, body }) {
    assert.equal(statusCode, 200, 'Okta sends the code itself');
    const { commands, error } = JSON.parse(body) as Answer;
    if (error) return { does: 'tells', message: error.errorSummary };
    assert.equal(commands?.[0]?.type, 'com.okta.telephony.action');
    assert.match(commands[0].value[0]?.status ?? '', /^(SUCCESSFUL|PENDING)$/);
    return { does: 'goes on' };
  },
  // An error may make Okta send by itself, so it is only for what was not sent; not for a limit either, which Okta would get around.
  right: { refused: 'tells', rateLimit: 'goes on', gatewayDown: 'tells', unknown: 'goes on' },
  more({ send }) {
    it('asks for no call', async () => {
      const { reaction, sms } = await send({}, (body) => {
        const { data } = body as { data: { messageProfile: object } };
        const messageProfile = { ...data.messageProfile, deliveryChannel: 'CALL' };
        return { ...body, data: { ...data, messageProfile } };
      });
      const message = 'Codes are sent as text messages, not by phone call.';
      assert.deepEqual([reaction, sms], [{ does: 'tells', message }, []]);
    });

    it('is told by PENDING, not SUCCESSFUL, that nothing is certain', async () => {
      const first = await send();
      assert.match(first.reply.body, /"SUCCESSFUL"/);
      const { reply } = await send({ to: first.sms[0]?.number ?? '', code: '111111' });
      assert.match(reply.body, /"PENDING"/);
    });
  },
};
