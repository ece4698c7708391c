import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Reading, spendingOf, withReading } from '../../../lib/account/spending.ts';

const HOUR = 3_600_000;
const NOW = 1_772_357_400_000;

/** A reading some hours before now. */
const at = (hoursAgo: number, balance: number): Reading => ({ at: NOW - hoursAgo * HOUR, balance });

suite('What was spent in a day', () => {
  for (const [name, readings, expected] of [
    [
      'is the sum of all losses, whatever was topped up between',
      [at(24, 500), at(18, 420), at(12, 1_420), at(6, 1_400), at(0, 1_300)],
      { lastDay: 200, daysLeft: 6.5 },
    ],
    ['is not known without readings', [], undefined],
    ['is not known before they go back a day', [at(23, 500), at(0, 400)], undefined],
    ['is known if the schedule was late', [at(23.75, 500), at(0, 400)], { lastDay: 100, daysLeft: 4 }],
    [
      'leaves no number of days if it is nothing',
      [at(24, 500), at(0, 500)],
      { lastDay: 0, daysLeft: undefined },
    ],
    ['is nothing after a top-up only', [at(24, 500), at(0, 900)], { lastDay: 0, daysLeft: undefined }],
    [
      'is a mean where the readings have a longer gap',
      [at(48, 500), at(0, 300)],
      { lastDay: 100, daysLeft: 3 },
    ],
    ['is in whole kopecks', [at(24, 100.1), at(12, 100), at(0, 99.7)], { lastDay: 0.4, daysLeft: 249.3 }],
    ['leaves no day for an empty balance', [at(24, 100), at(0, 0)], { lastDay: 100, daysLeft: 0 }],
  ] as const) {
    test(name, () => assert.deepEqual(spendingOf(readings), expected));
  }
});

suite('The readings that are kept', () => {
  test('are those of a day, and the last one before', () => {
    const readings = [at(30, 1), at(25, 2), at(24, 3), at(23, 4), at(1, 5)];
    assert.deepEqual(withReading(readings, at(0, 6)), [at(24, 3), at(23, 4), at(1, 5), at(0, 6)]);
  });

  test('are a hundred where one comes every quarter of an hour', () => {
    let readings: Reading[] = [];
    for (let quarter = 400; quarter >= 0; quarter -= 1) {
      readings = withReading(readings, at(quarter / 4, quarter));
    }
    assert.equal(readings.length, 97);
    assert.equal(spendingOf(readings)?.lastDay, 96);
  });

  test('have none of the future', () => {
    assert.deepEqual(withReading([at(1, 1), at(-1, 2)], at(0, 3)), [at(1, 1), at(0, 3)]);
  });
});
