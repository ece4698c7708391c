import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it, mock } from 'node:test';
import { keyedHash } from '../../../lib/derived-key.ts';
import type { GuardRequest, GuardSettings } from '../../../lib/guard/verdict.ts';
import {
  type GuardUnderTest,
  guardRequest,
  NO_MONEY,
  startGuard,
  WIDE_RANGES,
  wordOf,
} from '../../support/guard.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe('Guard: rates', () => {
  let stand: GuardUnderTest;
  let numbers = 0;
  before(async () => {
    stand = await startGuard();
  });
  after(() => stand.close());
  afterEach(() => {
    mock.timers.reset();
    stand.table.choose = undefined;
  });

  /** Time that only the test moves; it begins at the same point of an hour each time. */
  const freeze = () =>
    mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 10, 23, 12, 10, 0) + numbers * 24 * HOUR });
  /** A number in a block of its own, and an address of its own. */
  const fresh = (): Partial<GuardRequest> => {
    numbers += 1;
    return { number: `+79${String(numbers).padStart(6, '0')}001`, clientAddress: `203.0.${numbers}.1` };
  };
  const asking = (settings: Partial<GuardSettings>) => {
    const guard = stand.guard(settings);
    return async (changes: Partial<GuardRequest>, sent = true) => {
      const verdict = await guard.ask(guardRequest(changes));
      if (verdict.verdict === 'send') {
        await verdict.complete(
          sent
            ? { status: 'accepted', messageId: '1', channel: 'sms', deliveryId: 'delivery-1', segments: 1 }
            : NO_MONEY,
        );
      }
      return verdict.verdict === 'rate_exceeded' ? `${verdict.limit} ${verdict.retryAfter}` : wordOf(verdict);
    };
  };

  it('30 s between two messages to one recipient', async () => {
    freeze();
    const ask = asking({ recipientInterval: 30 });
    const to = fresh();
    assert.equal(await ask(to), 'send');
    mock.timers.tick(10 * SECOND);
    assert.equal(await ask(to), 'recipient 20');
    mock.timers.tick(19_500);
    assert.equal(await ask(to), 'recipient 1');
    mock.timers.tick(500);
    assert.equal(await ask(to), 'send');
    assert.equal(await ask(fresh()), 'send');
  });

  it('5 in any 10 minutes and 10 in any 24 hours to one recipient', async () => {
    freeze();
    const ask = asking({ recipientInterval: 30, recipientPer10Minutes: 5, recipientPerDay: 10 });
    const to = fresh();
    for (let index = 0; index < 5; index += 1) {
      assert.equal(await ask(to), 'send');
      mock.timers.tick(MINUTE);
    }
    assert.equal(await ask(to), 'recipient 300');
    mock.timers.tick(5 * MINUTE);
    for (let index = 0; index < 5; index += 1) {
      assert.equal(await ask(to), 'send');
      mock.timers.tick(MINUTE);
    }
    mock.timers.tick(10 * MINUTE);
    assert.equal(await ask(to), `recipient ${(24 * HOUR - 25 * MINUTE) / SECOND}`);
    mock.timers.tick(24 * HOUR - 25 * MINUTE);
    assert.equal(await ask(to), 'send');
  });

  it('20 an hour from one address, IPv6 by its /64; an address of a private network does not count', async () => {
    freeze();
    const ask = asking({ addressPerHour: 20 });
    numbers += 1;
    for (let index = 0; index < 20; index += 1) {
      assert.equal(
        await ask({ number: `+7916000${index}001`, clientAddress: `2001:db8:${numbers}:7::${index}` }),
        'send',
      );
    }
    assert.equal(await ask({ clientAddress: `2001:db8:${numbers}:7:ffff::` }), 'address 3600');
    assert.equal(await ask({ clientAddress: `2001:db8:${numbers}:8::1` }), 'send');
    for (let index = 0; index < 25; index += 1) {
      assert.equal(await ask({ clientAddress: '10.0.0.1' }), 'send');
    }
    mock.timers.tick(HOUR);
    assert.equal(await ask({ clientAddress: `2001:db8:${numbers}:7::` }), 'send');
  });

  it('four times as many an hour from the /48 of an address', async () => {
    freeze();
    const ask = asking({ addressPerHour: 2 });
    numbers += 1;
    const from = (network: string, host: number) =>
      ask({ clientAddress: `2001:db8:${numbers}:${network}::${host}` });
    for (const network of ['a', 'b', 'c', 'd'])
      for (const host of [1, 2]) assert.equal(await from(network, host), 'send');
    assert.equal(await from('e', 1), 'address 3600');
    numbers += 1;
    assert.equal(await from('e', 1), 'send', 'another /48');
  });

  it('30 an hour to one block of 1,000 numbers', async () => {
    freeze();
    const ask = asking({ blockPerHour: 30 });
    const block = (fresh().number ?? '').slice(0, -3);
    for (let index = 0; index < 30; index += 1) {
      assert.equal(await ask({ number: block + String(index * 33).padStart(3, '0') }), 'send');
    }
    assert.equal(await ask({ number: `${block}999` }), 'block 3600');
    assert.equal(await ask(fresh()), 'send');
  });

  it('a ceiling for all messages of a clock hour', async () => {
    freeze();
    const ask = asking({ totalPerHour: 3, rangeLimits: WIDE_RANGES });
    for (let index = 0; index < 3; index += 1) {
      assert.equal(await ask(fresh()), 'send');
    }
    assert.equal(await ask(fresh()), 'total 3000');
    mock.timers.tick(50 * MINUTE);
    assert.equal(await ask(fresh()), 'send');
  });

  describe('a range of numbers', () => {
    const DAY_MS = 24 * HOUR;
    let days = 0;
    /** An hour that no other test is in: what is counted by range is counted by the clock hour. */
    const newHour = () => {
      days += 1;
      mock.timers.enable({ apis: ['Date'], now: Date.UTC(2033, 0, 1, 12, 10, 0) + days * DAY_MS });
      return `total#${Math.floor(Date.now() / HOUR)}`;
    };
    const itemOf = async (key: string) => (await stand.items()).find(({ pk }) => pk?.S === key) ?? {};
    const times = async (count: number, one: () => Promise<string>) => {
      const words: string[] = [];
      for (let index = 0; index < count; index += 1) words.push(await one());
      return words;
    };

    it('has a fifth of the total, rounded up, and others have another', async () => {
      newHour();
      const ask = asking({ totalPerHour: 11 });
      assert.deepEqual(await times(3, () => ask({ range: 'RU-903' })), Array(3).fill('send'));
      assert.equal(await ask({ range: 'RU-903' }), 'range 3000');
      assert.equal(await ask({ range: 'RU-904' }), 'send');
      assert.equal(await ask({ range: 'KZ-903' }), 'send');
      mock.timers.tick(49 * MINUTE + 59_500);
      assert.equal(await ask({ range: 'RU-903' }), 'range 1');
      mock.timers.tick(500);
      assert.equal(await ask({ range: 'RU-903' }), 'send');
    });

    it('that is full leaves the rest of the total to others, and the total is named once that is full', async () => {
      newHour();
      const ask = asking({ totalPerHour: 5 });
      assert.deepEqual(await times(4, () => ask({ range: 'RU-903' })), [
        'send',
        ...Array(3).fill('range 3000'),
      ]);
      for (const range of ['RU-904', 'RU-905', 'RU-906', 'RU-907'])
        assert.equal(await ask({ range }), 'send');
      assert.equal(await ask({ range: 'RU-908' }), 'total 3000');
      assert.equal(await ask({ range: 'RU-903' }), 'total 3000');
    });

    it('has no limit without a total, if the deployment sets none', async () => {
      const key = newHour();
      const ask = asking({ totalPerHour: 0, rangeLimits: new Map([['RU-903', 2]]) });
      assert.deepEqual(await times(8, () => ask({ range: 'RU-904' })), Array(8).fill('send'));
      assert.deepEqual(await itemOf(key), {}, 'nothing is counted');
      assert.deepEqual(await times(3, () => ask({ range: 'RU-903' })), ['send', 'send', 'range 3000']);
    });

    it('is counted in the write of the total: a message asks the table as often as before', async () => {
      const key = newHour();
      const ask = asking({ totalPerHour: 10 });
      const before = stand.table.keys.length;
      stand.table.choose = () => undefined; // so that keys are noted
      await ask({ range: 'RU-903' });
      assert.equal(stand.table.keys.slice(before).filter((asked) => asked === key).length, 1);
      const { count, ['RU-903']: counted } = await itemOf(key);
      assert.deepEqual([count?.N, counted?.N], ['1', '1']);
    });

    it('gets back what was not sent, as the total does; a refusal counts nowhere', async () => {
      const key = newHour();
      const ask = asking({ totalPerHour: 10 });
      assert.deepEqual(await times(5, () => ask({ range: 'RU-903' }, false)), Array(5).fill('send'));
      assert.deepEqual(await times(3, () => ask({ range: 'RU-903' })), ['send', 'send', 'range 3000']);
      const { count, ['RU-903']: counted } = await itemOf(key);
      assert.deepEqual([count?.N, counted?.N], ['2', '2']);
    });

    it('keeps its count where SMS Aero refused the number only as the total does: not', async () => {
      const key = newHour();
      const verdict = await stand.guard({ totalPerHour: 10 }).ask(guardRequest());
      assert.ok(verdict.verdict === 'send');
      await verdict.complete({ status: 'failed', reason: 'rejected' });
      const { count, ['RU-903']: counted } = await itemOf(key);
      assert.deepEqual([count?.N, counted?.N], ['0', '0']);
    });

    it('is counted from now on in an item of an earlier version, which has only the total', async () => {
      const key = newHour();
      await asking({ totalPerHour: 10, rangeLimits: new Map() })({ range: 'RU-903' });
      const update = { key, expression: 'REMOVE #range SET #count = :count' };
      const names = { '#range': 'RU-903', '#count': 'count' };
      await stand.update({ ...update, names, values: { ':count': { N: '7' } } });
      const ask = asking({ totalPerHour: 10 });
      assert.deepEqual(await times(3, () => ask({ range: 'RU-903' })), ['send', 'send', 'range 3000']);
      assert.equal(await ask({ range: 'RU-904' }), 'send');
      assert.equal(await ask({ range: 'RU-904' }), 'total 3000');
    });

    it('counts a message once where the answer to its write is lost, and releases it once', async () => {
      const key = newHour();
      const guard = stand.guard({ totalPerHour: 10, timeout: 20_000 });
      const loseFirst = () => {
        let calls = 0;
        stand.table.choose = () => {
          calls += 1;
          return calls === 1 ? 'lost_answer' : undefined;
        };
      };
      const counts = async () => {
        stand.table.choose = undefined;
        const { count, ['RU-903']: counted } = await itemOf(key);
        return [count?.N, counted?.N];
      };
      loseFirst();
      const verdict = await guard.ask(guardRequest());
      assert.ok(verdict.verdict === 'send');
      assert.deepEqual(await counts(), ['1', '1']);
      loseFirst();
      await verdict.complete(NO_MONEY);
      assert.deepEqual(await counts(), ['0', '0']);
    });
  });

  it('each can be off, and all are by their own', async () => {
    const ask = asking({});
    const to = fresh();
    for (let index = 0; index < 40; index += 1) {
      assert.equal(await ask(to), 'send');
    }
  });

  it('a refusal costs nothing under any other limit', async () => {
    freeze();
    const ask = asking({
      recipientInterval: 30,
      addressPerHour: 2,
      blockPerHour: 2,
      totalPerHour: 2,
      rangeLimits: WIDE_RANGES,
    });
    const to = fresh();
    assert.equal(await ask(to), 'send');
    for (let index = 0; index < 5; index += 1) {
      assert.equal(await ask(to), 'recipient 30');
    }
    mock.timers.tick(30 * SECOND);
    assert.equal(await ask(to), 'send');
    mock.timers.tick(30 * SECOND);
    assert.match(await ask(to), /^(address|block|total) 3\d\d\d$/);
  });

  it('a message that was not sent costs nothing', async () => {
    freeze();
    const ask = asking({
      recipientInterval: 30,
      recipientPerDay: 1,
      addressPerHour: 1,
      blockPerHour: 1,
      totalPerHour: 1,
      rangeLimits: WIDE_RANGES,
    });
    const to = fresh();
    for (let index = 0; index < 5; index += 1) {
      assert.equal(await ask(to, false), 'send');
    }
    assert.equal(await ask(to), 'send');
    assert.match(await ask(to), /^recipient/);
  });

  for (const reason of ['invalid_recipient', 'blacklisted', 'rejected'] as const) {
    it(`a number that SMS Aero refuses (${reason}) keeps its slots of recipient and address, and no others`, async () => {
      freeze();
      const limits = {
        recipientPerDay: 1,
        addressPerHour: 2,
        blockPerHour: 1,
        totalPerHour: 1,
        rangeLimits: WIDE_RANGES,
      };
      const guard = stand.guard(limits);
      const { number = '', clientAddress } = fresh();
      const ask = async (changes: Partial<GuardRequest>) => {
        const verdict = await guard.ask(guardRequest({ clientAddress, ...changes }));
        if (verdict.verdict === 'send') await verdict.complete({ status: 'failed', reason });
        return wordOf(verdict);
      };
      assert.equal(await ask({ number }), 'send');
      assert.equal(await ask({ number }), 'recipient');
      const neighbour = number.replace(/.$/, '2');
      assert.equal(await ask({ number: neighbour }), 'send', 'block and total are free again');
      assert.equal(await ask({ number: number.replace(/.$/, '3') }), 'address');
    });
  }

  it('of several limits the one that holds longest is told', async () => {
    freeze();
    const settings = {
      recipientInterval: 30,
      addressPerHour: 1,
      blockPerHour: 1,
      totalPerHour: 1,
      rangeLimits: WIDE_RANGES,
    };
    const to = fresh();
    const first = asking(settings);
    assert.equal(await first(to), 'send');
    mock.timers.tick(10 * MINUTE);
    // Recipient: free. Total: until the end of the clock hour. Address and block: for as long as the hour has not passed.
    assert.match(await first(to), /^(address|block) 3000$/);
    const { addressPerHour: _, blockPerHour: __, ...others } = settings;
    assert.equal(await asking({ ...others, recipientInterval: 86_400 })(to), `recipient ${86_400 - 600}`);
    assert.equal(await asking({ ...others, recipientInterval: 601 })(to), 'total 2400');
  });

  it('a repeat costs nothing, also when other messages came in between', async () => {
    freeze();
    const block = (fresh().number ?? '').slice(0, -3);
    const ask = asking({ addressPerHour: 12, blockPerHour: 12, totalPerHour: 12, rangeLimits: WIDE_RANGES });
    const person = (index: number) => ({
      number: `${block}${String(index).padStart(3, '0')}`,
      clientAddress: `203.0.${numbers}.7`,
      idempotency: { key: `person ${numbers} ${index}`, ttlS: 60 },
    });
    for (let index = 0; index < 12; index += 1) {
      assert.equal(await ask(person(index)), 'send', String(index));
      mock.timers.tick(100);
      for (const earlier of [index - 1, index, index - 2]) {
        if (earlier >= 0) assert.equal(await ask(person(earlier)), 'duplicate');
      }
    }
    assert.match(await ask(person(12)), /^(address|block|total)/);
  });

  it('refused requests at the same time release every slot', async () => {
    const guard = stand.guard({ timeout: 20_000, addressPerHour: 1, blockPerHour: 30 });
    const { number = '', clientAddress } = fresh();
    const block = number.slice(0, -3);
    assert.equal((await guard.ask(guardRequest({ number, clientAddress }))).verdict, 'send');
    const refused = await Promise.all(
      Array.from({ length: 25 }, (_, index) =>
        guard.ask(
          guardRequest({
            number: `${block}${String(100 + index)}`,
            clientAddress,
            deadline: Date.now() + 20_000,
          }),
        ),
      ),
    );
    assert.ok(refused.every((verdict) => wordOf(verdict) === 'address'));
    const items = await stand.items();
    const item = items.find(({ pk }) => pk?.S === keyedHash('test-hash-key')('block', block));
    assert.equal(item?.['sent']?.L?.length, 1);
  });

  it('every item goes by itself: its time to live is in seconds, and not past its use', async () => {
    const guard = stand.guard({
      recipientInterval: 30,
      addressPerHour: 20,
      blockPerHour: 30,
      totalPerHour: 1_000,
      rangeLimits: WIDE_RANGES,
    });
    const request = guardRequest({ ...fresh(), idempotency: { key: `ttl ${numbers}`, ttlS: 60 } });
    const verdict = await guard.ask(request);
    if (verdict.verdict === 'send') await verdict.complete({ status: 'unknown', reason: 'no_answer' });
    const items = await stand.items();
    const now = Date.now() / 1_000;
    const left = (item: (typeof items)[number]) => Number(item['expiresAt']?.N) - now;
    const fromNow = items.filter((item) => left(item) > 0 && left(item) < 365 * 86_400);
    assert.ok(fromNow.some((item) => item['pk']?.S?.startsWith('total#') && left(item) <= 3_600));
    const key = keyedHash(request.hashKey)('message', 'logto', request.idempotency?.key ?? '');
    const message = items.find(({ pk }) => pk?.S === key);
    assert.ok(message && left(message) > 0 && left(message) <= 61);
    assert.ok(items.every((item) => /^\d{10}$/.test(item['expiresAt']?.N ?? '')));
  });

  it('exactly as many of 60 at the same time as there are slots, for every limit', async () => {
    for (const [limit, settings] of [
      ['recipient', { recipientPerDay: 7 }],
      ['address', { addressPerHour: 7 }],
      ['block', { blockPerHour: 7 }],
      ['total', { totalPerHour: 7, rangeLimits: WIDE_RANGES }],
      ['range', { totalPerHour: 35 }],
    ] as const) {
      freeze();
      const to = fresh();
      const guards = Array.from({ length: 6 }, () => stand.guard({ timeout: 20_000, ...settings }));
      const verdicts = await Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          guards[index % 6]?.ask(guardRequest({ ...to, deadline: Date.now() + 60_000 })),
        ),
      );
      const words = verdicts.map((verdict) => verdict && wordOf(verdict));
      assert.equal(words.filter((word) => word === 'send').length, 7, limit);
      assert.equal(words.filter((word) => word === limit).length, 53, limit);
      mock.timers.reset();
      numbers += 1;
    }
  });

  it('an item does not grow for ever, and counts on as it should', async () => {
    freeze();
    const ask = asking({ recipientInterval: 1 });
    const to = fresh();
    for (let index = 0; index < 130; index += 1) {
      assert.equal(await ask(to), 'send');
      mock.timers.tick(SECOND);
    }
    const items = await stand.items();
    const longest = Math.max(...items.map((item) => item['sent']?.L?.length ?? 0));
    assert.ok(longest <= 101, String(longest)); // one that counts, and twice fifty to spare
    assert.equal(await ask(to), 'send');
    assert.equal(await ask(to), 'recipient 1');
  });
});

