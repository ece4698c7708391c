import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, beforeEach, describe, it } from 'node:test';
import { type Claimant, Claims } from '../../../lib/guard/claims.ts';
import type { Guard } from '../../../lib/guard/guard.ts';
import type { GuardRequest, Verdict } from '../../../lib/guard/verdict.ts';
import { guardRequest, NO_MONEY, startGuard } from '../../support/guard.ts';
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
const { deliveryId: _, ...ACCEPTED_BEFORE } = ACCEPTED;

/** What a repeat is told, without the name of the first request's delivery, which each request gets anew. */
function told(verdict: Verdict) {
  if (verdict.verdict !== 'duplicate') return verdict.verdict;
  const { deliveryId, ...first } = verdict.of;
  assert.match(deliveryId ?? '', /^[\w-]{21,22}$/);
  return first;
}

const stand = await startGuard();
after(() => stand.close());
let guard: Guard;
let request: GuardRequest;
let count = 0;
beforeEach(() => {
  stand.table.choose = undefined;
  stand.logged.length = 0;
  guard = stand.guard();
  count += 1;
  request = guardRequest({
    number: `+7903123${1_000 + count}`,
    idempotency: { key: `["79031234567","SignIn","code ${count}"]`, ttlS: 60 },
  });
});

async function mayBeSent(asked: Promise<Verdict>): Promise<Extract<Verdict, { verdict: 'send' }>> {
  const verdict = await asked;
  assert.ok(verdict.verdict === 'send', verdict.verdict);
  return verdict;
}

describe('Guard: a repeat is known', () => {
  for (const outcome of [ACCEPTED, UNKNOWN]) {
    it(`and answered as the first, also past its deadline: ${outcome.status}`, async ({ mock }) => {
      const { deliveryId: __, ...first } = { deliveryId: '', ...outcome };
      await (await mayBeSent(guard.ask(request))).complete({ ...outcome, deliveryId: '' });
      assert.deepEqual(told(await stand.guard().ask(request)), first);
      mock.timers.enable({ apis: ['setTimeout'] }); // it has 100 ms then, which are not enough on a busy machine
      assert.deepEqual(told(await stand.guard().ask({ ...request, deadline: 0 })), first);
    });
  }

  it('by one of a burst, which takes the only slot of each limit, although half of all calls fail', async () => {
    const seed = randomInt(1, 1_000_000);
    let call = 0;
    stand.table.choose = () => {
      call += 1;
      const roll = chance(seed, 'table', call);
      return roll < 0.3 ? 'throttle' : roll < 0.51 ? 'lost_answer' : undefined; // 30 % of those that are written
    };
    // The default of 500 ms would test the machine: bench/bursts.ts has it.
    const limits = { timeout: 20_000, recipientPerDay: 1, addressPerHour: 1, blockPerHour: 1 };
    const ask = async () => {
      const verdict = await stand.guard(limits).ask({ ...request, deadline: Date.now() + 60_000 });
      if (verdict.verdict === 'send') await verdict.complete(ACCEPTED);
      return verdict.verdict;
    };
    const verdicts = await Promise.all([1, 2, 3, 4, 5].map(ask));
    assert.deepEqual(verdicts.sort(), [...Array(4).fill('duplicate'), 'send'], `seed ${seed}`);
    stand.table.choose = undefined;
    const next = { ...request, idempotency: undefined };
    assert.equal((await stand.guard(limits).ask(next)).verdict, 'rate_exceeded');
    await mayBeSent(stand.guard({ recipientPerDay: 2, addressPerHour: 2, blockPerHour: 2 }).ask(next));
  });

  it('for as long as it should be, and taken over then, also where that answer is lost', async ({ mock }) => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    await (await mayBeSent(guard.ask(request))).complete(UNKNOWN);
    mock.timers.tick(59_999);
    const later = { ...request, deadline: Date.now() + 20_000 };
    assert.equal((await stand.guard().ask(later)).verdict, 'duplicate');
    mock.timers.tick(1);
    let calls = 0;
    stand.table.choose = () => {
      calls += 1;
      return calls === 2 ? 'lost_answer' : undefined;
    };
    await (await mayBeSent(stand.guard().ask(later))).complete(ACCEPTED);
    assert.deepEqual(told(await stand.guard().ask(later)), ACCEPTED_BEFORE);
  });

  it('not where another platform, another key or no key came, and a key of another message is a conflict', async () => {
    const named = (key: string, fingerprint: string) => ({
      ...request,
      idempotency: { key, ttlS: 60, fingerprint },
    });
    await (await mayBeSent(guard.ask(named('order', 'one')))).complete(ACCEPTED);
    await mayBeSent(guard.ask({ ...named('order', 'one'), platform: 'okta' }));
    await mayBeSent(guard.ask(named('another', 'one')));
    await mayBeSent(guard.ask({ ...request, idempotency: undefined }));
    assert.deepEqual(await stand.guard().ask(named('order', 'two')), { verdict: 'conflict' });
    assert.deepEqual(told(await stand.guard().ask(named('order', 'one'))), ACCEPTED_BEFORE);
  });

  it('and nothing of it can be read in the table', async () => {
    const limits = { recipientPerDay: 9, addressPerHour: 9, blockPerHour: 9, totalPerHour: 9 };
    const asked = stand.guard(limits).ask(request);
    await (await mayBeSent(asked)).complete(ACCEPTED);
    const items = JSON.stringify(await stand.table.items());
    assert.match(items, /"message#[\w-]{43}"/);
    assert.doesNotMatch(items, /79031234567|79031231\d|code \d|SignIn|203\.0\.113|test-hash-key/);
  });
});

