import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keyedHash } from '../../../lib/derived-key.ts';
import { ConditionFailedError } from '../../../lib/dynamodb.ts';
import { hourlySlot } from '../../../lib/guard/hourly-total.ts';
import { type LimitName, Limits } from '../../../lib/guard/limits.ts';
import { countedRange, isBlocked } from '../../../lib/guard/range-limits.ts';
import { type Answer, givenTable } from '../../support/given-table.ts';

const HOUR = 3_600_000;
const NOW = 490_000 * HOUR + 600_000; // ten past an hour
const signal = AbortSignal.timeout(60_000);
const away = new Error('away');

/** What the table answers to the writes of an item, by the kind of its key. Without an answer it is written. */
type Answers = Readonly<Record<string, Answer>>;
const tableOf = (answers: Answers) => givenTable(({ key }) => answers[key.split('#')[0] ?? '']);

/** A failed condition: so many messages, so many seconds ago. */
const full = (seconds: number, messages = 9) =>
  new ConditionFailedError({ sent: { L: Array(messages).fill({ N: String(NOW - seconds * 1_000) }) } });

describe('all limits together', () => {
  const ON = {
    recipientInterval: 30,
    recipientPer10Minutes: 5,
    recipientPerDay: 9,
    addressPerHour: 2,
    blockPerHour: 9,
    totalPerHour: 100,
    rangeLimits: new Map<string, number>(),
  };
  const message = { number: '+79031234567', range: 'RU-903', clientAddress: '2001:db8::1' };

  async function ask(answers: Answers, settings: Partial<typeof ON> = {}) {
    const { table, updates } = tableOf(answers);
    const errors: [unknown, LimitName][] = [];
    const limits = new Limits(table, { ...ON, ...settings });
    const answered = await limits.ask(message, keyedHash('key'), NOW, signal, (...error) =>
      errors.push(error),
    );
    const released = async (keep?: readonly LimitName[]) => {
      updates.length = 0;
      await answered.release(signal, keep);
      return updates.map(({ key }) => key.split('#')[0]);
    };
    const kinds = updates.map(({ key }) => key.split('#')[0]);
    return { ...answered, kinds, updates, errors, released };
  }

  it('are one write each, two of an IPv6 address, and released as they were taken', async () => {
    const { refusal, unreachable, kinds, released } = await ask({});
    assert.deepEqual([refusal, unreachable], [undefined, []]);
    assert.deepEqual(kinds, ['recipient', 'block', 'address', 'address', 'total']);
    assert.deepEqual(await released(), kinds);
    assert.deepEqual(await released(['recipient', 'address']), ['block', 'total']);
  });

  it('tell the refusal that holds longest, and release only what was taken', async () => {
    const { refusal, released } = await ask({ recipient: full(10, 1), block: full(600) });
    assert.deepEqual(refusal, { limit: 'block', retryAfter: 3_000 });
    assert.deepEqual(await released(), ['address', 'address', 'total']);
    assert.deepEqual((await ask({ recipient: full(590), address: full(3_500) })).refusal, {
      limit: 'recipient',
      retryAfter: 85_810,
    });
  });

  it('refuse also where others could not be asked, which may have been taken all the same', async () => {
    const { refusal, unreachable, errors, released } = await ask({
      recipient: full(10),
      block: away,
      address: away,
    });
    assert.equal(refusal?.limit, 'recipient');
    assert.deepEqual(unreachable, ['block', 'address']);
    assert.deepEqual(errors, [
      [away, 'block'],
      [away, 'address'],
      [away, 'address'],
    ]);
    await assert.rejects(released(), away);
  });

  it('release all, and throw the first error then', async () => {
    const answers: Record<string, Answer> = {};
    const { updates, released } = await ask(answers);
    answers['block'] = away;
    answers['address'] = new Error('another');
    await assert.rejects(released(), away);
    assert.equal(updates.length, 5);
  });

  it('name the total, or the range where there is no total', async () => {
    assert.deepEqual((await ask({ total: away })).unreachable, ['total']);
    const settings = { totalPerHour: 0, rangeLimits: new Map([['RU', 1]]) };
    assert.deepEqual((await ask({ total: away }, settings)).unreachable, ['range']);
  });
});

describe('a slot of the hour', () => {
  const range = { name: 'RU-903', ceiling: 20 };
  const slotOf = (answers: Answers) => {
    const { table, updates } = tableOf(answers);
    return { slot: hourlySlot(table, { total: 100, range }, NOW), updates };
  };

  it('has a token that no other has', async () => {
    const tokens = new Set<string>();
    for (let index = 0; index < 20; index += 1) {
      const { slot, updates } = slotOf({});
      assert.deepEqual(await slot.take(signal), { granted: true });
      const [{ names = {}, values = {} } = {}] = updates;
      assert.match(`${names['#token']} ${values[':token']?.S}`, /^token\d\d? [\w-]{12}$/);
      tokens.add(values[':token']?.S ?? '');
    }
    assert.equal(tokens.size, 20);
  });

  it('is refused until the end of the hour, as that of its range, if nothing is counted in all', async () => {
    for (const item of [{}, undefined]) {
      const { slot } = slotOf({ total: new ConditionFailedError(item) });
      assert.deepEqual(await slot.take(signal), { granted: false, retryAfter: 3_000, limit: 'range' });
    }
  });

  it('throws what is not a condition', async () => {
    await assert.rejects(slotOf({ total: away }).slot.take(signal), away);
    await assert.rejects(slotOf({ total: away }).slot.release(signal), away);
  });
});

describe('what a message is counted in', () => {
  const limits = new Map(Object.entries({ KZ: 20, 'RU-903': 400, UZ: 0, 'UZ-901': 7 }));
  for (const [range, total, name, ceiling] of [
    // A fifth of the total, rounded up
    ['RU-916', 1_000, 'RU-916', 200],
    ['RU-916', 1_001, 'RU-916', 201],
    // A value of its own, with a total or without one
    ['RU-903', 1_000, 'RU-903', 400],
    ['RU-903', 0, 'RU-903', 400],
    // A country with a value is counted as a whole
    ['KZ-701', 1_000, 'KZ', 20],
    ['UZ-902', 0, 'UZ', 0],
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

  it('is blocked by the value 0', () => {
    const ranges = ['UZ-902', 'UZ-901', 'KZ-701', 'RU-916'];
    const blocked = ranges.filter((range) => isBlocked(range, limits));
    assert.deepEqual(blocked, ['UZ-902']);
  });
});
