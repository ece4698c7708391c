import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { keyedHash } from '../../../lib/derived-key.ts';
import { Table } from '../../../lib/dynamodb.ts';
import { Claims } from '../../../lib/guard/claims.ts';
import type { Guard } from '../../../lib/guard/guard.ts';
import type { GuardRequest, Verdict } from '../../../lib/guard/verdict.ts';
import {
  type GuardUnderTest,
  guardRequest,
  NO_MONEY,
  startGuard,
  WIDE_RANGES,
  wordOf,
} from '../../support/guard.ts';
import { chance } from '../../support/random.ts';

const ACCEPTED = {
  status: 'accepted',
  messageId: '539820423',
  deliveryId: 'AZq1-first-delivery-1',
  segments: 2,
  cost: 8.38,
  channel: 'sms',
} as const;
const UNKNOWN = { status: 'unknown', reason: 'server_error', channel: 'sms' } as const;

/** What a repeat is told, without the name of the first request's delivery, which each request gets anew. */
function told(verdict: Verdict | undefined) {
  if (verdict?.verdict !== 'duplicate') return verdict?.verdict;
  const { deliveryId, ...first } = verdict.of;
  assert.match(deliveryId ?? '', /^[\w-]{21,22}$/);
  return first;
}
const { deliveryId: _, ...ACCEPTED_BEFORE } = ACCEPTED;

