import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, it, mock } from 'node:test';
import { keyedHash } from '../../../lib/derived-key.ts';
import type { GuardRequest, GuardSettings, Verdict } from '../../../lib/guard/verdict.ts';
import { guardRequest, NO_MONEY, startGuard } from '../../support/guard.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

const to = (number: string) => ({ number });
const from = (clientAddress: string) => ({ clientAddress });
const within = (range: string) => ({ range });
const USUAL = {};
const OTHER = { number: '+79169876543', clientAddress: '198.51.100.7' };

/** Ranges that hold nobody up, for tests of the total. */
const WIDE_RANGES = new Map([['RU', 1_000_000]]);

/** What a verdict comes to, in a word. */
const wordOf = (verdict: Verdict) => (verdict.verdict === 'rate_exceeded' ? verdict.limit : verdict.verdict);

/** One request: the seconds since the one before, how it differs from the usual one, and what the guard says. */
type Step = readonly [after: number, changes: Partial<GuardRequest>, answer: string];

const stand = await startGuard();
after(() => stand.close());

describe('Guard: rates', () => {
  const hash = keyedHash('test-hash-key');
  const usual = guardRequest();
  const block = usual.number.slice(0, -3);
  /** Every limit, of which none is reached. */
  const ALL = { recipientPerDay: 9, addressPerHour: 9, blockPerHour: 9, totalPerHour: 45 };
  let days = 0;
  beforeEach(() => {
    days += 10; // nothing of one test counts in the next
    mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 10, 23, 12, 10) + days * DAY });
  });
  afterEach(() => {
    mock.timers.reset();
    stand.table.choose = undefined;
  });

  async function mayBeSent(settings: Partial<GuardSettings>, changes: Partial<GuardRequest> = {}) {
    const verdict = await stand.guard(settings).ask(guardRequest(changes));
    assert.ok(verdict.verdict === 'send');
    return verdict;
  }
  const totalKey = () => `total#${Math.floor(Date.now() / HOUR)}`;
  /** The messages of the last day that count for the usual recipient, address and block, for the total and for the range. */
  async function counts() {
    const items = await stand.table.items();
    const item = (key: string) => items.find(({ pk }) => pk?.S === key);
    const sent = (key: string) =>
      item(key)?.['sent']?.L?.filter(({ N }) => Number(N) > Date.now() - DAY).length ?? 0;
    const total = item(totalKey());
    return [
      sent(hash('recipient', usual.number)),
      sent(hash('address', usual.clientAddress ?? '')),
      sent(hash('block', block)),
      Number(total?.['count']?.N ?? 0),
      Number(total?.['RU-903']?.N ?? 0),
    ];
  }
  /** Loses the answer to the first write of each item. */
  function loseFirstAnswers() {
    const seen = new Set<string>();
    stand.table.choose = (operation, { key }) => {
      if (operation !== 'UpdateItem' || seen.has(key)) return undefined;
      seen.add(key);
      return 'lost_answer';
    };
  }

  /** Begins at ten past an hour. */
  const rule = (name: string, settings: Partial<GuardSettings>, steps: readonly Step[]) =>
    it(name, async () => {
      const guard = stand.guard(settings);
      for (const [index, [seconds, changes, answer]] of steps.entries()) {
        mock.timers.tick(seconds * SECOND);
        const verdict = await guard.ask(guardRequest(changes));
        const told = verdict.verdict === 'rate_exceeded' ? ` ${verdict.retryAfter}` : '';
        assert.equal(`${wordOf(verdict)}${told}`, answer, `request ${index + 1}`);
      }
    });

  rule('30 s between two messages to one recipient', { recipientInterval: 30 }, [
    [0, USUAL, 'send'],
    [10, USUAL, 'recipient 20'],
    [19.5, USUAL, 'recipient 1'],
    [0, OTHER, 'send'],
    [0.5, USUAL, 'send'],
  ]);
  rule(
    '2 in any 10 minutes, 3 in any day to one recipient',
    { recipientPer10Minutes: 2, recipientPerDay: 3 },
    [
      [0, USUAL, 'send'],
      [60, USUAL, 'send'],
      [60, USUAL, 'recipient 480'],
      [480, USUAL, 'send'],
      [600, USUAL, 'recipient 85200'],
      [85_200, USUAL, 'send'],
    ],
  );
  rule('2 an hour from an address, of IPv6 from a /64, and 8 from its /48', { addressPerHour: 2 }, [
    [0, from('2001:db8:1:7::1'), 'send'],
    [0, from('2001:db8:1:7::2'), 'send'],
    [0, from('2001:db8:1:7:ffff::'), 'address 3600'],
    ...['8::1', '8::2', '9::1', '9::2', 'a::1', 'a::2'].map(
      (host): Step => [0, from(`2001:db8:1:${host}`), 'send'],
    ),
    [0, from('2001:db8:1:b::1'), 'address 3600'],
    [0, from('2001:db8:2:b::1'), 'send'],
    ...[1, 2, 3].map((): Step => [0, from('10.0.0.1'), 'send']),
    [3_600, from('2001:db8:1:7::3'), 'send'],
  ]);
  rule('2 an hour to one block of 1,000 numbers', { blockPerHour: 2 }, [
    [0, to('+79031234000'), 'send'],
    [0, to('+79031234999'), 'send'],
    [0, to('+79031234500'), 'block 3600'],
    [0, to('+79031235000'), 'send'],
    [3_600, to('+79031234500'), 'send'],
  ]);
  rule('2 altogether in a clock hour', { totalPerHour: 2, rangeLimits: WIDE_RANGES }, [
    [0, USUAL, 'send'],
    [0, OTHER, 'send'],
    [0, USUAL, 'total 3000'],
    [2_999.5, USUAL, 'total 1'],
    [0.5, USUAL, 'send'],
  ]);
  rule('a fifth of the total to one range, rounded up', { totalPerHour: 6 }, [
    [0, within('RU-903'), 'send'],
    [0, within('RU-903'), 'send'],
    [0, within('RU-903'), 'range 3000'],
    [0, within('KZ-903'), 'send'],
    ...['RU-904', 'RU-905', 'RU-906'].map((range): Step => [0, within(range), 'send']),
    [0, within('RU-903'), 'total 3000'],
    [3_000, within('RU-903'), 'send'],
  ]);
  const two = new Map([
    ['RU-903', 1],
    ['RU-905', 1],
  ]);
  rule('only the ranges that have a limit, without a total', { rangeLimits: two }, [
    [0, within('RU-903'), 'send'],
    [0, within('RU-903'), 'range 3000'],
    [0, within('RU-905'), 'send'],
    [0, within('RU-904'), 'send'],
    [0, within('RU-904'), 'send'],
  ]);

  it('a refusal and a repeat cost nothing, also when other messages came in between', async () => {
    const settings = { ...ALL, recipientInterval: 30 };
    const request = { idempotency: { key: 'a repeat', ttlS: 600 } };
    const first = await mayBeSent(settings, request);
    await first.complete({ status: 'unknown', reason: 'no_answer', channel: 'sms' });
    await mayBeSent(settings, to(`${block}999`));
    assert.equal(wordOf(await stand.guard(settings).ask(guardRequest())), 'recipient');
    assert.equal(wordOf(await stand.guard(settings).ask(guardRequest(request))), 'duplicate');
    assert.deepEqual(await counts(), [1, 2, 2, 2, 2]);
  });

  for (const [limit, settings] of [
    ['recipient', { recipientPerDay: 3 }],
    ['address', { addressPerHour: 3, blockPerHour: 9, totalPerHour: 45 }],
    ['total', { totalPerHour: 3, rangeLimits: WIDE_RANGES }],
    ['range', { totalPerHour: 15 }],
  ] as const) {
    it(`of six at the same time exactly three get through, and the rest keeps no slot: ${limit}`, async () => {
      const guards = [1, 2].map(() => stand.guard({ timeout: 20_000, ...settings }));
      const asked = Array.from({ length: 6 }, (_, index) =>
        guards[index % 2]?.ask(guardRequest({ deadline: Date.now() + 60_000 })),
      );
      const words = (await Promise.all(asked)).map((verdict) => verdict && wordOf(verdict));
      assert.deepEqual(words.toSorted(), [...Array(3).fill(limit), ...Array(3).fill('send')].toSorted());
      for (const count of await counts()) assert.ok(count === 0 || count === 3, String(count));
    });
  }

  it('an item does not grow for ever, and counts on as it should', async () => {
    const key = hash('recipient', OTHER.number);
    const names = { '#sent': 'sent' };
    const values = { ':sent': { L: Array.from({ length: 101 }, () => ({ N: '1' })) } };
    await stand.table.open().update({ key, expression: 'SET #sent = :sent', names, values });
    await mayBeSent({ recipientInterval: 30 }, OTHER);
    const item = (await stand.table.items()).find(({ pk }) => pk?.S === key);
    assert.equal(item?.['sent']?.L?.length, 51); // one that counts, and fifty more
    assert.equal(wordOf(await stand.guard({ recipientInterval: 30 }).ask(guardRequest(OTHER))), 'recipient');
  });

  it('all limits are asked at the same time, once each, and every item expires after its use', async () => {
    stand.table.keys.length = 0;
    const deadline = Date.now() + 20_000;
    const held = Promise.withResolvers<undefined>();
    // None of them is answered before all are asked.
    stand.table.choose = (_, { key }) => {
      if (stand.table.keys.length === 5) held.resolve(undefined);
      return key.startsWith('message#') ? undefined : held.promise;
    };
    const limits = { ...ALL, recipientInterval: 30, timeout: 20_000 }; // the longest window of a recipient counts
    await mayBeSent(limits, { deadline, idempotency: { key: 'expires', ttlS: 60 } });
    const keys = [...stand.table.keys];
    assert.deepEqual(
      keys.map((key) => key.split('#')[0]),
      ['message', 'recipient', 'block', 'address', 'total'],
    );
    const items = await stand.table.items();
    const expiresIn = keys.map((key) => {
      const { expiresAt } = items.find(({ pk }) => pk?.S === key) ?? {};
      return Number(expiresAt?.N) - Date.now() / SECOND;
    });
    assert.deepEqual(expiresIn, [60, 86_400, 3_600, 3_600, 3_000]);
    // A repeat waits a moment past the deadline: the outcome may be written then.
    const message = items.find(({ pk }) => pk?.S === keys[0]);
    assert.equal(Number(message?.['until']?.N), deadline + 500);
  });

  it('a message counts once where the answers to its writes are lost, and is released once', async () => {
    loseFirstAnswers();
    const { skipped, complete } = await mayBeSent(
      { ...ALL, timeout: 20_000 },
      { idempotency: { key: 'lost answers', ttlS: 60 } },
    );
    assert.deepEqual([skipped, await counts()], [[], [1, 1, 1, 1, 1]]);
    loseFirstAnswers();
    await complete(NO_MONEY);
    assert.deepEqual(await counts(), [0, 0, 0, 0, 0]);
  });

  it('a slot that may have been taken is free again, if nothing is sent', async () => {
    stand.logged.length = 0;
    stand.table.choose = (_, { key }) =>
      /^(recipient|total)#/.test(key) && stand.logged.length === 0 ? 'lost_answer' : undefined;
    const request = guardRequest({ guardRequired: true, retried: true });
    const verdict = await stand.guard({ ...ALL, timeout: 100 }).ask(request);
    assert.equal(verdict.verdict, 'unavailable');
    assert.deepEqual(await counts(), [0, 0, 0, 0, 0]);
  });

  it('what counted is released although the token of another message has replaced its own', async () => {
    const { complete } = await mayBeSent(ALL);
    const item = (await stand.table.items()).find(({ pk }) => pk?.S === totalKey());
    const token = Object.keys(item ?? {}).find((name) => name.startsWith('token')) ?? '';
    const names = { '#token': token };
    const values = { ':other': { S: 'other' } };
    await stand.table.open().update({ key: totalKey(), expression: 'SET #token = :other', names, values });
    await complete(NO_MONEY);
    assert.deepEqual((await counts()).slice(3), [0, 0]);
  });
});
