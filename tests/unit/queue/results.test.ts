import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { pauseBefore } from '../../../lib/queue/results.ts';

const NOW = Date.UTC(2026, 10, 24, 12);
const DAY = 86_400_000;

describe('the pause before the next try of a command', () => {
  it('grows three times with each try, up to an hour', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 90].map((tries) =>
      pauseBefore(tries, undefined, NOW + DAY, NOW, 0),
    );
    assert.deepEqual(pauses, [5, 15, 45, 135, 405, 1215, 3600, 3600, 3600]);
  });

  it('is up to a quarter shorter, so that commands do not come back together', () => {
    assert.equal(pauseBefore(3, undefined, NOW + DAY, NOW, 0.999), 33);
  });

  it('is not shorter than SMS Aero or a limit asks for', () => {
    assert.equal(pauseBefore(1, 30, NOW + DAY, NOW), 30);
    assert.equal(pauseBefore(4, 30, NOW + DAY, NOW, 0), 135);
  });

  it('is an hour at the most, also where a limit asks for more', () => {
    assert.equal(pauseBefore(1, 20_000, NOW + DAY, NOW), 3600);
  });

  it('leaves a last try before the command expires', () => {
    assert.equal(pauseBefore(5, undefined, NOW + 60_000, NOW), 58);
    assert.equal(pauseBefore(5, undefined, NOW + 3_000, NOW), 1);
  });

  it('is none when no try is left', () => {
    assert.equal(pauseBefore(1, undefined, NOW + 2_999, NOW), undefined);
    assert.equal(pauseBefore(1, undefined, NOW - 1, NOW), undefined);
    assert.equal(pauseBefore(1, 3_600, NOW + 600_000, NOW), undefined);
  });

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
