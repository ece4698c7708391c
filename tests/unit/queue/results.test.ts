import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { pauseBefore } from '../../../lib/queue/results.ts';

const NOW = Date.UTC(2026, 10, 24, 12);
const DAY = 86_400_000;

const TRIES = [1, 2, 3, 4, 5, 6, 7, 8, 90];
const GROWING = [5, 15, 45, 135, 405, 1215, 3600, 3600, 3600];

describe('the pause before the next try of a command', () => {
  for (const [name, tries, retryAfter, left, chance, pause] of [
    ...TRIES.map((tries, at) => ['grows', tries, undefined, DAY, 0, GROWING[at]] as const),
    ['is up to a quarter shorter, so that commands do not come back together', 3, undefined, DAY, 0.999, 33],
    ['is not shorter than SMS Aero or a limit asks for', 1, 30, DAY, 0, 30],
    ['is not longer for that', 4, 30, DAY, 0, 135],
    ['is an hour at the most, also where a limit asks for more', 1, 20_000, DAY, 0, 3600],
    ['leaves a last try', 5, undefined, 60_000, 0, 58],
    ['leaves a last try', 5, undefined, 3_000, 0, 1],
    ['is none where no try is left', 1, undefined, 2_999, 0, undefined],
    ['is none where no try is left', 1, undefined, -1, 0, undefined],
    ['is none where it would end too late', 1, 3_600, 600_000, 0, undefined],
  ] as const) {
    it(`${name}: try ${tries}, ${left} ms left`, () => {
      assert.equal(pauseBefore(tries, retryAfter, NOW + left, NOW, chance), pause);
    });
  }

  it('never reaches past the end', () => {
    const numbers = [
      fc.integer({ min: 1, max: 50 }),
      fc.nat(100_000),
      fc.integer({ min: -5_000, max: DAY }),
    ] as const;
    fc.assert(
      fc.property(
        ...numbers,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (tries, retryAfter, left, chance) => {
          const pause = pauseBefore(tries, retryAfter, NOW + left, NOW, chance);
          return pause === undefined || (pause >= 1 && pause <= 3_600 && pause * 1_000 <= left - 2_000);
        },
      ),
    );
  });
});
