import assert from 'node:assert/strict';
import { afterEach, describe, it, mock } from 'node:test';
import {
  entriesOf,
  IN_FLIGHT,
  markFor,
  newEntry,
  sharedEntry,
  waitForPlace,
} from '../../../lib/guard/window-entries.ts';

const NOW = Date.UTC(2026, 10, 23, 12, 10);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describe('the mark of a message', () => {
  it('is eight digits, the same for its repeats', () => {
    for (let index = 0; index < 100; index += 1) {
      assert.match(markFor(`message ${index}`), /^\d{8}$/); // some of a hundred begin with a zero
      assert.equal(markFor(`message ${index}`), markFor(`message ${index}`));
    }
  });

  it('tells messages apart', () => {
    const marks = Array.from({ length: 100 }, (_, index) => markFor(`message ${index}`));
    assert.equal(new Set(marks).size, 100);
  });
});

describe('an entry of a sliding window', () => {
  afterEach(() => mock.restoreAll());

  it('is below the time of its message, so that a window ends when it should', () => {
    // As a text: DynamoDB compares all the digits, and a double has fewer.
    assert.equal(newEntry('99999999', NOW).split('.')[0], String(NOW - 1));
  });

  it('is what DynamoDB gives back: no zero at the end, and no more than 38 digits', () => {
    mock.method(Math, 'random', () => 0.5); // 500000
    assert.equal(newEntry('00000000', NOW), `${NOW - 1}.000000005000001`);
  });

  it('is read from the item, newest first; an item that is not there has none', () => {
    assert.deepEqual(entriesOf({ sent: { L: [{ N: '2.1' }, { N: '1.1' }] } }), ['2.1', '1.1']);
    assert.deepEqual(entriesOf(undefined), []);
    assert.deepEqual(entriesOf({}), []);
  });
});

describe('the entry that a repeat shares', () => {
  const mark = '01234567';
  const mine = newEntry(mark, NOW);
  const other = newEntry('76543210', NOW);
  const aged = (age: number) => `${NOW - age}.${mark}71`;

  it('is that of the same message', () => {
    assert.equal(sharedEntry([mine, other, aged(200)], mine, mark, NOW), aged(200));
  });

  it('is neither its own nor one of another message', () => {
    assert.equal(sharedEntry([mine, other], mine, mark, NOW), undefined);
    assert.equal(sharedEntry([`${NOW - 1}.11234567${mark}1`], mine, mark, NOW), undefined);
  });

  it('is none that is older than any request', () => {
    assert.equal(sharedEntry([aged(IN_FLIGHT)], mine, mark, NOW), aged(IN_FLIGHT));
    assert.equal(sharedEntry([aged(IN_FLIGHT + 1)], mine, mark, NOW), undefined);
  });
});

describe('the wait for a place', () => {
  const at = (...ages: number[]) => ages.map((age) => `${NOW - age}`);
  const five = { count: 5, span: 10 * MINUTE };

  it('ends when the entry that takes the last place leaves the window', () => {
    const ages = [1, 2, 3, 4, 5, 6].map((minutes) => minutes * MINUTE);
    assert.equal(waitForPlace(at(...ages), [five], NOW), 5 * MINUTE);
    assert.equal(waitForPlace(at(30 * SECOND), [{ count: 1, span: 30 * SECOND }], NOW), 0);
  });

  it('is over where there are fewer entries than places', () => {
    assert.ok(waitForPlace(at(SECOND, SECOND, SECOND, SECOND), [five], NOW) <= 0);
    assert.ok(waitForPlace([], [five], NOW) <= 0);
  });

  it('is that of the window that is full for longest', () => {
    const entries = at(10 * SECOND, MINUTE, 2 * MINUTE, 3 * MINUTE, 4 * MINUTE);
    const interval = { count: 1, span: 30 * SECOND };
    assert.equal(waitForPlace(entries, [interval, five], NOW), 6 * MINUTE);
    assert.equal(waitForPlace(entries.slice(0, 4), [interval, five], NOW), 20 * SECOND);
  });
});
