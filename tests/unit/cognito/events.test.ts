import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { challengeEventSchema } from '../../../lib/cognito/challenge/events.ts';
import { readableCode, readSenderEvent, senderEventSchema } from '../../../lib/cognito/sender-event.ts';
import {
  ATTRIBUTES,
  createEvent,
  defineEvent,
  senderEvent,
  USER_NAME,
  verifyEvent,
} from '../../support/cognito.ts';

const isValid = (event: object) => challengeEventSchema.safeParse(event).success;
const [DEFINE, CREATE, VERIFY] = [defineEvent(), createEvent(), verifyEvent()];
const ALL = [DEFINE, CREATE, VERIFY];

describe('an event of sign-in by code', () => {
  it('is one of three, and keeps what else it has', () => {
    for (const event of [...ALL, verifyEvent({ triggerSource: 'VerifyAuthChallenge_Authentication' })]) {
      const parsed = challengeEventSchema.parse(event);
      assert.equal(parsed.triggerSource, event.triggerSource);
      assert.deepEqual(parsed['response'], event.response);
      assert.ok(isValid({ ...event, userName: null }));
    }
    assert.ok(isValid({ ...CREATE, request: { ...CREATE.request, session: [{ challengeName: 'x' }] } }));
  });

  for (const [events, changes, request] of [
    [ALL, { triggerSource: 'PreSignUp_SignUp' }],
    [ALL, { userPoolId: '' }],
    [ALL, { userName: 7 }],
    [ALL, {}, { userNotFound: 'true' }],
    [[DEFINE, CREATE], {}, { session: [{ challengeName: 7 }] }],
    [[DEFINE, CREATE], {}, { session: [{ challengeName: 'x', challengeMetadata: 7 }] }],
    [[CREATE, VERIFY], {}, { userAttributes: 7 }],
    [[CREATE], {}, { clientMetadata: 7 }],
    [[VERIFY], {}, { privateChallengeParameters: 7 }],
  ] as [(typeof ALL)[number][], object, object?][]) {
    it(`is not one with ${JSON.stringify({ ...changes, ...request })}`, () => {
      for (const event of events) {
        assert.ok(!isValid({ ...event, request: { ...event.request, ...request }, ...changes }));
      }
    });
  }
});

const read = (options: Parameters<typeof senderEvent>[0]) =>
  readSenderEvent(senderEventSchema.parse(senderEvent(options)));

describe('readSenderEvent', () => {
  it('takes the usage type of the trigger', () => {
    for (const [usageType, ...triggers] of [
      ['Register', 'SignUp', 'ResendCode'],
      ['ForgotPassword', 'ForgotPassword'],
      ['BindNewIdentifier', 'VerifyUserAttribute', 'UpdateUserAttribute'],
      ['SignIn', 'Authentication'],
      ['AdminCreateUser', 'AdminCreateUser'],
      ['Generic', 'AccountTakeOverNotification', 'SomethingNew', 'constructor'],
    ] as const) {
      for (const trigger of triggers) {
        assert.equal(read({ triggerSource: `CustomSMSSender_${trigger}` }).usageType, usageType, trigger);
      }
    }
  });

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
    const event = senderEvent({ triggerSource: null, clientMetadata: [], attributes: 7 } as never);
    const { usageType, recipient } = readSenderEvent(senderEventSchema.parse(event));
    assert.deepEqual([usageType, recipient], ['Generic', '']);
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
