import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { CODE_LIFETIME, codeToText } from '../../../lib/cognito/challenge/code.ts';
import type { VerifyEvent } from '../../../lib/cognito/challenge/events.ts';
import { verifyAnswer } from '../../../lib/cognito/challenge/verify.ts';
import { answerOf, userKey, WrongAnswers } from '../../../lib/cognito/challenge/wrong-answers.ts';
import { keyedHash } from '../../../lib/derived-key.ts';
import { type VerifyEventOptions, verifyEvent } from '../../support/cognito.ts';
import { startTable } from '../../support/table.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = 1_795_447_881_500;
const hash = keyedHash('test-hash-key');

const standIn = await startTable('smsaero-cognito');
after(() => standIn.close());
let users = 0;
afterEach(() => {
  standIn.choose = undefined;
});

/** As another process has them. */
const answers = (wrongAnswersPerHour = 10, wrongAnswersPerDay = 30) =>
  new WrongAnswers(standIn.open(), { wrongAnswersPerHour, wrongAnswersPerDay });

describe('WrongAnswers', () => {
  const event = (userName: string | undefined, sub = 'sub') => ({
    userPoolId: 'eu-central-1_Ab12Cd34E',
    userName,
    request: { userAttributes: { sub } },
  });
  const somebody = () => {
    users += 1;
    return userKey(hash, event(`anna-${users}`));
  };
  const answer = (given: string, code = 'code', challenge = 'challenge') => ({
    ...answerOf(hash, challenge, given, code),
    right: given === '482913',
  });
  const WRONG = { right: false };
  const refused = (reason: string) => ({ right: false, refused: reason });

  it('judges as many answers as an hour has, of eight at the same time', async () => {
    const user = somebody();
    const judged = await Promise.all(
      Array.from({ length: 8 }, (_, index) => answers(5).judge(user, answer(String(index)), NOW)),
    );
    const count = (reason: string | undefined) => judged.filter((each) => each.refused === reason).length;
    // Of one code three are compared, whoever is faster.
    assert.deepEqual([count(undefined), count('code'), count('hour')], [3, 2, 3]);
  });

  it('takes a code once, of six right answers in sign-ins of their own at the same time', async () => {
    const user = somebody();
    const give = (challenge: string, at: number) =>
      answers(5).judge(user, answer('482913', 'code', challenge), at);
    const judged = await Promise.all(Array.from({ length: 6 }, (_, index) => give(String(index), NOW)));
    assert.equal(judged.filter(({ right }) => right).length, 1);
    assert.equal(judged.filter(({ refused: reason }) => reason === 'used').length, 5);
    const later = await give('later', NOW + 4 * MINUTE);
    assert.deepEqual(later, refused('hour'), 'each of them counts as a wrong one');
  });

  it('frees the first answer of the hour when it is an hour old, and of the day when it is a day old', async () => {
    const user = somebody();
    const give = async (at: number) => {
      const { refused: reason } = await answers(2, 3).judge(user, answer(String(at)), NOW + at);
      if (reason) assert.equal(await answers(2, 3).reached(user, NOW + at), reason);
      return reason;
    };
    assert.equal(await give(0), undefined);
    assert.equal(await give(10 * MINUTE), undefined);
    for (const at of [11 * MINUTE, HOUR - 1]) assert.equal(await give(at), 'hour'); // no longer for who goes on
    assert.equal(await give(HOUR), undefined);
    assert.equal(await give(5 * HOUR), 'day');
    assert.equal(await give(24 * HOUR - 1), 'day');
  });

  it('judges a repeat of the same answer as the first, and counts it once', async () => {
    const user = somebody();
    const give = (given: string, challenge?: string) =>
      answers(2).judge(user, answer(given, 'code', challenge), NOW);
    assert.deepEqual(await Promise.all([give('1'), give('1'), give('1')]), [WRONG, WRONG, WRONG]);
    const right = Array(3).fill({ right: true });
    assert.deepEqual(await Promise.all([give('482913'), give('482913'), give('482913')]), right);
    assert.deepEqual(await give('482913', 'another challenge'), refused('used'));
    assert.deepEqual(await give('482913'), { right: true });
    assert.deepEqual(await give('2'), refused('hour'));
  });

  it('judges once an answer whose write was answered by nobody', async () => {
    for (const given of ['1', '482913']) {
      const user = somebody();
      let writes = 0;
      standIn.choose = (operation) => {
        if (operation === 'UpdateItem') writes += 1;
        return operation === 'UpdateItem' && writes === 1 ? 'lost_answer' : undefined;
      };
      assert.deepEqual(await answers().judge(user, answer(given), NOW), { right: given === '482913' });
      standIn.choose = undefined;
      assert.ok(writes > 1);
    }
  });

  it('drops answers that are a day old, and the item after a day', async () => {
    const user = somebody();
    for (const at of [0, 1, 24 * HOUR]) await answers().judge(user, answer(String(at)), NOW + at);
    const item = (await standIn.items()).find(({ pk }) => pk?.S === user);
    const kept = JSON.parse(item?.['answers']?.S ?? '') as [number, string, string][];
    assert.deepEqual([kept.length, kept[0]?.[0]], [2, NOW + 1]);
    assert.ok(kept.flatMap(([, id, code]) => [id, code]).every((id) => /^[\w-]{12}$/.test(id)));
    assert.equal(Number(item?.['expiresAt']?.N), Math.ceil((NOW + 48 * HOUR) / 1_000));
  });

  it('takes three wrong answers to one code, and others to another', async () => {
    const user = somebody();
    for (const given of ['1', '2', '3']) {
      assert.deepEqual(await answers().judge(user, answer(given, 'first'), NOW), WRONG);
    }
    assert.deepEqual(await answers().judge(user, answer('482913', 'first'), NOW), refused('code'));
    const next = await answers().judge(user, answer('482913', 'second', 'next challenge'), NOW);
    assert.deepEqual(next, { right: true });
  });

  it('tells pools and users apart, not cases, and has another name than the user', () => {
    const key = userKey(hash, event('Anna'));
    assert.equal(userKey(hash, event('anna')), key);
    assert.equal(userKey(hash, event('anna', 'another sub')), key);
    assert.notEqual(userKey(hash, event('anne')), key);
    assert.notEqual(userKey(hash, { ...event('anna'), userPoolId: 'eu-central-1_Other0000' }), key);
    assert.notEqual(userKey(keyedHash('another key'), event('anna')), key);
    assert.notEqual(userKey(hash, event(undefined, 'a')), userKey(hash, event(undefined, 'b')));
    assert.match(key, /^answers#[\w-]{43}$/);
  });

  it('stores no answer, code or name', async () => {
    await answers().judge(userKey(hash, event('olga')), answer('482913', '731946-1795447881500'), NOW);
    const items = JSON.stringify(await standIn.items());
    assert.match(items, /answers#/);
    assert.doesNotMatch(items, /482913|731946|olga|anna/);
  });
});

const RIGHT = { digits: '482913', expiresAt: NOW + CODE_LIFETIME, sent: true };
const CODE = codeToText(RIGHT);

describe('verifyAnswer', () => {
  /** Somebody's answers to one code, and what is logged and counted of them. */
  function person(...limits: Parameters<typeof answers>) {
    users += 1;
    const userName = `anna-${users}`;
    const [refusals, logged]: [string[], { message: string; reason?: string; user?: string }[]] = [[], []];
    const log = {
      info: () => undefined,
      warn: (message: string, fields: object = {}) => void logged.push({ message, ...fields }),
      error: (message: string, _: unknown, fields: object = {}) => void logged.push({ message, ...fields }),
    };
    const answer = async (challengeAnswer: string, options: VerifyEventOptions = {}, id = '1') => {
      const event = { userName, challengeAnswer, privateChallengeParameters: { code: CODE, id }, ...options };
      const { answerCorrect } = await verifyAnswer(
        {
          configuration: { get: async () => ({ hashKey: 'test-hash-key' }) as never },
          answers: answers(...limits),
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
  it('takes the code once, however it is typed, and counts a right answer as no wrong one', async () => {
    const { answer, refusals } = person(1);
    assert.equal(await answer('482 913'), true);
    assert.equal(await answer('482913', {}, '2'), false);
    assert.deepEqual(refusals, ['code_used']);
  });

  it('takes no code that was not sent, is over, or is not there, and no unknown user', async () => {
    const code = (changes: object) => codeToText({ ...RIGHT, ...changes });
    for (const options of [
      { privateChallengeParameters: { code: code({ sent: false }), id: '1' } },
      { privateChallengeParameters: { code: code({ expiresAt: NOW }), id: '1' } },
      { privateChallengeParameters: {} },
      { privateChallengeParameters: null },
      { userNotFound: true },
    ]) {
      const { answer, refusals } = person(); // of one person it would be a repeat
      assert.deepEqual([await answer('482913', options), refusals], [false, []]);
    }
  });

  for (const [limit, ...limits] of [
    ['hour', 1],
    ['day', 10, 1],
  ] as const) {
    it(`takes no answer after the last that an ${limit} has`, async () => {
      const { answer, refusals, logged } = person(...limits);
      assert.equal(await answer('111111'), false);
      assert.equal(await answer('482913'), false);
      const reason = `wrong_answers_${limit}`;
      const user = logged[0]?.user ?? '';
      assert.match(user, /^answers#/);
      assert.deepEqual([refusals, logged], [[reason], [{ message: 'answer refused', reason, user }]]);
    });
  }

  it('takes no answer while the table cannot be asked', async () => {
    const { answer, refusals, logged } = person();
    standIn.choose = () => 'server_error';
    assert.equal(await answer('482913'), false);
    const reason = 'table_unavailable';
    assert.deepEqual([refusals, logged], [[reason], [{ message: 'answer refused', reason }]]);
  });
});
