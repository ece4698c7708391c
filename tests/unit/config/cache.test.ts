import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { Cache, timesFor } from '../../../lib/config/cache.ts';

const MINUTE = 60_000;

describe('Cache', () => {
  let now: number;
  let loads: number;
  let failing: boolean;
  let stale: number[];
  let cache: Cache<string>;

  beforeEach(() => {
    now = 1_700_000_000_000;
    loads = 0;
    failing = false;
    stale = [];
    cache = new Cache({
      load: async () => {
        loads += 1;
        if (failing) throw new Error('unreachable');
        return `value ${loads}`;
      },
      onStale: (_, ageSeconds) => stale.push(ageSeconds),
      now: () => now,
    });
  });

  /** Lets a background refresh come to its end. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('keeps the value for five minutes, and serves it while one refresh runs in the background', async () => {
    await cache.get();
    now += 5 * MINUTE;
    assert.equal(await cache.get(), 'value 1');
    assert.equal(loads, 1);
    now += 1;
    assert.deepEqual(await Promise.all([cache.get(), cache.get()]), ['value 1', 'value 1']);
    await settle();
    assert.equal(await cache.get(), 'value 2');
    assert.equal(loads, 2);
  });

  it('loads for each request with an age of 0, also just after a renewal', async () => {
    let value = 0;
    const load = async () => ++value;
    const eager = new Cache({ load, onStale: () => {}, now: () => now, times: timesFor(0) });
    const first = await eager.get();
    now += 1;
    assert.equal(await eager.get(), 2);
    assert.equal(await eager.renew(first), 2);
    assert.equal(await eager.renew(2), 3);
    now += 1;
    assert.equal(await eager.get(), 4);
    assert.deepEqual(timesFor(5 * MINUTE), { refreshAfter: 5 * MINUTE, refresh: 30 * MINUTE, pause: 5_000 });
  });

  it('survives a refresh in the background that fails, and tries again after a pause', async () => {
    await cache.get();
    failing = true;
    now += 6 * MINUTE;
    assert.equal(await cache.get(), 'value 1');
    await settle();
    assert.equal(await cache.get(), 'value 1');
    assert.deepEqual([loads, stale], [2, [360]]);
    failing = false;
    now += 5_000;
    await cache.get();
    await settle();
    assert.equal(await cache.get(), 'value 3');
  });

  it('gives a fresh value where a "no" depends on it: refreshed if older than five minutes', async () => {
    await cache.get();
    assert.equal(await cache.getRefreshed(), 'value 1');
    now += 5 * MINUTE + 1;
    assert.deepEqual(await Promise.all([cache.getRefreshed(), cache.getRefreshed()]), ['value 2', 'value 2']);
    failing = true;
    now += 5 * MINUTE + 1;
    assert.equal(await cache.getRefreshed(), 'value 2');
    assert.equal(await cache.getRefreshed(), 'value 2');
    assert.equal(loads, 3);
  });

  it('gives the value that a load under way brings at that moment', async () => {
    const loaded = Promise.withResolvers<string>();
    const values = [Promise.resolve('wrong'), loaded.promise];
    const load = () => values.shift() ?? Promise.reject(new Error('one load too many'));
    const shared = new Cache({ load, onStale: () => {}, now: () => now });
    const renewed = shared.renew(await shared.get());
    loaded.resolve('right');
    assert.deepEqual(await Promise.all([shared.getRefreshed(), renewed]), ['right', 'right']);
  });

  it('waits for the refresh when the process was frozen for more than half an hour', async () => {
    await cache.get();
    now += 31 * MINUTE;
    assert.equal(await cache.get(), 'value 2');
  });

  it('serves the old value for a day while loading fails, with a pause between tries', async () => {
    await cache.get();
    failing = true;
    now += 24 * 60 * MINUTE;
    assert.equal(await cache.get(), 'value 1');
    assert.equal(await cache.get(), 'value 1');
    assert.equal(loads, 2);
    assert.deepEqual(stale, [24 * 60 * 60]);
  });

  for (const what of ['no value', 'only one older than a day']) {
    it(`fails at once, with the same error and no load, for a second after a failure with ${what}`, async () => {
      if (what !== 'no value') await cache.get();
      now += 24 * 60 * MINUTE + 1;
      const before = loads;
      failing = true;
      const error = await cache.get().catch((thrown: unknown) => thrown);
      now += 999;
      for (const ask of [() => cache.get(), () => cache.getRefreshed()]) {
        assert.equal(await ask().catch((thrown: unknown) => thrown), error);
      }
      assert.equal(loads, before + 1);
      now += 1;
      failing = false;
      const values = await Promise.all([cache.get(), cache.get(), cache.getRefreshed()]);
      assert.deepEqual(values, Array(3).fill(`value ${before + 2}`));
    });
  }

  it('makes no longer pause when the clock is set back', async () => {
    failing = true;
    await assert.rejects(cache.get());
    failing = false;
    now -= 60 * MINUTE;
    assert.equal(await cache.get(), 'value 2');
  });

  it('renews a value that proved wrong, once for all who found it out', async () => {
    const wrong = await cache.get();
    assert.deepEqual(await Promise.all([cache.renew(wrong), cache.renew(wrong)]), ['value 2', 'value 2']);
    assert.equal(await cache.renew(wrong), 'value 2');
    assert.equal(loads, 2);
  });

  it('does not renew again at once: a key that stays wrong costs a call in five seconds', async () => {
    const first = await cache.renew(await cache.get());
    assert.equal(await cache.renew(first), first);
    assert.equal(loads, 2);
    now += 5_000;
    assert.equal(await cache.renew(first), 'value 3');
  });

  it('waits for a load that is under way, also in the pause after one that failed', async () => {
    const wrong = await cache.get();
    now += 24 * 60 * MINUTE + 1;
    failing = true;
    await assert.rejects(cache.get());
    failing = false;
    now += 1_000; // the pause of `get` is over, that of `renew` is not
    assert.deepEqual(await Promise.all([cache.get(), cache.renew(wrong)]), ['value 3', 'value 3']);
  });

  it('gives the wrong value back when none can be had', async () => {
    const wrong = await cache.get();
    failing = true;
    assert.equal(await cache.renew(wrong), wrong);
    assert.deepEqual(stale, [0]);
  });
});
