import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Claim, Claimant, Claims } from '../../../lib/guard/claims.ts';
import { Repeats } from '../../../lib/guard/repeats.ts';
import type { SentOutcome } from '../../../lib/message/outcome.ts';

const KEY = 'message#1';
const ACCEPTED = {
  status: 'accepted',
  messageId: '1',
  deliveryId: 'first',
  segments: 1,
  channel: 'sms',
} as const;
const UNKNOWN = { status: 'unknown', reason: 'no_answer', deliveryId: 'first' } as const;
const away = new Error('away');
const MINE: Claim = { state: 'mine' };
const LATER = 5_000;

type Taken = Extract<Claim, { state: 'taken' }>;
type Answer<Value> = Value | Error;

/** A claim of another request; it has ended at the latest in so many ms. */
const taken = (endsIn = LATER, changes: Partial<Taken> = {}): Taken => ({
  state: 'taken',
  deliveryId: 'first',
  fingerprint: '',
  until: Date.now() + endsIn,
  begun: true,
  ...changes,
});
const claimant = (changes: Partial<Claimant> = {}): Claimant => ({
  deliveryId: 'second',
  fingerprint: '',
  until: Date.now() + LATER,
  ttlS: 60,
  begins: true,
  ...changes,
});

/** The answers of claims and records, in order; the last one again and again. */
interface Answers {
  readonly claim?: readonly Answer<Claim>[];
  readonly takeOver?: readonly Answer<Claim>[];
  readonly read?: readonly Answer<Taken | undefined>[];
  readonly outcome?: readonly Answer<SentOutcome | 'failed' | undefined>[];
  readonly begin?: readonly Answer<boolean>[];
  readonly release?: readonly Answer<undefined>[];
}

/** Repeats whose table gives these answers: what two processes do at the same moment cannot be ordered with a real one. */
function repeatsOf(answers: Answers) {
  const calls: unknown[][] = [];
  const logged: unknown[][] = [];
  const asked = new Map<string, number>();
  const answer =
    (name: keyof Answers) =>
    async (...args: unknown[]) => {
      calls.push([name, ...args.filter((arg) => !(arg instanceof AbortSignal) && typeof arg !== 'number')]);
      const list: readonly unknown[] = answers[name] ?? [];
      const index = asked.get(name) ?? 0;
      asked.set(name, index + 1);
      const value = list[Math.min(index, list.length - 1)];
      if (value instanceof Error) throw value;
      return value;
    };
  const claims = {
    claim: answer('claim'),
    takeOver: answer('takeOver'),
    read: answer('read'),
    begin: answer('begin'),
    release: answer('release'),
  } as unknown as Claims;
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (message: string, _: unknown, fields?: object) => void logged.push([message, fields]),
  };
  const repeats = new Repeats(claims, { outcomeOf: answer('outcome') as never }, 5_000, log);
  const claim = (changes: Partial<Claimant> = {}, deadlineIn = LATER) => {
    const deadline = Date.now() + deadlineIn;
    return repeats.claim(KEY, claimant(changes), deadline, deadline);
  };
  const called = (name: keyof Answers) => calls.filter(([each]) => each === name);
  return { repeats, claim, called, logged };
}

const duplicate = (of: object) => ({ verdict: 'duplicate', of });
const PENDING = duplicate({ ...UNKNOWN, pending: true });