describe('Guard: the table cannot be asked', () => {
  it('a message that must be guarded is refused, and may be sent later', async () => {
    const asked = { ...request, guardRequired: true, retried: true };
    // Written, but never answered, as long as the guard asks.
    stand.table.choose = () => (stand.logged.length === 0 ? 'lost_answer' : undefined);
    assert.deepEqual(await stand.guard({ timeout: 150 }).ask(asked), { verdict: 'unavailable' });
    await mayBeSent(stand.guard().ask(asked));
  });

  it('a message that was not sent may be, although its claim had no answer', async () => {
    stand.table.choose = () => 'lost_answer';
    const { complete } = await mayBeSent(stand.guard({ timeout: 150 }).ask(request));
    stand.table.choose = undefined;
    await complete(NO_MONEY);
    await mayBeSent(stand.guard().ask(request));
  });
});

function claimant(deliveryId: string): Claimant {
  return { deliveryId, fingerprint: '', until: Date.now() + 60_000, ttlS: 3_600, begins: true };
}

describe('Claims: a write that reaches the table late', () => {
  const claims = () => new Claims(stand.table.open());
  const signal = AbortSignal.timeout(60_000);

  it('does not make a message that was begun look as if it was not', async () => {
    const key = 'message#late take-over';
    const takeOver = () => claims().takeOver(key, 'first', claimant('second'), Date.now(), signal);
    await claims().claim(key, claimant('first'), Date.now(), signal);
    await claims().release(key, 'first', Date.now(), signal);
    assert.deepEqual(await takeOver(), { state: 'mine' });
    assert.ok(await claims().begin(key, 'second', signal));
    // An attempt that the client gave up, and wrote once more, arrives only now.
    await takeOver();
    assert.equal((await claims().read(key, Date.now(), signal))?.begun, true);
  });

  it('does not take over what began after all, between the look and the take-over', async () => {
    const key = 'message#begun';
    await claims().claim(key, claimant('first'), Date.now(), signal);
    assert.equal(await claims().begin(key, 'second', signal), false);
    assert.ok(await claims().begin(key, 'first', signal));
    const claim = await claims().takeOver(key, 'first', claimant('second'), Date.now(), signal, true);
    assert.deepEqual([claim.state, claim.state === 'taken' && claim.deliveryId], ['taken', 'first']);
  });

  it('does not bring a message back that was released', async () => {
    const key = 'message#late claim';
    await claims().release(key, 'first', Date.now(), signal);
    await claims().claim(key, claimant('first'), Date.now(), signal);
    assert.equal(await claims().read(key, Date.now(), signal), undefined);
    assert.equal((await claims().claim(key, claimant('second'), Date.now(), signal)).state, 'mine');
    await claims().release(key, 'first', Date.now(), signal);
    assert.equal((await claims().read(key, Date.now(), signal))?.deliveryId, 'second');
  });
});
