import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { ConditionFailedError, type Item, type Table, type Update } from '../../../lib/dynamodb.ts';
import { type Claimant, Claims } from '../../../lib/guard/claims.ts';
import { RecentMessages } from '../../../lib/guard/recent-messages.ts';
import { waitForSlot, windowSlot } from '../../../lib/guard/sliding-window.ts';

const NOW = 1_764_000_000_000;
const SECOND = 1_000;
const signal = AbortSignal.timeout(60_000);

/** A table whose answers are given: what two processes do at the same moment cannot be ordered with a real one. */
function tableOf(...answers: (Item | Error)[]) {
  const updates: Update[] = [];
  const update = async (one: Update): Promise<Item> => {
    updates.push(one);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    return answer ?? {};
  };
  return { table: { update, get: async () => undefined } as unknown as Table, updates };
}

const sent = (...entries: (string | number)[]): Item => ({
  sent: { L: entries.map((N) => ({ N: String(N) })) },
});
const failed = (item?: Item) => new ConditionFailedError(item);
const away = Object.assign(new Error('away'), { name: 'TimeoutError' });

describe('a slot in sliding windows', () => {
  const windows = [
    { count: 1, span: 30 * SECOND },
    { count: 3, span: 600 * SECOND },
  ];
  const slotOf = (...answers: (Item | Error)[]) => {
    const { table, updates } = tableOf(...answers);
    return { slot: windowSlot(table, 'recipient#1', windows, NOW), updates };
  };

  it('is asked for in one write, which expires with the longest window', async () => {
    const { slot, updates } = slotOf(sent(NOW));
    assert.deepEqual(await slot.take(signal), { granted: true });
    assert.equal(updates.length, 1);
    assert.equal(updates[0]?.values[':expires']?.N, String(NOW / SECOND + 600));
    assert.equal(updates[0]?.values[':past0']?.N, String(NOW - 30 * SECOND));
  });

  it('is unlike every other of the same millisecond', () => {
    const entries = Array.from({ length: 50 }, () => {
      const { slot, updates } = slotOf({});
      void slot.take(signal);
      return updates[0]?.values[':entry']?.N ?? '';
    });
    assert.equal(new Set(entries).size, 50);
    for (const entry of entries) assert.match(entry, /^1763999999999\.\d{12}1$/);
  });

  it('is asked for again if what stood in the way is gone by the answer, three times at most', async () => {
    const gone = slotOf(failed(sent(NOW - 40 * SECOND)), sent(NOW));
    assert.deepEqual(await gone.slot.take(signal), { granted: true });
    assert.equal(gone.updates.length, 2);
    const again = slotOf(failed(sent(NOW - 30 * SECOND)));
    assert.deepEqual(await again.slot.take(signal), { granted: false, retryAfter: 1 });
    assert.equal(again.updates.length, 3);
    const missing = slotOf(failed());
    assert.deepEqual(await missing.slot.take(signal), { granted: false, retryAfter: 1 });
  });

  it('is refused at once while something stands in the way', async () => {
    const { slot, updates } = slotOf(failed(sent(NOW - 10_500)));
    assert.deepEqual(await slot.take(signal), { granted: false, retryAfter: 20 });
    assert.equal(updates.length, 1);
  });

  it('cuts the item when it has a hundred entries more than count, down to fifty more', async () => {
    const few = slotOf(sent(...Array.from({ length: 103 }, (_, index) => NOW - index)));
    await few.slot.take(signal);
    assert.equal(few.updates.length, 1);
    const many = slotOf(sent(...Array.from({ length: 104 }, (_, index) => NOW - index)));
    await many.slot.take(signal);
    assert.equal(many.updates.length, 2);
    assert.equal(many.updates[1]?.values[':kept']?.L?.length, 53);
    assert.equal(many.updates[1]?.condition, '#sent[0] = :newest');
    const busy = slotOf(sent(...Array.from({ length: 104 }, () => NOW)), failed({}));
    assert.deepEqual(await busy.slot.take(signal), { granted: true }, 'the next message cuts');
  });

  it('throws what is not a condition', async () => {
    await assert.rejects(slotOf(away).slot.take(signal), away);
    await assert.rejects(slotOf(away).slot.release(signal), away);
  });

  describe('is released', () => {
    beforeEach(() => void mock.method(Math, 'random', () => 0)); // no pause
    afterEach(() => mock.restoreAll());

    /** Takes a slot, then lets the answers to its release depend on the entry. */
    const release = async (answersOf: (entry: string) => (Item | Error)[]) => {
      const answers: (Item | Error)[] = [sent(NOW)];
      const { table, updates } = tableOf();
      const update = async (one: Update) => {
        updates.push(one);
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer instanceof Error) throw answer;
        return answer ?? {};
      };
      const slot = windowSlot({ ...table, update } as unknown as Table, 'recipient#1', windows, NOW);
      await slot.take(signal);
      const entry = updates[0]?.values[':entry']?.N ?? '';
      answers.splice(0, 1, ...answersOf(entry));
      const result = await slot.release(signal).then(
        () => undefined,
        (error: Error) => error.message,
      );
      return { result, writes: updates.slice(1).map(({ expression }) => expression) };
    };

    it('where it is, also when others have moved it', async () => {
      assert.deepEqual(await release((entry) => [failed(sent(NOW, NOW, entry)), {}]), {
        result: undefined,
        writes: ['REMOVE #sent[0]', 'REMOVE #sent[2]'],
      });
    });

    it('if it is there at all', async () => {
      const { result, writes } = await release(() => [failed(sent(NOW))]);
      assert.deepEqual([result, writes.length], [undefined, 1]);
    });

    it('with an error when others move it 25 times', async () => {
      const { result, writes } = await release((entry) => [failed(sent(NOW, entry))]);
      assert.match(result ?? '', /could not be released/);
      assert.equal(writes.length, 25);
    });
  });

  it('is there when each window has one', () => {
    assert.equal(waitForSlot([], windows, NOW), NOW * -1 + 600 * SECOND);
    assert.equal(waitForSlot([`${NOW}`], windows, NOW), 30 * SECOND);
    assert.equal(waitForSlot(Array(3).fill(`${NOW - SECOND}`), windows, NOW), 599 * SECOND);
  });
});