describe('a message that another request has', () => {
  const LOST = taken(-1);
  const NEVER_BEGUN = taken(-1, { begun: false });
  for (const [what, answers, expected] of [
    ['is sent a moment later', { outcome: [undefined, ACCEPTED] }, duplicate(ACCEPTED)],
    ['was lost with its process', { claim: [LOST], read: [LOST] }, duplicate(UNKNOWN)],
    ['was lost before it was begun', { claim: [NEVER_BEGUN], read: [NEVER_BEGUN] }, 'mine'],
    ['cannot be looked at', { outcome: [away] }, PENDING],
    ['cannot be taken over', { read: [undefined], takeOver: [away] }, PENDING],
    ['was not sent, and is never released', { claim: [LOST], outcome: ['failed'], read: [LOST] }, 'mine'],
    ['has a third request', { read: [taken(LATER, { deliveryId: 'third' })] }, 'mine'],
    [
      'is sent by a third',
      { outcome: ['failed', ACCEPTED], read: [], takeOver: [taken()] },
      duplicate(ACCEPTED),
    ],
  ] as const satisfies [string, Answers, unknown][]) {
    it(what, async () => {
      const all = { claim: [taken()], read: [taken()], takeOver: [MINE], ...answers };
      const { claim, logged } = repeatsOf(all);
      assert.deepEqual(await claim(), expected);
      assert.deepEqual(logged, expected === PENDING ? [['guard skipped', { part: 'duplicates' }]] : []);
    });
  }

  it('was not sent, and is taken over after its slots are released', async () => {
    const answers = {
      claim: [taken()],
      outcome: ['failed'],
      read: [taken(), undefined],
      takeOver: [MINE],
    } as const;
    const { claim, called } = repeatsOf(answers);
    assert.equal(await claim(), 'mine');
    assert.equal(called('read').length, 2);
  });

  it('is answered when the time is over', async () => {
    const { claim } = repeatsOf({ claim: [taken()], read: [taken(), undefined] });
    assert.deepEqual(await claim({}, 99), PENDING);
    assert.deepEqual(await claim({}, 0), { verdict: 'unavailable' }, 'it was not sent');
  });

  it('has no name where an earlier version wrote the claim', async () => {
    const nameless = taken(-1, { deliveryId: '' });
    const { claim } = repeatsOf({ claim: [nameless], read: [nameless] });
    assert.deepEqual(await claim(), duplicate({ ...UNKNOWN, deliveryId: undefined }));
  });

  for (const [first, second, expected] of [
    ['a', 'b', { verdict: 'conflict' }],
    ['a', 'a', duplicate(ACCEPTED)],
    ['a', '', duplicate(ACCEPTED)],
    ['', 'b', duplicate(ACCEPTED)],
  ] as const) {
    it(`with the fingerprint "${first}" is ${expected.verdict} of "${second}", also while the table is away`, async () => {
      const claimed = taken(LATER, { fingerprint: first });
      const { repeats, claim } = repeatsOf({ claim: [claimed, away], outcome: [ACCEPTED] });
      assert.deepEqual(await claim({ fingerprint: second }), expected);
      repeats.started(KEY, claimant({ deliveryId: 'first', fingerprint: first }))(ACCEPTED);
      assert.deepEqual(await claim({ fingerprint: second }), expected);
    });
  }

  for (const [what, claimed, unbegun] of [
    ['that was not sent', taken(), false],
    ['that was never begun, only if that is so still', NEVER_BEGUN, true],
  ] as const) {
    it(`is taken over ${what}`, async () => {
      const read = unbegun ? claimed : undefined;
      const { claim, called, logged } = repeatsOf({ claim: [claimed], read: [read], takeOver: [MINE] });
      assert.equal(await claim(), 'mine');
      const [[, key, first, by, only] = []] = called('takeOver');
      assert.deepEqual([key, first, (by as Claimant).deliveryId, only], [KEY, 'first', 'second', unbegun]);
      assert.deepEqual(logged, []);
    });
  }
});

