import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ConditionFailedError, type Table, type Update } from '../../../lib/dynamodb.ts';
import { Guard } from '../../../lib/guard/guard.ts';
import type { Completion, GuardRequest, GuardSettings } from '../../../lib/guard/verdict.ts';
import type { FailureReason } from '../../../lib/smsaero/send-result.ts';
import { type Answer, givenTable } from '../../support/given-table.ts';
import { guardRequest, NO_MONEY, OFF } from '../../support/guard.ts';

const NOW = 1_764_000_000_000;
const KEYED = { idempotency: { key: 'order', ttlS: 60 } };
const REQUIRED = { ...KEYED, guardRequired: true };
const ON = { recipientPerDay: 9, addressPerHour: 9, blockPerHour: 9, totalPerHour: 9 };
const TAKEN = ['recipient', 'block', 'address', 'total'];
const FREED = ['free recipient', 'free block', 'free address', 'free total'];
const skipped = (part: string) => ['guard skipped', { part }];
const NOT_UPDATED = ['guard not updated', undefined];
const UNAVAILABLE = { verdict: 'unavailable' };
const UNKNOWN: Completion = { status: 'unknown', reason: 'no_answer', deliveryId: 'first' };
const away = new Error('away');
/** The answer of a full limit, and of a message that another request has. */
const full = new ConditionFailedError({ sent: { L: Array(9).fill({ N: String(NOW - 60_000) }) } });

/** A write of the guard: `claim`, `begin`, `release` of the message; of a limit `recipient` and `free recipient`. */
function nameOf({ key, expression }: Update): string {
  const [kind = ''] = key.split('#');
  if (kind !== 'message') return /^REMOVE|#token = :released/.test(expression) ? `free ${kind}` : kind;
  if (expression.includes('if_not_exists')) return 'claim';
  return expression.includes(':true') ? 'begin' : 'release';
}

/** What a write is answered, by its name. Without an answer it is made, and a message then has no other request. */
type Answers = Record<string, Answer | (() => Answer) | undefined>;

/** A guard, its writes in order, how long the signal of each lasted, and what was logged. Time passes only where a test lets it. */
function guardOf(answers: Answers = {}, settings: Partial<GuardSettings> = {}) {
  const lives: Record<string, number> = {};
  const names: string[] = [];
  const logged: unknown[][] = [];
  const answerTo = (name: string, signal: AbortSignal) => {
    const start = Date.now();
    names.push(name);
    signal.addEventListener('abort', () => {
      lives[name] = Date.now() - start;
    });
    const answer = answers[name];
    return typeof answer === 'function' ? answer() : answer;
  };
  const { table, updates } = givenTable((update, signal) => {
    return answerTo(nameOf(update), signal) ?? { owner: update.values[':owner'] ?? { S: '' } };
  });
  const get = async (key: string, signal: AbortSignal) => {
    if (answerTo(key, signal)) throw away;
  };
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (message: string, _: unknown, fields?: object) => void logged.push([message, fields]),
  };
  const outcomes = { outcomeOf: async () => undefined };
  const guard = new Guard({ ...table, get } as unknown as Table, outcomes, { ...OFF, ...settings }, log);
  // A repeat that waits for what never ends says so in a second.
  const ask = (changes: Partial<GuardRequest> = KEYED) =>
    guard.ask(guardRequest({ deadline: Date.now() + 1_000, ...changes }));
  const send = async (changes?: Partial<GuardRequest>) => {
    const verdict = await ask(changes);
    assert.ok(verdict.verdict === 'send', verdict.verdict);
    return verdict;
  };
  return { guard, ask, send, answers, names, updates, lives, logged };
}

/** Lets time pass, so that all signals end. They first let the process take what lies in its sockets. */
async function passTime() {
  for (let ms = 0; ms < 4_000; ms += 10) {
    mock.timers.tick(10);
    for (let turns = 0; turns < 3; turns += 1) await turn();
  }
}

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW }));
afterEach(() => mock.timers.reset());