describe('Guard: a repeat is known', () => {
  let stand: GuardUnderTest;
  let guard: Guard;
  let request: GuardRequest;
  let count = 0;
  before(async () => {
    stand = await startGuard();
  });
  after(() => stand.close());
  beforeEach(() => {
    guard = stand.guard();
    count += 1;
    request = guardRequest({
      idempotency: { key: `["79031234567","SignIn","code ${count}"]`, ttlS: 60 },
    });
    stand.table.choose = undefined;
    stand.logged.length = 0;
  });

  async function mayBeSent(asked: Promise<Verdict>): Promise<Extract<Verdict, { verdict: 'send' }>> {
    const verdict = await asked;
    assert.equal(verdict.verdict, 'send');
    return verdict as Extract<Verdict, { verdict: 'send' }>;
  }

  for (const outcome of [ACCEPTED, UNKNOWN]) {
    it(`and answered as the first, also past its deadline: ${outcome.status}`, async ({
      mock: { timers },
    }) => {
      const { deliveryId, ...first } = { deliveryId: '', ...outcome };
      await (await mayBeSent(guard.ask(request))).complete({ ...outcome, deliveryId: '' });
      assert.deepEqual(told(await stand.guard().ask(request)), first);
      timers.enable({ apis: ['setTimeout'] }); // it has 100 ms then, which are not enough on a busy machine
      assert.deepEqual(told(await stand.guard().ask({ ...request, deadline: 0 })), first);
    });
  }

  it('and may be sent if the first provably was not', async () => {
    await (await mayBeSent(guard.ask(request))).complete(NO_MONEY);
    await mayBeSent(guard.ask(request));
  });

  it('while the first is in flight, and waits for it', async () => {
    const first = await mayBeSent(guard.ask(request));
    const repeats = [stand.guard().ask(request), stand.guard().ask(request)];
    await sleep(250);
    await first.complete(ACCEPTED);
    assert.deepEqual((await Promise.all(repeats)).map(told), [ACCEPTED_BEFORE, ACCEPTED_BEFORE]);
  });

  it('while the first is in flight, and exactly one sends if the first does not', async () => {
    const first = await mayBeSent(guard.ask(request));
    const repeats = [1, 2, 3].map(async () => {
      const verdict = await stand.guard().ask(request);
      if (verdict.verdict === 'send') await verdict.complete(ACCEPTED);
      return verdict.verdict;
    });
    await sleep(150);
    await first.complete(NO_MONEY);
    assert.deepEqual((await Promise.all(repeats)).sort(), ['duplicate', 'duplicate', 'send']);
  });

  it('and unknown when the first does not end within the deadline', async () => {
    await mayBeSent(guard.ask(request));
    const verdict = await guard.ask({ ...request, deadline: Date.now() + 300 });
    assert.deepEqual(told(verdict), { status: 'unknown', reason: 'no_answer', pending: true });
  });

  it('and unknown when the first was lost with its process', async () => {
    await mayBeSent(guard.ask({ ...request, deadline: Date.now() - 1_000 }));
    const verdict = await stand.guard().ask(request);
    assert.deepEqual(told(verdict), { status: 'unknown', reason: 'no_answer' });
  });

  it('by one of fifty requests at the same time, in processes of their own', async () => {
    // With limits that have one slot: a repeat must not take it from the message itself.
    const limits = {
      timeout: 20_000,
      recipientInterval: 30,
      recipientPer10Minutes: 1,
      addressPerHour: 1,
      blockPerHour: 1,
    };
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const verdict = await stand.guard(limits).ask({ ...request, deadline: Date.now() + 20_000 });
        if (verdict.verdict === 'send') {
          await sleep(50);
          await verdict.complete(ACCEPTED);
        }
        return verdict.verdict;
      }),
    );
    assert.equal(verdicts.filter((verdict) => verdict === 'send').length, 1);
    assert.equal(verdicts.filter((verdict) => verdict === 'duplicate').length, 49);
    const next = await stand.guard(limits).ask({ ...request, idempotency: undefined });
    assert.equal(next.verdict, 'rate_exceeded'); // and only one slot is taken
    const other = {
      ...limits,
      recipientInterval: 0,
      recipientPer10Minutes: 2,
      addressPerHour: 2,
      blockPerHour: 2,
    };
    assert.equal((await stand.guard(other).ask({ ...request, idempotency: undefined })).verdict, 'send');
  });

  it('for as long as it should be remembered', async ({ mock: { timers } }) => {
    timers.enable({ apis: ['Date'], now: Date.now() });
    const short = { ...request, idempotency: { key: `short ${count}`, ttlS: 60 } };
    await (await mayBeSent(guard.ask(short))).complete(UNKNOWN);
    timers.tick(59_999);
    assert.equal((await guard.ask({ ...short, deadline: Date.now() + 5_000 })).verdict, 'duplicate');
    timers.tick(2);
    short.deadline = Date.now() + 30_000;
    await (await mayBeSent(guard.ask(short))).complete(ACCEPTED);
    assert.deepEqual(told(await guard.ask(short)), ACCEPTED_BEFORE);
  });

  it('not where another platform, another key or no key came', async () => {
    await (await mayBeSent(guard.ask(request))).complete(ACCEPTED);
    await mayBeSent(guard.ask({ ...request, platform: 'okta' }));
    await mayBeSent(guard.ask({ ...request, idempotency: { key: 'another', ttlS: 60 } }));
    await mayBeSent(guard.ask({ ...request, idempotency: undefined }));
    await mayBeSent(guard.ask({ ...request, idempotency: undefined }));
  });

  it('also when it could not be noted before it was sent', async () => {
    const impatient = stand.guard({ timeout: 100 });
    stand.table.choose = () => 'throttle';
    const { skipped, complete } = await mayBeSent(impatient.ask(request));
    assert.deepEqual(skipped, ['duplicates']);
    stand.table.choose = undefined;
    await complete(UNKNOWN);
    assert.deepEqual(told(await stand.guard().ask(request)), UNKNOWN);
  });

  it('not where the first was not sent, although the table failed when it was to be released', async () => {
    const first = await mayBeSent(guard.ask(request));
    let calls = 0;
    stand.table.choose = (_, { key }) => {
      if (!key.startsWith('message#')) return undefined;
      calls += 1;
      return calls <= 5 ? 'server_error' : undefined;
    };
    await first.complete(NO_MONEY);
    stand.table.choose = undefined;
    assert.ok(calls > 5);
    await mayBeSent(guard.ask(request));
  });

  it('and waits a moment past the deadline of the first, which writes its outcome down then', async () => {
    const first = await mayBeSent(guard.ask({ ...request, deadline: Date.now() }));
    const repeat = stand.guard().ask({ ...request, deadline: Date.now() + 2_000 });
    await sleep(50);
    await first.complete(ACCEPTED);
    assert.deepEqual(told(await repeat), ACCEPTED_BEFORE);
  });

  it('not where the first was not sent, although its claim had no answer', async () => {
    stand.table.choose = () => 'lost_answer'; // each attempt is written, and none is answered
    const first = await mayBeSent(stand.guard({ timeout: 100 }).ask(request));
    stand.table.choose = undefined;
    assert.deepEqual(first.skipped, ['duplicates']);
    await first.complete(NO_MONEY);
    await mayBeSent(stand.guard().ask(request));
  });

  it('although the answer of the table was lost and it was asked again', async () => {
    let lost = 0;
    stand.table.choose = () => {
      lost += 1;
      return lost === 1 ? 'lost_answer' : undefined;
    };
    const { skipped, complete } = await mayBeSent(guard.ask(request));
    assert.deepEqual([skipped, lost], [[], 2]);
    await complete(ACCEPTED);
    assert.deepEqual(told(await guard.ask(request)), ACCEPTED_BEFORE);
  });

  it('and nothing of it can be read in the table', async () => {
    const seen: string[] = [];
    await (await mayBeSent(guard.ask({ ...request, number: '+79161234567' }))).complete(ACCEPTED);
    const items = await stand.items();
    seen.push(JSON.stringify(items));
    assert.ok(items.length > 0);
    assert.doesNotMatch(seen.join(), /79031234567|79161234567|code \d|SignIn|203\.0\.113|test-hash-key/);
  });
});

