import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { answerOf, userKey, WrongAnswers } from '../../../lib/cognito/challenge/wrong-answers.ts';
import { keyedHash } from '../../../lib/guard/hash.ts';
import { Table } from '../../../lib/table.ts';
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
  const answer = (given: string, code = 'code', challenge = 'challenge') =>
    answerOf(hash, challenge, given, code);

  it('lets as many answers be compared as an hour has, of a hundred at the same time', async () => {
    const user = somebody();
    const processes = Array.from({ length: 10 }, () => answers());
    const counted = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        (processes[index % 10] ?? answers()).count(user, answer(String(index)), NOW),
      ),
    );
    const compared = counted.filter(({ reached }) => reached === undefined);
    assert.equal(compared.length, 10);
    assert.ok(counted.every(({ reached }) => reached === undefined || reached === 'hour'));
    // Each of them knows another number of answers before it: of one code three are compared, whoever is faster.
    const earlier = compared.map((each) => ('earlier' in each ? each.earlier : -1)).toSorted((a, b) => a - b);
    assert.deepEqual(earlier, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('frees the first answer of the hour when it is an hour old, and of the day when it is a day old', async () => {
    const user = somebody();
    const limits = { wrongAnswersPerHour: 2, wrongAnswersPerDay: 3 };
    const give = async (at: number) => {
      const { reached } = await answers(limits).count(user, answer(String(at)), NOW + at);
      if (reached) assert.equal(await answers(limits).reached(user, NOW + at), reached);
      return reached;
    };
    assert.equal(await give(0), undefined);
    assert.equal(await give(10 * MINUTE), undefined);
    assert.equal(await give(HOUR - 1), 'hour');
    assert.equal(await give(HOUR), undefined);
    assert.equal(await give(5 * HOUR), 'day');
    assert.equal(await give(24 * HOUR - 1), 'day');
    assert.equal(await give(24 * HOUR), undefined);
  });

  it('is not made longer by who goes on', async () => {
    const user = somebody();
    const limits = { wrongAnswersPerHour: 1, wrongAnswersPerDay: 30 };
    await answers(limits).count(user, answer('0'), NOW);
    for (let minute = 1; minute < 60; minute += 1) {
      const { reached } = await answers(limits).count(user, answer(`${minute}`), NOW + minute * MINUTE);
      assert.equal(reached, 'hour');
    }
    assert.equal(await answers(limits).reached(user, NOW + HOUR), undefined);
  });

  it('counts a repeat of the same answer once, and the same answer to another challenge again', async () => {
    const user = somebody();
    const limits = { wrongAnswersPerHour: 2, wrongAnswersPerDay: 30 };
    const repeat = () => answers(limits).count(user, answer('482913'), NOW);
    assert.deepEqual(await Promise.all([repeat(), repeat(), repeat()]), Array(3).fill({ earlier: 0 }));
    const again = answer('482913', 'code', 'another challenge');
    assert.deepEqual(await answers(limits).count(user, again, NOW), { earlier: 1 });
    assert.deepEqual(await repeat(), { earlier: 0 });
    assert.deepEqual(await answers(limits).count(user, answer('111111'), NOW), { reached: 'hour' });
  });

  it('counts once an answer whose write was answered by nobody', async () => {
    const user = somebody();
    let lost = 0;
    stand.table.choose = (operation) => {
      if (operation === 'UpdateItem') lost += 1;
      return lost === 1 ? 'lost_answer' : undefined;
    };
    assert.deepEqual(await answers().count(user, answer('1'), NOW), { earlier: 0 });
    stand.table.choose = undefined;
    assert.ok(lost > 1);
    assert.deepEqual(await answers().count(user, answer('2'), NOW), { earlier: 1 });
  });

  it('drops answers that are a day old, and the item after a day', async () => {
    const user = somebody();
    const limits = { wrongAnswersPerHour: 10, wrongAnswersPerDay: 30 };
    for (const [given, at] of [
      ['1', 0],
      ['2', 1],
      ['3', 24 * HOUR],
    ] as const) {
      await answers(limits).count(user, answer(given), NOW + at);
    }
    const item = (await stand.items()).find(({ pk }) => pk?.S === user);
    const kept = JSON.parse(item?.['answers']?.S ?? '') as [number, string, string][];
    assert.deepEqual(
      kept.map(([at]) => at - NOW),
      [1, 24 * HOUR],
    );
    assert.ok(kept.flatMap(([, id, code]) => [id, code]).every((id) => /^[\w-]{12}$/.test(id)));
    assert.equal(Number(item?.['expiresAt']?.N), Math.ceil((NOW + 48 * HOUR) / 1_000));
    // The first is not known any more: it is counted again.
    assert.deepEqual(await answers(limits).count(user, answer('1'), NOW + 24 * HOUR), { earlier: 2 });
  });

  it('writes nothing where there is nothing to take out, and gives up where others write each time', async () => {
    const user = somebody();
    await answers().count(user, answer('1'), NOW);
    const before = stand.table.calls.length;
    await answers().remove(user, answer('2'), NOW);
    assert.deepEqual(stand.table.calls.slice(before), ['GetItem']);

    const many = { wrongAnswersPerHour: 1_000, wrongAnswersPerDay: 1_000 };
    const other = answers(many);
    let given = 0;
    const table = new Table('smsaero-guard', 20_000);
    const busy = Object.assign(Object.create(table) as Table, {
      get: (...args: Parameters<Table['get']>) => table.get(...args),
      update: async (...args: Parameters<Table['update']>) => {
        given += 1;
        await other.count(user, answer(String(given + 100)), NOW);
        return table.update(...args);
      },
    });
    await assert.rejects(new WrongAnswers(busy, many).remove(user, answer('1'), NOW), {
      message: 'The count of a right answer was not taken out: too many answers changed the item',
    });
    assert.ok(given > 1);
  });

  it('counts answers by code', async () => {
    const user = somebody();
    await answers().count(user, answer('1', 'first'), NOW);
    assert.deepEqual(await answers().count(user, answer('2', 'second'), NOW), { earlier: 0 });
    assert.deepEqual(await answers().count(user, answer('3', 'first'), NOW), { earlier: 1 });
  });

  it('takes out what was right, while others answer', async () => {
    const user = somebody();
    const right = answer('482913');
    await answers().count(user, right, NOW);
    await Promise.all([
      answers().remove(user, right, NOW),
      ...['1', '2', '3'].map((given) => answers().count(user, answer(given), NOW)),
    ]);
    await answers().remove(user, right, NOW); // a repeat finds nothing
    const { earlier } = (await answers().count(user, answer('4'), NOW)) as { earlier: number };
    assert.equal(earlier, 3);
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
    await answers().count(userKey(hash, event('olga')), answer('482913', '731946-1795447881500'), NOW);
    const items = JSON.stringify(await stand.items());
    assert.match(items, /answers#/);
    assert.doesNotMatch(items, /482913|731946|olga|anna/);
  });

  it('fails when the table does', async () => {
    stand.table.choose = () => 'server_error';
    const signal = AbortSignal.timeout(300); // the table is asked until then
    await assert.rejects(answers().count(somebody(), answer('1'), NOW, signal));
    await assert.rejects(answers().reached(somebody(), NOW, signal));
    stand.table.choose = undefined;
  });
});
