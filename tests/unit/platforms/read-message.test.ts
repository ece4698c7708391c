import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HttpError } from '../../../lib/http/errors.ts';
import { auth0 } from '../../../lib/platforms/auth0.ts';
import { fusionauth } from '../../../lib/platforms/fusionauth.ts';
import { assertPlatforms, problemOfSecrets } from '../../../lib/platforms/index.ts';
import { kratos } from '../../../lib/platforms/kratos.ts';
import { okta } from '../../../lib/platforms/okta.ts';
import { type Platform, readMessage } from '../../../lib/platforms/platform.ts';
import { zitadel } from '../../../lib/platforms/zitadel.ts';
import { httpEvent } from '../../support/http-event.ts';

function read(message: { code?: string; text?: string }, textPlatforms: readonly string[] = []) {
  const { code, text } = message;
  const body = JSON.stringify({
    contextInfo: { recipientPhoneNumber: '+79031234567' },
    templateData: { text },
    args: { code },
  });
  const read = readMessage(zitadel, httpEvent({ body }), textPlatforms);
  return [read.variables['code'], read.text];
}

describe('readMessage', () => {
  const both = { code: '482913', text: 'Your code is 482913' };

  it('leaves the text out where there is a code: the template is sent', () => {
    assert.deepEqual(read(both), ['482913', undefined]);
    assert.deepEqual(read(both, ['okta']), ['482913', undefined]);
  });

  it('takes the text of a platform whose text is wanted, but only if there is one', () => {
    assert.deepEqual(read(both, ['okta', 'zitadel']), ['482913', both.text]);
    assert.deepEqual(read({ code: '482913' }, ['zitadel']), ['482913', undefined]);
  });

  it('takes the text of a message without a code', () => {
    assert.deepEqual(read({ text: 'Welcome' }), [undefined, 'Welcome']);
  });

  it('takes a code that is null or empty for none, as serialisers write one that is not there', () => {
    const bodies: readonly [Platform, (code: string | null) => object][] = [
      [auth0, (code) => ({ recipient: '+79031234567', code, text: 'Welcome' })],
      [fusionauth, (code) => ({ phoneNumber: '+79031234567', code, textMessage: 'Welcome' })],
      [kratos, (code) => ({ recipient: '+79031234567', code, body: 'Welcome' })],
      [
        okta,
        (otpCode) => ({
          data: { messageProfile: { phoneNumber: '+79031234567', otpCode, msgTemplate: 'Welcome' } },
        }),
      ],
      [
        zitadel,
        (code) => ({
          contextInfo: { recipientPhoneNumber: '+79031234567' },
          templateData: { text: 'Welcome' },
          args: { code },
        }),
      ],
    ];
    for (const [platform, bodyOf] of bodies) {
      for (const code of ['', null]) {
        const { variables, text } = readMessage(
          platform,
          httpEvent({ body: JSON.stringify(bodyOf(code)) }),
          [],
        );
        assert.deepEqual([variables, text], [{}, 'Welcome'], platform.name);
      }
    }
  });

  it('refuses a code that cannot be sent, and does not send the text with it instead', () => {
    for (const code of ['48\u200b2913', '4\n8', '4'.repeat(101)]) {
      assert.throws(
        () => read({ code, text: `Your code is ${code}` }),
        (error) => error instanceof HttpError && error.fields?.[0]?.path === 'args.code',
      );
    }
  });

  it('takes a text of nothing but blanks for none', () => {
    assert.deepEqual(read({ code: '482913', text: ' \n ' }, ['zitadel']), ['482913', undefined]);
  });

  it('refuses a message with neither, and says what is missing', () => {
    for (const message of [{}, { text: '' }, { text: '.' }]) {
      assert.throws(
        () => read(message),
        (error) => {
          assert.ok(error instanceof HttpError);
          assert.deepEqual(
            [error.code, error.fields],
            ['invalid_request', [{ path: '', code: 'missing_code' }]],
          );
          return true;
        },
      );
    }
  });
});

describe('names and secrets of platforms', () => {
  it('are refused where nobody has them', () => {
    assertPlatforms(['zitadel', 'okta']);
    assert.throws(() => assertPlatforms(['zitadel', 'okat']), /SMSAERO_PLATFORM_TEXT/);
  });

  const key = Buffer.alloc(32, 7).toString('base64');
  for (const [platform, secret, isGood] of [
    ['supabase', `v1,whsec_${key}`, true],
    ['supabase', `whsec_${key}`, false],
    ['supabase', 'Bearer 0123456789abcdef', false],
    ['webhook', `whsec_${key}`, true],
    ['webhook', `v1,whsec_${key}`, true],
    ['webhook', 'whsec_tooshort', false],
    ['webhook', `whsec_${key.replace('=', '!')}`, false],
    ['logto', 'anything at all', true],
    ['nobody', 'anything at all', true],
  ] as const) {
    it(`${platform}: ${secret} is ${isGood ? 'right' : 'wrong'}`, () => {
      const problem = problemOfSecrets(platform, [`v1,whsec_${key}`, secret]);
      assert.equal(problem === undefined, isGood);
      assert.ok(!problem?.includes(secret.slice(-8)), 'shows the secret');
    });
  }
});
