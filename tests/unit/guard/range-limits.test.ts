import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countedRange, countryOf, isBlocked, type RangeLimits } from '../../../lib/guard/range-limits.ts';

const limits: RangeLimits = new Map([
  ['KZ', 20],
  ['RU-954', 0],
  ['RU-903', 400],
  ['UZ', 0],
  ['UZ-901', 7],
]);

describe('what a message is counted in', () => {
  for (const [range, total, name, ceiling] of [
    // A fifth of the total, rounded up
    ['RU-916', 1_000, 'RU-916', 200],
    ['RU-916', 1_001, 'RU-916', 201],
    ['RU-916', 1_004, 'RU-916', 201],
    ['RU-916', 5, 'RU-916', 1],
    ['RU-916', 3, 'RU-916', 1],
    ['RU-916', 1, 'RU-916', 1],
    ['RU-916', 10_000_000, 'RU-916', 2_000_000],
    // A value of its own, with a total or without one
    ['RU-903', 1_000, 'RU-903', 400],
    ['RU-903', 0, 'RU-903', 400],
    ['RU-954', 1_000, 'RU-954', 0],
    // A country with a value is counted as a whole
    ['KZ-701', 1_000, 'KZ', 20],
    ['KZ-702', 0, 'KZ', 20],
    ['UZ-902', 1_000, 'UZ', 0],
    // and the value of a range is before that of its country
    ['UZ-901', 1_000, 'UZ-901', 7],
  ] as const) {
    it(`${range} of a total of ${total}: ${ceiling} for ${name}`, () => {
      assert.deepEqual(countedRange(range, limits, total), { name, ceiling });
    });
  }

  it('nothing, with no total and no value', () => {
    assert.equal(countedRange('RU-916', limits, 0), undefined);
  });
});

describe('isBlocked', () => {
  for (const [range, expected] of [
    ['RU-954', true],
    ['UZ-902', true],
    ['UZ-901', false],
    ['RU-903', false],
    ['RU-916', false],
    ['KZ-701', false],
  ] as const) {
    it(`${range}: ${expected}`, () => assert.equal(isBlocked(range, limits), expected));
  }
});

it('countryOf takes the name of a range or of a country', () => {
  assert.deepEqual(['RU-903', 'KZ'].map(countryOf), ['RU', 'KZ']);
});
