import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readableCode, readSenderEvent, senderEventSchema } from '../../../lib/cognito/sender-event.ts';
import { ATTRIBUTES, senderEvent, USER_NAME } from '../../support/cognito.ts';

const read = (options: Parameters<typeof senderEvent>[0]) =>
  readSenderEvent(senderEventSchema.parse(senderEvent(options)));

const read0 = (event: unknown) => readSenderEvent(senderEventSchema.parse(event));

describe('readSenderEvent', () => {
  for (const [trigger, usageType] of [
    ['SignUp', 'Register'],
    ['ResendCode', 'Register'],
    ['ForgotPassword', 'ForgotPassword'],
    ['VerifyUserAttribute', 'BindNewIdentifier'],
    ['UpdateUserAttribute', 'BindNewIdentifier'],
    ['Authentication', 'SignIn'],
    ['AdminCreateUser', 'AdminCreateUser'],
    ['AccountTakeOverNotification', 'Generic'],
    ['SomethingNew', 'Generic'],
    ['constructor', 'Generic'],
  ] as const) {
    it(`${trigger} is ${usageType}`, () => {
      assert.equal(read({ triggerSource: `CustomSMSSender_${trigger}` }).usageType, usageType);
    });
  }

  it("takes the locale of the client's metadata, then the user's", () => {
    assert.equal(read({ clientMetadata: { locale: 'en-US' } }).locale, 'en-US');
    assert.equal(read({ clientMetadata: {} }).locale, 'ru');
    assert.equal(read({ attributes: { phone_number: '+79031234567' } }).locale, undefined);
    assert.equal(read({ clientMetadata: { locale: '' } }).locale, 'ru');
    assert.equal(read({ clientMetadata: { locale: 7 as never } }).locale, 'ru');
  });

  it('takes null and absent for the same', () => {
    for (const absent of [null, undefined]) {
      const { recipient, usageType } = read({ code: absent, clientMetadata: absent, attributes: absent });
      assert.deepEqual([recipient, usageType], ['', 'SignIn']);
    }
  });

  it('offers the phone number for a user name that is a UUID', () => {
    assert.equal(read({}).variables['username'], ATTRIBUTES['phone_number']);
    for (const userName of ['anna', `x${USER_NAME}`, `${USER_NAME}x`]) {
      assert.equal(read({ userName }).variables['username'], userName);
    }
    assert.equal(read({ attributes: {} }).variables['username'], USER_NAME);
  });

  it('is not put off by members of another type', () => {
    const event = senderEvent();
    const odd = {
      ...event,
      triggerSource: null,
      request: { ...event.request, clientMetadata: [], userAttributes: 7 },
    };
    assert.deepEqual([read0(odd).usageType, read0(odd).recipient], ['Generic', '']);
  });

  it('refuses an event of another kind', () => {
    const event = senderEvent();
    const email = { ...event, request: { ...event.request, type: 'customEmailSenderRequestV1' } };
    assert.equal(senderEventSchema.safeParse(email).success, false);
    assert.equal(senderEventSchema.safeParse(null).success, false);
  });
});

describe('readableCode', () => {
  const readable = (code: string, trigger = 'AdminCreateUser') =>
    readableCode(senderEventSchema.parse(senderEvent({ triggerSource: `CustomSMSSender_${trigger}` })), code);

  it('unescapes a temporary password, once', () => {
    assert.equal(readable('a&lt;b&gt;c&amp;d&quot;e&#39;f&#x27;g&apos;h'), `a<b>c&d"e'f'g'h`);
    assert.equal(readable('&amp;lt;'), '&lt;');
    assert.equal(readable('&unknown; & &#; &lt'), '&unknown; & &#; &lt');
    assert.equal(readable('&#0;&#xD800;&#x41;'), '&#0;&#xD800;A');
  });

  it('leaves a code alone', () => {
    assert.equal(readable('482913', 'SignUp'), '482913');
    assert.equal(readable('&lt;', 'SignUp'), '&lt;');
  });
});
