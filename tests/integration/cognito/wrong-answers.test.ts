import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { answerOf, userKey, WrongAnswers } from '../../../lib/cognito/challenge/wrong-answers.ts';
import { keyedHash } from '../../../lib/derived-key.ts';
import { Table } from '../../../lib/dynamodb.ts';
import { type GuardUnderTest, startGuard } from '../../support/guard.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = 1_795_447_881_500;
const hash = keyedHash('test-hash-key');

describe('WrongAnswers', () => {
  let stand: GuardUnderTest;
  let users = 0;
  before(async () => {
    stand = await startGuard();
  });
  after(() => stand.close());

  /** As another process has them. */
  const answers = (limits = { wrongAnswersPerHour: 10, wrongAnswersPerDay: 30 }) =>
    new WrongAnswers(new Table('smsaero-guard', 20_000), limits);
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

  it('judges as many answers as an hour has, of forty at the same time', async () => {
    const user = somebody();
    const processes = Array.from({ length: 10 }, () => answers());
    const judged = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (processes[index % 10] ?? answers()).judge(user, answer(String(index)), NOW),
      ),
    );
    const count = (reason: string | undefined) => judged.filter((each) => each.refused === reason).length;
    // Of one code three are compared, whoever is faster.
    assert.deepEqual([count(undefined), count('code'), count('hour')], [3, 7, 30]);
  });

  it('takes a code once, of twenty right answers in sign-ins of their own at the same time', async () => {
    const user = somebody();
    const judged = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        answers().judge(user, answer('482913', 'code', String(index)), NOW),
      ),
    );
    assert.equal(judged.filter(({ right }) => right).length, 1);
    assert.ok(judged.every(({ right, refused: reason }) => right || reason === 'used' || reason === 'hour'));
    assert.deepEqual(
      await answers().judge(user, answer('482913', 'code', 'later'), NOW + 4 * MINUTE),
      refused('hour'),
      'each of them counts as a wrong one',
    );
  });

  it('does not count right answers', async () => {
    const user = somebody();
    const limits = { wrongAnswersPerHour: 1, wrongAnswersPerDay: 1 };
    for (let index = 0; index < 5; index += 1) {
      const { right } = await answers(limits).judge(user, answer('482913', `code ${index}`), NOW + index);
      assert.ok(right);
    }
    assert.equal(await answers(limits).reached(user, NOW + 5), undefined);
  });

  it('frees the first answer of the hour when it is an hour old, and of the day when it is a day old', async () => {
    const user = somebody();
    const limits = { wrongAnswersPerHour: 2, wrongAnswersPerDay: 3 };
    const give = async (at: number) => {
      const { refused: reason } = await answers(limits).judge(user, answer(String(at)), NOW + at);
      if (reason) assert.equal(await answers(limits).reached(user, NOW + at), reason);
      return reason;
    };
    assert.equal(await give(0), undefined);
    assert.equal(await give(10 * MINUTE), undefined);
    assert.equal(await give(HOUR - 1), 'hour');
    assert.equal(await give(HOUR), undefined);
    assert.equal(await give(5 * HOUR), 'day');
    assert.equal(await give(24 * HOUR - 1), 'day');
  });

  it('is not made longer by who goes on', async () => {
    const user = somebody();
    const limits = { wrongAnswersPerHour: 1, wrongAnswersPerDay: 30 };
    await answers(limits).judge(user, answer('0'), NOW);
    for (let minute = 1; minute < 60; minute += 1) {
      const judged = await answers(limits).judge(user, answer(`${minute}`), NOW + minute * MINUTE);
      assert.deepEqual(judged, refused('hour'));
    }
    assert.equal(await answers(limits).reached(user, NOW + HOUR), undefined);
  });

  it('judges a repeat of the same answer as the first, and counts it once', async () => {
    const user = somebody();
    const limits = { wrongAnswersPerHour: 2, wrongAnswersPerDay: 30 };
    const give = (given: string, challenge?: string) =>
      answers(limits).judge(user, answer(given, 'code', challenge), NOW);
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
      stand.table.choose = (operation) => {
        if (operation === 'UpdateItem') writes += 1;
        return operation === 'UpdateItem' && writes === 1 ? 'lost_answer' : undefined;
      };
      assert.deepEqual(await answers().judge(user, answer(given), NOW), { right: given === '482913' });
      stand.table.choose = undefined;
      assert.ok(writes > 1);
    }
  });

  it('drops answers that are a day old, and the item after a day', async () => {
    const user = somebody();
    const limits = { wrongAnswersPerHour: 10, wrongAnswersPerDay: 30 };
    for (const [given, at] of [
      ['1', 0],
      ['2', 1],
      ['3', 24 * HOUR],
    ] as const) {
      await answers(limits).judge(user, answer(given), NOW + at);
    }
    const item = (await stand.items()).find(({ pk }) => pk?.S === user);
    const kept = JSON.parse(item?.['answers']?.S ?? '') as [number, string, string][];
    assert.deepEqual(
      kept.map(([at]) => at - NOW),
      [1, 24 * HOUR],
    );
    assert.ok(kept.flatMap(([, id, code]) => [id, code]).every((id) => /^[\w-]{12}$/.test(id)));
    assert.equal(Number(item?.['expiresAt']?.N), Math.ceil((NOW + 48 * HOUR) / 1_000));
  });

  it('takes three wrong answers to one code, and others to another', async () => {
    const user = somebody();
    for (const given of ['1', '2', '3']) {
      assert.deepEqual(await answers().judge(user, answer(given, 'first'), NOW), WRONG);
    }
    assert.deepEqual(await answers().judge(user, answer('482913', 'first'), NOW), refused('code'));
    assert.deepEqual(await answers().judge(user, answer('482913', 'second', 'next challenge'), NOW), {
      right: true,
    });
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
    const items = JSON.stringify(await stand.items());
    assert.match(items, /answers#/);
    assert.doesNotMatch(items, /482913|731946|olga|anna/);
  });

  it('fails when the table does', async () => {
    stand.table.choose = () => 'server_error';
    const signal = AbortSignal.timeout(300); // the table is asked until then
    await assert.rejects(answers().judge(somebody(), answer('1'), NOW, signal));
    await assert.rejects(answers().reached(somebody(), NOW, signal));
    stand.table.choose = undefined;
  });
});