describe('a message of this process', () => {
  const first = claimant({ deliveryId: 'first', fingerprint: 'a' });
  for (const [what, claim, ends, expected] of [
    ['was sent while the table was away', away, ACCEPTED, duplicate(ACCEPTED)],
    ['was not sent while the table was away', away, undefined, 'unreachable'],
    ['has a claim, and nobody is asked for its outcome', taken(), ACCEPTED, duplicate(ACCEPTED)],
    ['has a claim, and was not sent', taken(), undefined, 'mine'],
    ['has no claim, and was not sent', MINE, undefined, 'mine'],
  ] as const) {
    it(what, async () => {
      const { repeats, claim: ask, called } = repeatsOf({ claim: [claim], takeOver: [MINE] });
      const ended = repeats.started(KEY, first);
      const asked = ask();
      ended(ends);
      assert.deepEqual(await asked, expected);
      assert.deepEqual(called('outcome'), []);
    });
  }

  it('is known for as long as it should be, while the table is away', async ({ mock: { timers } }) => {
    timers.enable({ apis: ['Date'], now: 1_764_000_000_000 });
    const { repeats, claim } = repeatsOf({ claim: [away] });
    assert.equal(await claim(), 'unreachable');
    const ended = repeats.started(KEY, first);
    setTimeout(() => ended(ACCEPTED), 20);
    assert.deepEqual(await claim(), duplicate(ACCEPTED));
    timers.tick(59_999);
    assert.deepEqual(await claim(), duplicate(ACCEPTED));
    timers.tick(1);
    assert.equal(await claim(), 'unreachable');
  });

  it('is not known to be sent by the deadline, while the table is away', async () => {
    const { repeats, claim, logged } = repeatsOf({ claim: [away] });
    repeats.started(KEY, first);
    assert.deepEqual(await claim({}, 1), PENDING);
    assert.deepEqual(logged, [['guard skipped', { part: 'duplicates' }]]);
  });

  it('gets the claim of its repeat, if it was sent while the table was away', async () => {
    const { repeats, claim, called } = repeatsOf({ claim: [MINE], takeOver: [MINE] });
    repeats.started(KEY, first)(ACCEPTED);
    assert.deepEqual(await claim(), duplicate(ACCEPTED));
    const [[, key, from, late] = []] = called('takeOver');
    assert.deepEqual([key, from], [KEY, 'second']);
    const { until } = late as Claimant;
    assert.ok(until <= Date.now()); // nobody waits for the repeat to end
    assert.deepEqual(late, { ...first, until, begins: false });
  });

  it('is not that of another process, which has the claim', async () => {
    const { repeats, claim } = repeatsOf({ claim: [taken()], read: [taken()], outcome: [ACCEPTED] });
    repeats.started(KEY, claimant({ deliveryId: 'another' }));
    assert.deepEqual(await claim(), duplicate(ACCEPTED));
  });

  it('is claimed late if its claim had no answer, as one that has ended and was begun', async () => {
    const { repeats, called, logged } = repeatsOf({ claim: [MINE, away] });
    await repeats.claimLate(KEY, first);
    const [[, , late] = []] = called('claim');
    assert.ok((late as Claimant).until <= Date.now());
    assert.deepEqual(late, { ...first, until: (late as Claimant).until, begins: false });
    await repeats.claimLate(KEY, first);
    assert.deepEqual(logged, [['guard not updated', undefined]]);
  });

  it('that could not be released is released with later messages, five at a time', async () => {
    const signal = AbortSignal.timeout(LATER);
    const { repeats, called, logged } = repeatsOf({ release: [...Array(7).fill(away), undefined] });
    for (let index = 0; index < 7; index += 1) await repeats.release(`message#${index}`, `d${index}`, signal);
    assert.deepEqual(logged, Array(7).fill(['guard not updated', undefined]));
    await repeats.releaseLeft(signal);
    assert.equal(called('release').length, 12);
    await repeats.releaseLeft(signal);
    assert.deepEqual(called('release').slice(12), [
      ['release', 'message#5', 'd5'],
      ['release', 'message#6', 'd6'],
    ]);
    await repeats.releaseLeft(signal);
    assert.equal(called('release').length, 14);
  });

  it('that could not be released stays so when an earlier request for it is released', async () => {
    const signal = AbortSignal.timeout(LATER);
    const { repeats, called } = repeatsOf({ release: [undefined, away, undefined] });
    await Promise.all(['d1', 'd2'].map((deliveryId) => repeats.release(KEY, deliveryId, signal)));
    await repeats.releaseLeft(signal);
    assert.deepEqual(called('release').at(-1), ['release', KEY, 'd2']);
    assert.equal(called('release').length, 3);
  });
});
