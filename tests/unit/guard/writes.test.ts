import assert from 'node:assert/strict';
import { afterEach, describe, it, mock } from 'node:test';
import { ConditionFailedError, type Item } from '../../../lib/dynamodb.ts';
import { type Claimant, Claims } from '../../../lib/guard/claims.ts';
import { RecentMessages } from '../../../lib/guard/recent-messages.ts';
import { windowSlot } from '../../../lib/guard/sliding-window.ts';
import { type Answer, givenTable } from '../../support/given-table.ts';

const NOW = 1_764_000_000_000;
const SECOND = 1_000;
const signal = AbortSignal.timeout(60_000);

/** A table with these answers, the last one again and again. */
function tableOf(...answers: Answer[]) {
  return { ...givenTable(() => (answers.length > 1 ? answers.shift() : answers[0])), answers };
}

const sent = (...entries: (string | number)[]): Item => ({
  sent: { L: entries.map((N) => ({ N: String(N) })) },
});
const failed = (item?: Item) => new ConditionFailedError(item);
const away = Object.assign(new Error('away'), { name: 'TimeoutError' });

describe('a slot in sliding windows', () => {
  afterEach(() => mock.restoreAll());
  const windows = [
    { count: 1, span: 30 * SECOND },
    { count: 3, span: 600 * SECOND },
  ];
  const slotOf = (...answers: Answer[]) => {
    const table = tableOf(...answers);
    return { ...table, slot: windowSlot(table.table, 'recipient#1', windows, NOW) };
  };
  const REFUSED = { granted: false, retryAfter: 1 };

  it('is unlike every other of the same millisecond', () => {
    const entries = Array.from({ length: 50 }, () => {
      const { slot, updates } = slotOf({});
      void slot.take(signal);
      return updates[0]?.values[':entry']?.N ?? '';
    });
    assert.equal(new Set(entries).size, 50);
    for (const entry of entries) assert.match(entry, /^1763999999999\.\d{12}1$/);
  });

  for (const [what, answers, taken, writes] of [
    ['there by the answer', [failed(sent(NOW - 40 * SECOND)), sent(NOW)], { granted: true }, 2],
    ['there by each of three answers', [failed(sent(NOW - 30 * SECOND))], REFUSED, 3],
    ['there by the answer, since the item is gone', [failed()], REFUSED, 3],
    ['there, and the item has a hundred entries more', [sent(...Array(103).fill(NOW))], { granted: true }, 1],
    ['there, and others cut the item', [sent(...Array(104).fill(NOW)), failed({})], { granted: true }, 2],
  ] as const satisfies [string, Answer[], object, number][]) {
    it(`is asked for ${writes} times if it is ${what}`, async () => {
      const { slot, updates } = slotOf(...answers);
      assert.deepEqual([await slot.take(signal), updates.length], [taken, writes]);
    });
  }

  it('throws what is not a condition', async () => {
    await assert.rejects(slotOf(away).slot.take(signal), away);
    await assert.rejects(slotOf(away).slot.release(signal), away);
  });

  for (const [what, answersOf, indexes] of [
    ['where it is, also when others have moved it', (entry) => [failed(sent(NOW, NOW, entry)), {}], [0, 2]],
    ['if it is there at all', () => [failed(sent(NOW))], [0]],
    ['as long as others move it, 25 times', (entry) => [failed(sent(NOW, entry))], [0, ...Array(24).fill(1)]],
  ] as const satisfies [string, (entry: string) => Answer[], number[]][]) {
    it(`is released ${what}`, async () => {
      mock.method(Math, 'random', () => 0); // no pause
      const { slot, updates, answers } = slotOf({});
      await slot.take(signal);
      answers.splice(0, 1, ...answersOf(updates[0]?.values[':entry']?.N ?? ''));
      if (indexes.length === 25) await assert.rejects(slot.release(signal), /could not be released/);
      else await slot.release(signal);
      const removals = updates.slice(1).map(({ expression }) => expression);
      const expected = indexes.map((index) => `REMOVE #sent[${index}]`);
      assert.deepEqual(removals, expected);
    });
  }
});

describe('a claim', () => {
  const claimant: Claimant = { deliveryId: 'second', fingerprint: 'f', until: NOW, ttlS: 60, begins: true };
  const claims = (...answers: Answer[]) => new Claims(tableOf(...answers).table);
  const takeOver = (...answers: Answer[]) =>
    claims(...answers).takeOver('message#1', 'first', claimant, NOW, signal);

  it('that another request took over meanwhile says whose it is', async () => {
    const item = {
      owner: { S: 'third' },
      until: { N: '5' },
      begun: { BOOL: false },
      fingerprint: { S: 'g' },
    };
    const taken = { state: 'taken', deliveryId: 'third', fingerprint: 'g', until: 5, begun: false };
    const bare = { state: 'taken', deliveryId: '', fingerprint: '', until: 0, begun: true };
    assert.deepEqual(await takeOver(failed(item)), taken);
    assert.deepEqual(await takeOver(failed()), bare);
  });

  it('stays for an hour when it is released: a late claim must find it', async () => {
    const { table, updates } = tableOf({});
    await new Claims(table).release('message#1', 'second', NOW, signal);
    assert.deepEqual(updates[0]?.values[':expires'], { N: String(NOW / SECOND + 3_600) });
  });

  it('throws what is not a condition', async () => {
    await assert.rejects(takeOver(away), away);
    await assert.rejects(claims(away).begin('message#1', 'second', signal), away);
    await assert.rejects(claims(away).release('message#1', 'second', NOW, signal), away);
  });
});

it('a process knows a thousand messages, and forgets the oldest', () => {
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