describe('what the guard writes for a message', () => {
  for (const [what, settings, changes, first, last] of [
    ['without a key', { required: true }, {}, [], []],
    ['with a key', {}, KEYED, ['claim'], []],
    ['that must be guarded', {}, REQUIRED, ['claim'], ['begin']],
    ['where all must be guarded', { required: true }, KEYED, ['claim'], ['begin']],
  ] as const) {
    it(`${what}: all is taken, and freed if it was not sent`, async () => {
      const { send, updates, names, logged } = guardOf({}, { ...ON, ...settings });
      const { skipped, complete } = await send(changes);
      assert.deepEqual(skipped, []);
      assert.deepEqual(names.splice(0), [...first, ...TAKEN, ...last]);
      if (first[0]) assert.deepEqual(updates[0]?.values[':begun'], { BOOL: last.length === 0 });
      await complete(NO_MONEY);
      assert.deepEqual(names, [...FREED, ...(first[0] ? ['release'] : [])]);
      assert.deepEqual(logged, []);
    });
  }

  it('is a fingerprint that nobody can read, and none where none is given', async () => {
    const writtenOf = async (fingerprint?: string) => {
      const { send, updates } = guardOf();
      await send({ idempotency: { ...KEYED.idempotency, fingerprint } });
      return updates[0]?.values[':fingerprint']?.S;
    };
    const [one, again, two, ...none] = await Promise.all(['one', 'one', 'two', '', undefined].map(writtenOf));
    assert.match(one ?? '', /^fingerprint#[\w-]{43}$/);
    assert.deepEqual([again, two === one, none], [one, false, ['', '']]);
  });
});

describe('a message that may not be sent', () => {
  const refused = { verdict: 'rate_exceeded', limit: 'recipient', retryAfter: 86_340 };
  const others = ['free block', 'free address', 'free total', 'release'];
  const all = [...FREED, 'release'];
  for (const [what, changes, answers, verdict, undone, logged] of [
    ['a limit is full, another away', REQUIRED, { recipient: full, total: away }, refused, others, ['total']],
    ['a limit is away', REQUIRED, { block: away }, UNAVAILABLE, all, ['block']],
    ['it cannot be begun', REQUIRED, { begin: away }, UNAVAILABLE, all, ['duplicates']],
    ['another request has it', REQUIRED, { begin: full }, UNAVAILABLE, all, []],
  ] as const satisfies [string, object, Answers, object, string[], string[]][]) {
    it(`leaves nothing: ${what}`, async () => {
      const stand = guardOf(answers, ON);
      assert.deepEqual(await stand.ask(changes), verdict);
      const done = stand.names.slice(1 + TAKEN.length).filter((name) => name !== 'begin');
      assert.deepEqual(done, undone);
      assert.deepEqual(stand.logged, logged.map(skipped));
    });
  }

  for (const [what, settings, changes] of [
    ['all must be guarded', { required: true }, KEYED],
    ['it must be guarded', {}, REQUIRED],
  ] as const) {
    it(`asks no limit if its claim has no answer: ${what}`, async () => {
      const { ask, names, logged } = guardOf({ claim: away }, { ...ON, ...settings });
      // The second is not taken for a repeat of one that is still under way.
      for (const _ of [1, 2]) assert.deepEqual(await ask(changes), UNAVAILABLE);
      assert.deepEqual(names, ['claim', 'release', 'claim', 'release']);
      assert.deepEqual(logged, Array(2).fill(skipped('duplicates')));
    });
  }

  it('is sent where the guard is not required, and what was skipped is told', async () => {
    const { send, logged } = guardOf({ claim: away, total: away }, ON);
    assert.deepEqual((await send()).skipped, ['duplicates', 'total']);
    assert.deepEqual(logged, ['duplicates', 'total'].map(skipped));
  });
});

describe('the end of a message', () => {
  const refusals: FailureReason[] = ['invalid_recipient', 'blacklisted', 'rejected'];
  for (const reason of [...refusals, 'no_money', 'rate_limited', 'unavailable'] as const) {
    const freed = refusals.includes(reason) ? ['free block', 'free total'] : FREED;
    it(`frees ${freed.length} slots after ${reason}`, async () => {
      const { send, names } = guardOf({}, ON);
      await (await send()).complete({ status: 'failed', reason });
      assert.deepEqual(names.slice(1 + TAKEN.length), [...freed, 'release']);
    });
  }

  for (const completion of [UNKNOWN, NO_MONEY]) {
    it(`waits for its record: ${completion.status}`, async () => {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const done = (await guardOf().send()).complete(completion, promise);
      assert.equal(await Promise.race([done, turn('waits')]), 'waits');
      resolve(true);
      await done;
    });
  }

  for (const [what, claim, changes, names] of [
    ['claims it if its claim had no answer', away, KEYED, ['claim', 'claim']],
    ['writes nothing if it is claimed', undefined, KEYED, ['claim']],
    ['writes nothing if it has no key', undefined, {}, []],
  ] as const) {
    it(what, async () => {
      const stand = guardOf({ claim });
      await (await stand.send(changes)).complete(UNKNOWN);
      assert.deepEqual(stand.names, names);
    });
  }

  for (const recorded of [undefined, true, false]) {
    it(`is told to a repeat, recorded: ${recorded}`, async () => {
      const { send, ask } = guardOf({ claim: away });
      await (await send()).complete(UNKNOWN, Promise.resolve(recorded));
      const of = recorded === false ? { ...UNKNOWN, recorded } : UNKNOWN;
      assert.deepEqual(await ask(), { verdict: 'duplicate', of });
    });
  }

  it('that cannot be written is logged, and written with the next message', async () => {
    const { send, answers, names, logged } = guardOf({ 'free recipient': away, release: away }, ON);
    await (await send()).complete(NO_MONEY);
    assert.deepEqual(logged, [NOT_UPDATED, NOT_UPDATED]);
    answers['release'] = undefined;
    for (const left of [['release'], []]) {
      names.length = 0;
      await send({});
      assert.deepEqual(names, [...TAKEN, ...left]);
    }
  });
});

describe('the time of the guard', () => {
  for (const [what, timeout, deadline, claimMs, expected, retried = false] of [
    ['half of it at most', 5_000, 2_000, 0, { claim: 1_000, total: 1_000, begin: 2_000 }],
    ['the setting at most', 500, 2_000, 0, { claim: 500, total: 500, begin: 500 }],
    ['for limits what the claim left', 500, 2_000, 290, { total: 210, begin: 500 }],
    ['for limits a bit after a slow claim', 500, 2_000, 490, { total: 200 }],
    ['not past the deadline', 500, 300, 140, { total: 160, begin: 160 }],
    ['for a release twice the setting', 500, 2_000, 0, { 'free total': 1_000, release: 1_000 }],
    ['for a release not long past the deadline', 1_500, 2_000, 0, { release: 2_100 }],
    ['for a release a bit at least', 150, 2_000, 0, { 'free total': 400, release: 400 }],
    ['for a release more if it comes again', 500, 500, 0, { 'free total': 3_000, release: 3_000 }, true],
  ] as const satisfies [string, number, number, number, Record<string, number>, true?][]) {
    it(`is ${what}`, async () => {
      const claim = () => {
        mock.timers.tick(claimMs);
        return { owner: { S: 'first' } };
      };
      const { send, lives } = guardOf({ claim }, { ...ON, required: true, timeout });
      const request = { ...KEYED, deliveryId: 'first', deadline: NOW + deadline, retried };
      await (await send(request)).complete(NO_MONEY);
      await passTime();
      assert.deepEqual({ ...lives, ...expected }, lives);
    });
  }
});

describe('the first connection', () => {
  for (const [warm, logged] of [
    [undefined, []],
    [away, [['guard table unreachable', undefined]]],
  ] as const) {
    it(`is ${warm ? 'missed, which is logged' : 'opened'}`, async () => {
      const stand = guardOf({ warm });
      await stand.guard.warm();
      assert.deepEqual([stand.names, stand.logged], [['warm'], logged]);
      await passTime();
      assert.deepEqual(stand.lives, { warm: 1_500 });
    });
  }
});