describe('Guard: the table cannot be asked', () => {
  let stand: GuardUnderTest;
  let count = 0;
  before(async () => {
    stand = await startGuard();
  });
  after(() => stand.close());
  afterEach(() => {
    stand.table.choose = undefined;
  });
  const message = (changes: Partial<GuardRequest> = {}) => {
    count += 1;
    return guardRequest({ idempotency: { key: `message ${count}`, ttlS: 60 }, ...changes });
  };
  /** Lets a request go as far as it may, and completes it if it is sent. */
  const run = async (guard: Guard, request: GuardRequest) => {
    const verdict = await guard.ask(request);
    if (verdict.verdict === 'send') await verdict.complete(ACCEPTED);
    return verdict;
  };

  it('a repeat in the same process is recognised', async () => {
    const guard = stand.guard({ timeout: 100 });
    stand.table.choose = () => 'throttle';
    const request = message();
    assert.equal((await run(guard, request)).verdict, 'send');
    const of = { ...ACCEPTED, recorded: false };
    assert.deepEqual(await run(guard, request), { verdict: 'duplicate', of });
  });

  for (const fingerprint of [undefined, 'order 1']) {
    it('and after that, and by every other process then', async () => {
      const guard = stand.guard({ timeout: 1_000 });
      stand.table.choose = () => 'throttle';
      const request = message({
        idempotency: { key: `away ${count} ${fingerprint}`, ttlS: 60, fingerprint },
      });
      const sent = await guard.ask(request);
      if (sent.verdict === 'send') await sent.complete(ACCEPTED);
      stand.table.choose = undefined;
      const of = { ...ACCEPTED, recorded: false };
      assert.deepEqual(await guard.ask(request), { verdict: 'duplicate', of });
      // The claim is the first one's: nobody waits for the repeat to end.
      const elsewhere = told(await stand.guard().ask({ ...request, deadline: Date.now() + 2_000 }));
      assert.deepEqual(elsewhere, { status: 'unknown', reason: 'no_answer' });
    });
  }

  it('a repeat in the same process waits for the first, and sends if that was not sent', async () => {
    const guard = stand.guard({ timeout: 100 });
    stand.table.choose = () => 'throttle';
    for (const [completion, expected] of [
      [ACCEPTED, 'duplicate'],
      [NO_MONEY, 'send'],
    ] as const) {
      const request = message();
      const first = await guard.ask(request);
      const repeat = guard.ask(request);
      if (first.verdict === 'send') await first.complete(completion);
      assert.equal((await repeat).verdict, expected);
    }
  });

  it('a repeat in the same process with another fingerprint is a conflict', async () => {
    const guard = stand.guard({ timeout: 100 });
    stand.table.choose = () => 'throttle';
    const named = (fingerprint: string) =>
      message({ idempotency: { key: 'order-1', ttlS: 60, fingerprint } });
    await run(guard, named('one'));
    assert.equal((await guard.ask(named('another'))).verdict, 'conflict');
  });

  it('a message of a handler that is called again is refused, and may be sent then', async () => {
    for (const failing of [
      () => 'lost_answer' as const,
      (_: string, { key }: { key: string }) =>
        key.startsWith('recipient#') ? ('throttle' as const) : undefined,
    ]) {
      const request = message({ guardRequired: true, number: `+7903123${1000 + count}` });
      stand.table.choose = failing;
      const first = stand.guard({ timeout: 1_000, recipientInterval: 30 });
      assert.deepEqual(await first.ask({ ...request, deadline: Date.now() + 300 }), {
        verdict: 'unavailable',
      });
      stand.table.choose = undefined;
      const later = { ...request, deadline: Date.now() + 5_000 };
      assert.equal((await run(stand.guard({ recipientInterval: 30 }), later)).verdict, 'send');
    }
  });

  it('a message that was not sent is sent later, though it could not be released then', async () => {
    // A table that hangs for longer than a release is tried: the process itself knows, and releases it with its next message.
    const guard = stand.guard({ timeout: 500 });
    const request = message();
    const first = await guard.ask({ ...request, deadline: Date.now() + 4_000 });
    stand.table.choose = () => 'hang';
    if (first.verdict === 'send') await first.complete(NO_MONEY);
    stand.table.choose = undefined;
    assert.equal(
      (await run(stand.guard(), { ...request, deadline: Date.now() + 1_500 })).verdict,
      'duplicate',
    );
    await run(guard, message());
    assert.equal((await run(stand.guard(), request)).verdict, 'send');
  });

  it('a message that was not sent is sent by the same process at once, though it could not be released', async () => {
    const guard = stand.guard({ timeout: 500 });
    const request = message();
    const first = await guard.ask({ ...request, deadline: Date.now() + 4_000 });
    stand.table.choose = () => 'hang';
    if (first.verdict === 'send') await first.complete(NO_MONEY);
    stand.table.choose = undefined;
    const patient = { ...request, deadline: Date.now() + 10_000 };
    assert.equal((await run(guard, patient)).verdict, 'send');
  });

  it('a claim that is written after its request was refused does not bring the message back', async () => {
    const claims = new Claims(new Table('smsaero-guard', 5_000));
    const signal = AbortSignal.timeout(5_000);
    const claimant = {
      deliveryId: 'late',
      fingerprint: '',
      until: Date.now() + 500,
      ttlS: 60,
      begins: false,
    };
    const request = message();
    const key = keyedHash(request.hashKey)('message', 'logto', request.idempotency?.key ?? '');
    await claims.release(key, 'late', Date.now(), signal);
    await claims.claim(key, claimant, Date.now(), signal);
    assert.equal((await run(stand.guard(), request)).verdict, 'send');
  });

  it('a claim that was never begun is taken over when its time is over, and a begun one is unknown', async () => {
    const claims = new Claims(new Table('smsaero-guard', 5_000));
    const signal = AbortSignal.timeout(5_000);
    for (const [begins, expected] of [
      [true, 'send'],
      [false, 'duplicate'],
    ] as const) {
      const request = message();
      const key = keyedHash(request.hashKey)('message', 'logto', request.idempotency?.key ?? '');
      const claimant = {
        deliveryId: request.deliveryId,
        fingerprint: '',
        until: Date.now() + 200,
        ttlS: 60,
        begins,
      };
      await claims.claim(key, claimant, Date.now(), signal);
      assert.equal((await run(stand.guard(), request)).verdict, expected);
    }
  });
});

