import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { CODE_LIFETIME, codeToText } from '../../../lib/cognito/challenge/code.ts';
import type { VerifyEvent } from '../../../lib/cognito/challenge/events.ts';
import { verifyAnswer } from '../../../lib/cognito/challenge/verify.ts';
import { WrongAnswers } from '../../../lib/cognito/challenge/wrong-answers.ts';
import { Table } from '../../../lib/dynamodb.ts';
import { type VerifyEventOptions, verifyEvent } from '../../support/cognito.ts';
import { type GuardUnderTest, startGuard } from '../../support/guard.ts';

const NOW = 1_795_447_881_500;
const CODE = codeToText({ digits: '482913', expiresAt: NOW + CODE_LIFETIME, sent: true });

describe('verifyAnswer', () => {
  let stand: GuardUnderTest;
  let users = 0;
  before(async () => {
    stand = await startGuard();
  });
  after(() => stand.close());
  afterEach(() => {
    stand.table.choose = undefined;
  });

  /** Somebody's answers to one code. */
  function person(limits = { wrongAnswersPerHour: 10, wrongAnswersPerDay: 30 }) {
    users += 1;
    const userName = `anna-${users}`;
    const [refusals, logged]: [string[], [string, { reason?: string; user?: string }][]] = [[], []];
    const log = {
      info: () => undefined,
      warn: (message: string, fields: object = {}) => void logged.push([message, fields]),
      error: (message: string, _: unknown, fields: object = {}) => void logged.push([message, fields]),
    };
    const answer = async (challengeAnswer: string, options: VerifyEventOptions = {}, id = '1') => {
      const event = { userName, challengeAnswer, privateChallengeParameters: { code: CODE, id }, ...options };
      const answers = new WrongAnswers(new Table('smsaero-guard', 20_000), limits);
      const { answerCorrect } = await verifyAnswer(
        {
          configuration: { get: async () => ({ hashKey: 'test-hash-key' }) as never },
          answers,
          log,
          metrics: { signInRefused: (reason) => void refusals.push(reason) },
        },
        verifyEvent(event) as unknown as VerifyEvent,
        NOW,
      );
      return answerCorrect;
    };
    return { answer, refusals, logged };
  }
  const reasons = (logged: [string, { reason?: string }][]) =>
    logged.map(([message, { reason }]) => [message, reason]);

  it('takes the code once, however it is typed, and counts a right answer as no wrong one', async () => {
    const { answer, refusals } = person({ wrongAnswersPerHour: 1, wrongAnswersPerDay: 30 });
    assert.equal(await answer('482 913'), true);
    assert.equal(await answer('482913', {}, '2'), false);
    assert.deepEqual(refusals, ['code_used']);
  });

  it('takes no code that was not sent, is over, or is not there, and no unknown user', async () => {
    const { answer, refusals } = person();
    const code = { digits: '482913', expiresAt: NOW + CODE_LIFETIME, sent: true };
    const parameters = (changes: object) => ({
      privateChallengeParameters: { code: codeToText({ ...code, ...changes }), id: '1' },
    });
    assert.equal(await answer('482913', parameters({ sent: false })), false);
    assert.equal(await answer('482913', parameters({ expiresAt: NOW })), false);
    assert.equal(await answer('482913', { privateChallengeParameters: {} }), false);
    assert.equal(await answer('482913', { privateChallengeParameters: null }), false);
    assert.equal(await answer('482913', { userNotFound: true }), false);
    assert.deepEqual(refusals, []);
  });

  for (const [limit, limits] of [
    ['hour', { wrongAnswersPerHour: 1, wrongAnswersPerDay: 30 }],
    ['day', { wrongAnswersPerHour: 10, wrongAnswersPerDay: 1 }],
  ] as const) {
    it(`takes no answer after the last that an ${limit} has`, async () => {
      const { answer, refusals, logged } = person(limits);
      assert.equal(await answer('111111'), false);
      assert.equal(await answer('482913'), false);
      assert.deepEqual(refusals, [`wrong_answers_${limit}`]);
      assert.deepEqual(reasons(logged), [['answer refused', `wrong_answers_${limit}`]]);
      assert.match(logged[0]?.[1].user ?? '', /^answers#/);
    });
  }

  it('takes no answer while the table cannot be asked', async () => {
    const { answer, refusals, logged } = person();
    stand.table.choose = () => 'server_error';
    assert.equal(await answer('482913'), false);
    assert.deepEqual(refusals, ['table_unavailable']);
    assert.deepEqual(reasons(logged), [['answer refused', 'table_unavailable']]);
  });
});
