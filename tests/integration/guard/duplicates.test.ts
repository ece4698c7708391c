import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Guard } from '../../../lib/guard/guard.ts';
import type { GuardRequest, Verdict } from '../../../lib/guard/verdict.ts';
import { type GuardUnderTest, guardRequest, startGuard } from '../../support/guard.ts';

const ACCEPTED = {
  status: 'accepted',
  messageId: '539820423',
  deliveryId: 'AZq1-first-delivery-1',
  segments: 2,
  cost: 8.38,
} as const;
const UNKNOWN = { status: 'unknown', reason: 'server_error' } as const;

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
      idempotency: { key: `["79031234567","SignIn","code ${count}"]`, remember: 60 },
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
    it(`and answered as the first: ${outcome.status}`, async () => {
      await (await mayBeSent(guard.ask(request))).settle(outcome);
      assert.deepEqual(await stand.guard().ask(request), { verdict: 'duplicate', of: outcome });
      assert.deepEqual(await stand.guard().ask({ ...request, deadline: 0 }), {
        verdict: 'duplicate',
        of: outcome,
      });
    });
  }

  it('and may be sent if the first provably was not', async () => {
    await (await mayBeSent(guard.ask(request))).settle(undefined);
    await mayBeSent(guard.ask(request));
  });

  it('while the first is in flight, and waits for it', async () => {
    const first = await mayBeSent(guard.ask(request));
    const repeats = [stand.guard().ask(request), stand.guard().ask(request)];
    await sleep(250);
    await first.settle(ACCEPTED);
    assert.deepEqual(await Promise.all(repeats), Array(2).fill({ verdict: 'duplicate', of: ACCEPTED }));
  });

  it('while the first is in flight, and exactly one sends if the first does not', async () => {
    const first = await mayBeSent(guard.ask(request));
    const repeats = [1, 2, 3].map(async () => {
      const verdict = await stand.guard().ask(request);
      if (verdict.verdict === 'send') await verdict.settle(ACCEPTED);
      return verdict.verdict;
    });
    await sleep(150);
    await first.settle(undefined);
    assert.deepEqual((await Promise.all(repeats)).sort(), ['duplicate', 'duplicate', 'send']);
  });

  /** What is known of a first request without an outcome, but for the name of its delivery, which it has. */
  const unknownFirst = (verdict: Verdict) => {
    assert.ok(verdict.verdict === 'duplicate');
    const { deliveryId, ...first } = verdict.of;
    assert.match(deliveryId ?? '', /^[\w-]{22}$/);
    return first;
  };

  it('and unknown when the first does not end within the deadline', async () => {
    await mayBeSent(guard.ask(request));
    const verdict = await guard.ask({ ...request, deadline: Date.now() + 300 });
    assert.deepEqual(unknownFirst(verdict), { status: 'unknown', reason: 'no_answer', pending: true });
  });

  it('and unknown when the first was lost with its process', async () => {
    await mayBeSent(guard.ask({ ...request, deadline: Date.now() - 1_000 }));
    const verdict = await guard.ask(request);
    assert.deepEqual(unknownFirst(verdict), { status: 'unknown', reason: 'no_answer' });
  });

  it('by one of fifty requests at the same time, in processes of their own', async () => {
    // With limits that have one place: a repeat that asks first must not take it from the message itself.
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
          await verdict.settle(ACCEPTED);
        }
        return verdict.verdict;
      }),
    );
    assert.equal(verdicts.filter((verdict) => verdict === 'send').length, 1);
    assert.equal(verdicts.filter((verdict) => verdict === 'duplicate').length, 49);
    const next = await stand.guard(limits).ask({ ...request, idempotency: undefined });
    assert.equal(next.verdict, 'rate_exceeded'); // and only one place is taken
    const other = {
      ...limits,
      recipientInterval: 0,
      recipientPer10Minutes: 2,
      addressPerHour: 2,
      blockPerHour: 2,
    };
    assert.equal((await stand.guard(other).ask({ ...request, idempotency: undefined })).verdict, 'send');
  });

  it('for as long as it should be remembered', async () => {
    const short = { ...request, idempotency: { key: `short ${count}`, remember: 1 } };
    await (await mayBeSent(guard.ask(short))).settle(UNKNOWN);
    assert.equal((await guard.ask(short)).verdict, 'duplicate');
    await sleep(1_050);
    await (await mayBeSent(guard.ask(short))).settle(ACCEPTED);
    assert.deepEqual(await guard.ask(short), { verdict: 'duplicate', of: ACCEPTED });
  });

  it('not where another platform, another key or no key came', async () => {
    await (await mayBeSent(guard.ask(request))).settle(ACCEPTED);
    await mayBeSent(guard.ask({ ...request, platform: 'okta' }));
    await mayBeSent(guard.ask({ ...request, idempotency: { key: 'another', remember: 60 } }));
    await mayBeSent(guard.ask({ ...request, idempotency: undefined }));
    await mayBeSent(guard.ask({ ...request, idempotency: undefined }));
  });

  it('also when it could not be noted before it was sent', async () => {
    stand.table.choose = () => 'throttle';
    const { skipped, settle } = await mayBeSent(guard.ask(request));
    assert.deepEqual(skipped, ['duplicates']);
    stand.table.choose = undefined;
    await settle(UNKNOWN);
    assert.deepEqual(await guard.ask(request), { verdict: 'duplicate', of: UNKNOWN });
  });

  it('not where the first was not sent, although the table failed when it was to be forgotten', async () => {
    const first = await mayBeSent(guard.ask(request));
    let calls = 0;
    stand.table.choose = (operation) => {
      if (operation !== 'DeleteItem') return undefined;
      calls += 1;
      return calls <= 5 ? 'server_error' : undefined; // more often than the SDK tries by itself
    };
    await first.settle(undefined);
    stand.table.choose = undefined;
    assert.ok(calls > 5);
    await mayBeSent(guard.ask(request));
  });

  it('and waits a moment past the deadline of the first, which writes its outcome down then', async () => {
    const first = await mayBeSent(guard.ask({ ...request, deadline: Date.now() }));
    const repeat = stand.guard().ask({ ...request, deadline: Date.now() + 2_000 });
    await sleep(50);
    await first.settle(ACCEPTED);
    assert.deepEqual(await repeat, { verdict: 'duplicate', of: ACCEPTED });
  });

  it('not where the first was not sent, although its claim had no answer', async () => {
    stand.table.choose = () => 'lost_answer'; // each try is written, and none is answered
    const first = await mayBeSent(guard.ask(request));
    stand.table.choose = undefined;
    assert.deepEqual(first.skipped, ['duplicates']);
    await first.settle(undefined);
    await mayBeSent(stand.guard().ask(request));
  });

  it('although the answer of the table was lost and the SDK asked again', async () => {
    let lost = 0;
    stand.table.choose = () => {
      lost += 1;
      return lost === 1 ? 'lost_answer' : undefined;
    };
    const { skipped, settle } = await mayBeSent(guard.ask(request));
    assert.deepEqual([skipped, lost], [[], 2]);
    await settle(ACCEPTED);
    assert.deepEqual(await guard.ask(request), { verdict: 'duplicate', of: ACCEPTED });
  });

  it('and nothing of it can be read in the table', async () => {
    const seen: string[] = [];
    await (await mayBeSent(guard.ask({ ...request, number: '+79161234567' }))).settle(ACCEPTED);
    const items = await stand.items();
    seen.push(JSON.stringify(items));
    assert.ok(items.length > 0);
    assert.doesNotMatch(seen.join(), /79031234567|79161234567|code \d|SignIn|203\.0\.113|test-hash-key/);
  });
});

