import { setTimeout as sleep } from 'node:timers/promises';
import type { Accepted, Unknown } from '../outcome.ts';
import { ConditionFailed, type Item, type Table } from '../table.ts';

/** Pause between two looks at a message that another request is sending, in ms; SMS Aero answers in 100 to 300. */
const LOOK_AGAIN = 100;

/** Tries to forget a message that was not sent, and the pause between, in ms. */
const FORGET_TRIES = 3;
const FORGET_PAUSE = 100;

/** How long an unknown outcome stays in the table, in s: it is what an operator may have to explain. */
const KEEP_UNKNOWN = 86_400;

/** An outcome that a repeat is answered with. */
export type Remembered = Accepted | Unknown;

/** What is known of a message when a request for it comes in. `fingerprint` is the first request's, if it is known. */
export type Claim =
  /** Nothing: this request sends it. */
  | { readonly state: 'mine' }
  /** It was sent, or may have been; its first request came at `since` (ms of the Unix epoch). */
  | {
      readonly state: 'done';
      readonly outcome: Remembered;
      readonly since: number;
      readonly fingerprint?: string | undefined;
    }
  /** Another request is at it, until that time (ms of the Unix epoch) at the latest. */
  | { readonly state: 'in_flight'; readonly until: number; readonly fingerprint?: string | undefined };

/** A request that wants to send a message. */
export interface Claimant {
  /** A name of its own: that of the delivery that it becomes. */
  readonly owner: string;
  /** How long a repeat is recognised, in s. */
  readonly remember: number;
  /** What a repeat must have in common with it, hashed; empty if nothing is compared. */
  readonly fingerprint: string;
  /** When its outcome is in the table at the latest, in ms of the Unix epoch. */
  readonly until: number;
}

/** What is known of a message whose request has left no outcome: the name of its delivery. */
const unknownOf = (item: Item): Unknown => ({
  status: 'unknown',
  reason: 'no_answer',
  deliveryId: item['owner']?.S || undefined,
});
const NAMES = {
  '#owner': 'owner',
  '#since': 'since',
  '#until': 'until',
  '#fresh': 'freshUntil',
  '#fingerprint': 'fingerprint',
  '#expires': 'expiresAt',
};

/** Which messages were sent a moment ago, or are being sent: one item each. */
export class MessageMemory {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /**
   * Claims a message for this request: one write, which also reads who was first.
   *
   * @param key the table key of the message
   * @param claimant this request: who it is, how long the message is to be remembered (s), when its outcome is known
   * @param now ms of the Unix epoch
   */
  async claim(
    key: string,
    { owner, remember, fingerprint, until }: Claimant,
    now: number,
    signal: AbortSignal,
  ): Promise<Claim> {
    const fresh = now + remember * 1000;
    const values = {
      ':owner': { S: owner },
      ':since': { N: String(now) },
      ':until': { N: String(until) },
      ':fresh': { N: String(fresh) },
      ':fingerprint': { S: fingerprint },
      ':expires': { N: String(Math.ceil(fresh / 1000)) },
    };
    const item = await this.#table.update(
      {
        key,
        expression: `SET ${Object.keys(NAMES)
          .map((name) => `${name} = if_not_exists(${name}, ${name.replace('#', ':')})`)
          .join(', ')}`,
        names: NAMES,
        values,
      },
      signal,
    );
    const first = item['owner']?.S;
    if (first === owner) {
      return { state: 'mine' };
    }
    if (Number(item['freshUntil']?.N) > now) {
      return claimOf(item, now);
    }
    return this.#takeOver(key, first ?? '', values);
  }

  /** Takes an item that is remembered no longer, but that DynamoDB has not removed yet. */
  async #takeOver(key: string, first: string, values: Item): Promise<Claim> {
    try {
      await this.#table.update({
        key,
        expression:
          'SET #owner = :owner, #since = :since, #until = :until, #fresh = :fresh, #fingerprint = :fingerprint, #expires = :expires REMOVE #outcome',
        condition: '#owner = :first OR #owner = :owner', // the second: this write, whose answer was lost
        names: { ...NAMES, '#outcome': 'outcome' },
        values: { ...values, ':first': { S: first } },
      });
      return { state: 'mine' };
    } catch (error) {
      if (error instanceof ConditionFailed) {
        return { state: 'in_flight', until: Number(values[':until']?.N) }; // another one was faster
      }
      throw error;
    }
  }

  /**
   * Waits for the request that is sending the message.
   *
   * @param until when to give up, in ms of the Unix epoch
   * @returns its outcome; undefined if it did not send it after all, so that this request may
   */
  async wait(key: string, until: number): Promise<Remembered | undefined> {
    for (;;) {
      const item = await this.#table.get(key);
      if (!item) {
        return undefined;
      }
      const claim = claimOf(item, Date.now());
      if (claim.state === 'done') {
        return claim.outcome;
      }
      if (Date.now() + LOOK_AGAIN >= until) {
        return { ...unknownOf(item), pending: true };
      }
      await sleep(LOOK_AGAIN);
    }
  }

  /**
   * Remembers how it ended, also if the message could not be claimed before.
   *
   * @param fingerprint as in {@link Claimant}
   */
  async remember(
    key: string,
    outcome: Remembered,
    { remember, fingerprint }: Pick<Claimant, 'remember' | 'fingerprint'>,
    now: number,
  ): Promise<void> {
    const fresh = now + remember * 1000;
    const kept = outcome.status === 'unknown' ? Math.max(remember, KEEP_UNKNOWN) : remember;
    await this.#table.update({
      key,
      blind: true,
      expression:
        'SET #outcome = :outcome, #expires = :expires, #fresh = if_not_exists(#fresh, :fresh), #owner = if_not_exists(#owner, :nobody), #fingerprint = if_not_exists(#fingerprint, :fingerprint)',
      names: {
        '#outcome': 'outcome',
        '#expires': 'expiresAt',
        '#fresh': 'freshUntil',
        '#owner': 'owner',
        '#fingerprint': 'fingerprint',
      },
      values: {
        ':outcome': { S: JSON.stringify(outcome) },
        ':expires': { N: String(Math.ceil((now + kept * 1000) / 1000)) },
        ':fresh': { N: String(fresh) },
        ':nobody': { S: '' },
        ':fingerprint': { S: fingerprint },
      },
    });
  }

  /**
   * Forgets a message that was not sent. Tries more than once: one that is not forgotten looks to its repeats as if it may have
   * been sent.
   */
  async forget(key: string, owner: string): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#table.removeIf(key, 'owner', { S: owner });
      } catch (error) {
        if (tries === FORGET_TRIES) throw error;
        await sleep(FORGET_PAUSE);
      }
    }
  }
}

/** What an item says; a request that should have ended and left no outcome has been lost with its process. */
function claimOf(item: Item, now: number): Claim {
  const since = Number(item['since']?.N ?? 0);
  const fingerprint = item['fingerprint']?.S || undefined;
  const outcome = item['outcome']?.S;
  if (outcome !== undefined) {
    return { state: 'done', outcome: JSON.parse(outcome) as Remembered, since, fingerprint };
  }
  const until = Number(item['until']?.N ?? 0);
  return until > now
    ? { state: 'in_flight', until, fingerprint }
    : { state: 'done', outcome: unknownOf(item), since, fingerprint };
}
