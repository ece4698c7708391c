import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { challengeEventSchema } from '../../../lib/cognito/challenge/events.ts';
import { createEvent, defineEvent, verifyEvent } from '../../support/cognito.ts';

const isValid = (event: object) => challengeEventSchema.safeParse(event).success;

describe('an event of sign-in by code', () => {
  const events = [
    defineEvent(),
    createEvent(),
    verifyEvent(),
    verifyEvent({ triggerSource: 'VerifyAuthChallenge_Authentication' }),
  ];

  it('is one of three, and keeps what else it has', () => {
    for (const event of events) {
      const parsed = challengeEventSchema.parse(event);
      assert.equal(parsed.triggerSource, event.triggerSource);
      assert.deepEqual(parsed['response'], event.response);
    }
    assert.ok(!isValid({ ...defineEvent(), triggerSource: 'PreSignUp_SignUp' }));
  });

  it('has a pool, and members of the right types', () => {
    for (const event of events) {
      assert.ok(!isValid({ ...event, userPoolId: '' }));
      assert.ok(!isValid({ ...event, userPoolId: undefined }));
      assert.ok(!isValid({ ...event, userName: 7 }));
      assert.ok(isValid({ ...event, userName: null }));
      assert.ok(!isValid({ ...event, request: { ...event.request, userNotFound: 'true' } }));
      assert.ok(!isValid({ ...event, request: undefined }));
    }
    for (const event of [defineEvent(), createEvent()]) {
      for (const session of [
        7,
        [7],
        [{ challengeName: 7 }],
        [{ challengeName: 'x', challengeMetadata: 7 }],
      ]) {
        assert.ok(!isValid({ ...event, request: { ...event.request, session } }));
      }
      assert.ok(isValid({ ...event, request: { ...event.request, session: [{ challengeName: 'x' }] } }));
    }
    for (const event of [createEvent(), verifyEvent()]) {
      assert.ok(!isValid({ ...event, request: { ...event.request, userAttributes: 7 } }));
    }
    assert.ok(!isValid({ ...createEvent(), request: { ...createEvent().request, clientMetadata: 7 } }));
    const request = { ...verifyEvent().request, privateChallengeParameters: 7 };
    assert.ok(!isValid({ ...verifyEvent(), request }));
  });
});