describe('Guard: the table cannot be reached', () => {
  let stand: GuardUnderTest;
  before(async () => {
    stand = await startGuard();
  });
  after(() => stand.close());

  const limits = {
    timeout: 150,
    recipientInterval: 30,
    addressPerHour: 20,
    blockPerHour: 30,
    totalPerHour: 1_000,
    rangeLimits: WIDE_RANGES,
  };
  const all = ['duplicates', 'recipient', 'block', 'address', 'total'];
  const request = () => guardRequest({ idempotency: { key: String(Math.random()), ttlS: 60 } });

  for (const failure of ['hang', 'server_error', 'throttle', 'reset'] as const) {
    it(`${failure}: the message goes out, and what was skipped is told`, async () => {
      const guard = stand.guard(limits);
      stand.table.choose = () => failure;
      stand.logged.length = 0;
      const verdict = await guard.ask(request());
      assert.equal(verdict.verdict, 'send');
      assert.deepEqual(verdict.verdict === 'send' && verdict.skipped, all);
      assert.deepEqual(stand.logged.map(({ fields }) => fields['part']).sort(), all.toSorted());
      if (verdict.verdict === 'send') await verdict.complete({ status: 'unknown', reason: 'no_answer' });
      stand.table.choose = undefined;
    });

    it(`${failure}: the message is refused where the deployment says so`, async () => {
      const guard = stand.guard({ ...limits, required: true });
      stand.table.choose = () => failure;
      assert.deepEqual(await guard.ask(request()), { verdict: 'unavailable' });
      stand.table.choose = undefined;
    });
  }

  it('a few throttled or lost calls are survived', async () => {
    for (const failure of ['throttle', 'server_error', 'reset', 'lost_answer'] as const) {
      const guard = stand.guard({ ...limits, timeout: 5_000 });
      let failed = 0;
      stand.table.choose = () => {
        failed += 1;
        return failed <= 6 ? failure : undefined;
      };
      const verdict = await guard.ask(request());
      stand.table.choose = undefined;
      assert.deepEqual(verdict.verdict === 'send' && verdict.skipped, [], failure);
      if (verdict.verdict === 'send') await verdict.complete(NO_MONEY);
    }
  });

  it('a refusal counts although another part could not be asked', async () => {
    const first = guardRequest({ number: '+79261234567' });
    assert.equal((await stand.guard({ ...limits, timeout: 5_000 }).ask(first)).verdict, 'send');
    const hanging = keyedHash('test-hash-key')('block', '+79261234');
    stand.table.choose = (_, { key }) => (key === hanging ? 'hang' : undefined);
    stand.logged.length = 0;
    const verdict = await stand.guard({ recipientInterval: 30, blockPerHour: 30, timeout: 3_000 }).ask(first);
    stand.table.choose = undefined;
    assert.deepEqual(
      [wordOf(verdict), stand.logged.flatMap(({ fields }) => fields['part'] ?? [])],
      ['recipient', ['block']],
    );
  });

  it('a slot whose answer was lost is free again, if nothing is sent', async () => {
    const limited = { timeout: 100, recipientPerDay: 1, totalPerHour: 1_000_000, rangeLimits: WIDE_RANGES };
    const asked = () =>
      guardRequest({ number: '+79261234568', guardRequired: true, deadline: Date.now() + 2_000 });
    stand.table.choose = (operation, { key }) =>
      operation === 'UpdateItem' && /^(recipient|total)#/.test(key) ? 'lost_answer' : undefined;
    const refused = await stand.guard(limited).ask({ ...asked(), deadline: Date.now() + 300 });
    assert.equal(refused.verdict, 'unavailable');
    stand.table.choose = undefined;
    assert.equal((await stand.guard({ ...limited, timeout: 5_000 }).ask(asked())).verdict, 'send');
  });

  it('the total counts each message once, though a third of all answers are lost', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.UTC(2031, 0, 1, 12) });
    let call = 0;
    stand.table.choose = () => {
      call += 1;
      return call % 3 === 0 ? 'lost_answer' : undefined;
    };
    const guards = Array.from({ length: 5 }, () =>
      stand.guard({ timeout: 20_000, totalPerHour: 20, rangeLimits: WIDE_RANGES }),
    );
    const deadline = Date.now() + 60_000;
    const verdicts = await Promise.all(
      Array.from({ length: 30 }, (_, index) => guards[index % 5]?.ask(guardRequest({ deadline }))),
    );
    const sent = verdicts.filter((verdict) => verdict?.verdict === 'send');
    stand.table.choose = undefined;
    const total = async () =>
      (await stand.items()).find(({ pk }) => pk?.S === `total#${Date.UTC(2031, 0, 1, 12) / HOUR}`)?.['count']
        ?.N;
    assert.equal(await total(), '20');
    assert.ok(sent.length <= 20);
    for (const verdict of sent) if (verdict?.verdict === 'send') await verdict.complete(NO_MONEY);
    assert.ok(Number(await total()) >= 0);
    mock.timers.reset();
  });

  it('all limits are asked at the same time, by the request that has the message', async () => {
    const guard = stand.guard({ ...limits, timeout: 4_000 });
    const before = stand.table.keys.length;
    // None of them is answered before all are asked.
    stand.table.choose = (_, { key }) => {
      if (key.startsWith('message#')) return undefined;
      if (stand.table.keys.length >= before + 5) stand.table.choose = undefined;
      return 'hang';
    };
    await guard.ask(request());
    stand.table.choose = undefined;
    const kinds = stand.table.keys.slice(before).map((key) => key.split('#')[0]);
    assert.deepEqual(kinds.slice(0, 5), ['message', 'recipient', 'block', 'address', 'total']);
  });
});