describe('Guard: what the SDK has to send twice', () => {
  let stand: GuardUnderTest;
  before(async () => {
    stand = await startGuard();
  });
  after(() => stand.close());

  it('a take-over whose answer was lost is still a take-over', async () => {
    const guard = stand.guard();
    const request = guardRequest({ idempotency: { key: 'again', remember: 1 } });
    const first = await guard.ask(request);
    assert.equal(first.verdict, 'send');
    if (first.verdict === 'send') await first.settle(ACCEPTED);
    await sleep(1_050);
    let calls = 0;
    stand.table.choose = () => {
      calls += 1;
      return calls === 2 ? 'lost_answer' : undefined;
    };
    const again = await guard.ask({ ...request, deadline: Date.now() + 2_000 });
    stand.table.choose = undefined;
    assert.equal(again.verdict, 'send');
    assert.ok(calls > 2);
  });

  it('a message is counted once under the total, and given back once', async () => {
    const guard = stand.guard({ totalPerHour: 2 });
    const lose = (once: number) => {
      let calls = 0;
      stand.table.choose = () => {
        calls += 1;
        return calls === once ? 'lost_answer' : undefined;
      };
    };
    lose(1);
    const first = await guard.ask(guardRequest());
    lose(1);
    if (first.verdict === 'send') await first.settle(undefined);
    stand.table.choose = undefined;
    const verdicts = [];
    for (let index = 0; index < 3; index += 1) verdicts.push((await guard.ask(guardRequest())).verdict);
    assert.deepEqual(verdicts, ['send', 'send', 'rate_exceeded']);
  });
});