describe('Guard: a burst of equal requests in processes of their own', () => {
  let stand: GuardUnderTest;
  before(async () => {
    stand = await startGuard();
  });
  after(() => stand.close());

  it('is sent once although half of all calls fail', { timeout: 120_000 }, async () => {
    const seed = randomInt(1, 1_000_000);
    let call = 0;
    stand.table.choose = () => {
      call += 1;
      const roll = chance(seed, 'table', call);
      return roll < 0.3 ? 'throttle' : roll < 0.51 ? 'lost_answer' : undefined; // 30 % of those that are written
    };
    for (let burst = 0; burst < 20; burst += 1) {
      const request = guardRequest({
        number: `+790311${10_000 + burst}`,
        idempotency: { key: `burst ${burst}`, ttlS: 60 },
        deadline: Date.now() + 10_000,
      });
      const verdicts = await Promise.all(
        Array.from({ length: 8 }, async () => {
          // The default of 500 ms would test the machine: bench/bursts.ts has it.
          const verdict = await stand.guard({ timeout: 5_000, recipientPerDay: 1 }).ask(request);
          if (verdict.verdict === 'send') await verdict.complete(ACCEPTED);
          return wordOf(verdict);
        }),
      );
      const sent = verdicts.filter((verdict) => verdict === 'send').length;
      assert.equal(sent, 1, `seed ${seed}, burst ${burst}: ${verdicts}`);
    }
  });
});

