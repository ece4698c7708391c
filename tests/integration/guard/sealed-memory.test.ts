import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SealedMemory } from '../../../lib/guard/sealed-memory.ts';
import { Table } from '../../../lib/table.ts';
import { type GuardUnderTest, startGuard } from '../../support/guard.ts';

const SECOND = 1_000;

describe('SealedMemory', () => {
  let stand: GuardUnderTest;
  before(async () => {
    stand = await startGuard();
  });
  after(() => stand.close());
  const memory = () => new SealedMemory(new Table('smsaero-guard', 5_000));

  it('gives everybody the secret of the first, also of twenty at the same time', async () => {
    const shared = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        memory().share('key', ['pool', 'anna'], `secret ${index}`, 60 * SECOND, 100),
      ),
    );
    assert.equal(new Set(shared).size, 1);
    assert.match(shared[0] ?? '', /^secret \d+$/);
  });

  it('for as long as it should be remembered', async () => {
    assert.equal(await memory().share('key', ['short'], 'first', 300, 100), 'first');
    assert.equal(await memory().share('key', ['short'], 'second', 300, 100), 'first');
    await sleep(350);
    assert.equal(await memory().share('key', ['short'], 'third', 300, 100), 'third');
  });

  it('gives the secret to so many and no more', async () => {
    const shared = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        memory().share('key', ['few'], `secret ${index}`, 60 * SECOND, 3),
      ),
    );
    const counts = [...Map.groupBy(shared, (secret) => secret).values()].map(({ length }) => length);
    assert.deepEqual(counts.toSorted(), [1, 1, 1, 1, 1, 3]);
  });

  it('tells questions and keys apart', async () => {
    assert.equal(await memory().share('key', ['a', 'b'], 'one', SECOND, 100), 'one');
    assert.equal(await memory().share('key', ['ab'], 'two', SECOND, 100), 'two');
    assert.equal(await memory().share('other key', ['a', 'b'], 'three', SECOND, 100), 'three');
  });

  it('survives an answer that was lost: the second try finds its own', async () => {
    let lost = 0;
    stand.table.choose = () => {
      lost += 1;
      return lost === 1 ? 'lost_answer' : undefined;
    };
    assert.equal(await memory().share('key', ['lost'], 'mine', SECOND, 100), 'mine');
    stand.table.choose = undefined;
    assert.ok(lost > 1);
  });

  it('stores nothing that can be read, and nothing twice the same', async () => {
    await memory().share('key', ['x'], 'CODE-482913', 60 * SECOND, 100);
    await memory().share('key', ['y'], 'CODE-482913', 60 * SECOND, 100);
    const items = await stand.items();
    const sealed = items.flatMap((item) =>
      item['sealed']?.B ? [Buffer.from(item['sealed'].B).toString('latin1')] : [],
    );
    assert.ok(sealed.length > 2);
    assert.equal(new Set(sealed).size, sealed.length);
    assert.doesNotMatch(JSON.stringify(items) + sealed.join(), /482913|secret|anna/);
  });

  it('fails when the table does', async () => {
    stand.table.choose = () => 'server_error';
    await assert.rejects(memory().share('key', ['down'], 'x', SECOND, 100));
    stand.table.choose = undefined;
  });
});