describe('a claim', () => {
  const claimant: Claimant = { deliveryId: 'second', fingerprint: 'f', until: NOW, ttlS: 60, begins: true };
  const item = { owner: { S: 'first' }, until: { N: '5' }, begun: { BOOL: false }, fingerprint: { S: 'g' } };
  const taken = { state: 'taken', deliveryId: 'first', fingerprint: 'g', until: 5, begun: false };
  const takeOver = (...answers: (Item | Error)[]) =>
    new Claims(tableOf(...answers).table).takeOver('message#1', 'first', claimant, NOW, signal);

  it('that another request took over meanwhile says whose it is', async () => {
    assert.deepEqual(await takeOver(failed(item)), taken);
    assert.deepEqual(await takeOver(failed({ ...item, owner: { S: 'second' } })), { state: 'mine' });
    assert.deepEqual(await takeOver(failed()), {
      ...taken,
      deliveryId: '',
      fingerprint: '',
      until: 0,
      begun: true,
    });
    await assert.rejects(takeOver(away), away);
  });

  it('is valid up to its time, and not at it', async () => {
    const claim = (validUntil: number) => {
      const { table, updates } = tableOf({ ...item, validUntil: { N: String(validUntil) } }, {});
      return new Claims(table).claim('message#1', claimant, NOW, signal).then(() => updates.length);
    };
    assert.deepEqual([await claim(NOW + 1), await claim(NOW)], [1, 2]);
  });

  it('is begun or released only by its request, and throws what is not a condition', async () => {
    const claims = (...answers: (Item | Error)[]) => {
      const { table, updates } = tableOf(...answers);
      return { claims: new Claims(table), updates };
    };
    assert.equal(await claims(failed()).claims.begin('message#1', 'second', signal), false);
    await assert.rejects(claims(away).claims.begin('message#1', 'second', signal), away);
    await claims(failed()).claims.release('message#1', 'second', NOW, signal);
    await assert.rejects(claims(away).claims.release('message#1', 'second', NOW, signal), away);
    const { claims: some, updates } = claims({});
    await some.begin('message#1', 'second', signal);
    await some.release('message#1', 'second', NOW, signal);
    assert.deepEqual(
      updates.map(({ condition }) => condition),
      ['#owner = :owner', 'attribute_not_exists(#owner) OR #owner = :owner'],
    );
    assert.deepEqual(updates[0]?.values[':true'], { BOOL: true });
    assert.equal(updates[1]?.values[':expires']?.N, String(NOW / SECOND + 3_600));
  });
});

describe('the messages that a process knows', () => {
  it('are a thousand: the oldest is forgotten', () => {
    const recent = new RecentMessages();
    const named = { deliveryId: 'd', fingerprint: '' };
    for (let index = 0; index < 1_000; index += 1) recent.add(String(index), named, NOW + 1);
    assert.ok(recent.find('0', NOW));
    recent.add('0', named, NOW + 1); // the youngest now
    recent.add('1000', named, NOW + 1);
    assert.equal(recent.find('1', NOW), undefined);
    for (const key of ['0', '2', '1000']) assert.ok(recent.find(key, NOW), key);
    assert.equal(recent.find('0', NOW + 1), undefined, 'at its time');
  });
});