describe('Guard: what has to be written twice', () => {
  let stand: GuardUnderTest;
  before(async () => {
    stand = await startGuard();
  });
  after(() => stand.close());

  it('a take-over whose answer was lost is still a take-over', async ({ mock: { timers } }) => {
    timers.enable({ apis: ['Date'], now: Date.now() });
    const guard = stand.guard();
    const request = guardRequest({ idempotency: { key: 'again', ttlS: 60 } });
    const first = await guard.ask(request);
    assert.equal(first.verdict, 'send');
    if (first.verdict === 'send') await first.complete(ACCEPTED);
    timers.tick(60_001);
    let calls = 0;
    stand.table.choose = () => {
      calls += 1;
      return calls === 2 ? 'lost_answer' : undefined;
    };
    const again = await guard.ask({ ...request, deadline: Date.now() + 30_000 });
    stand.table.choose = undefined;
    assert.equal(again.verdict, 'send');
    assert.ok(calls > 2);
  });

  it('messages that were not sent take nothing of the total, however many there are at the same time', async () => {
    const guard = stand.guard({ totalPerHour: 1_000, rangeLimits: WIDE_RANGES, timeout: 20_000 });
    const before = await totals();
    const asked = await Promise.all(Array.from({ length: 100 }, () => guard.ask(guardRequest())));
    for (const verdict of asked) if (verdict.verdict === 'send') await verdict.complete(NO_MONEY);
    assert.deepEqual(await totals(), before);
  });

  /** The messages that count under the total; of an hour and the next, should it end meanwhile. */
  async function totals(): Promise<number> {
    const items = await stand.items();
    return items.reduce(
      (sum, { pk, count }) => sum + (pk?.S?.startsWith('total#') ? Number(count?.N) : 0),
      0,
    );
  }
});
