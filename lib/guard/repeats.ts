import { setTimeout as sleep } from 'node:timers/promises';
import { COMPLETION_TIMEOUT_MS, callSignal, timeoutSignal } from '../abort.ts';
import type { Deliveries } from '../delivery/deliveries.ts';
import type { SentOutcome } from '../message/outcome.ts';
import type { Log } from '../observability/logger.ts';
import type { Claim, Claimant, Claims } from './claims.ts';
import { type RecentMessage, RecentMessages } from './recent-messages.ts';
import type { GuardPart, Verdict } from './verdict.ts';

/** Pause between two looks at a message that another request is sending, in ms; SMS Aero answers in 100 to 300. */
const POLL_INTERVAL_MS = 100;

export type Outcomes = Pick<Deliveries, 'outcomeOf'>;

/** Whose a message is: this request's, another one's, or it cannot be said. */
type Ownership =
  | 'mine'
  | 'unreachable'
  | Extract<Verdict, { verdict: 'duplicate' | 'conflict' | 'unavailable' }>;

/** Messages left unreleased that one question releases besides its message. */
const MAX_RELEASED_LATER = 5;

/**
 * Tells a request for a message from its repeats: by the claim in the table, and by what this process sent itself while the table is away.
 */
export class Repeats {
  readonly #claims: Claims;
  readonly #outcomes: Outcomes;
  readonly #timeoutMs: number;
  readonly #log: Log;
  readonly #recent = new RecentMessages();
  /** Messages that were not sent and are still claimed, with their delivery. */
  readonly #unreleased = new Map<string, string>();

  /** @param timeoutMs the guard's, for each further call */
  constructor(claims: Claims, outcomes: Outcomes, timeoutMs: number, log: Log) {
    this.#claims = claims;
    this.#outcomes = outcomes;
    this.#timeoutMs = timeoutMs;
    this.#log = log;
  }

  /**
   * Claims a message; of one that another request has, waits for the outcome.
   *
   * @param key the table key of the message
   * @param deadline when the answer must be there, in ms of the Unix epoch
   * @param budgetEnds until when the first call may take, in ms of the Unix epoch
   */
  async claim(key: string, claimant: Claimant, deadline: number, budgetEnds: number): Promise<Ownership> {
    let claim: Claim;
    try {
      claim = await this.#claims.claim(key, claimant, Date.now(), callSignal(deadline, budgetEnds));
    } catch (error) {
      this.#skip(error);
      return this.#recognise(key, claimant, deadline);
    }
    while (claim.state === 'taken') {
      const { deliveryId, fingerprint } = claim;
      if (claimant.fingerprint && fingerprint && fingerprint !== claimant.fingerprint) {
        return { verdict: 'conflict' };
      }
      try {
        const first = await this.#follow(key, claim, deadline);
        if (typeof first !== 'string') return { verdict: 'duplicate', of: first };
        if (Date.now() >= deadline) return { verdict: 'unavailable' };
        const signal = this.#signal(deadline);
        claim = await this.#claims.takeOver(
          key,
          deliveryId,
          claimant,
          Date.now(),
          signal,
          first === 'unbegun',
        );
      } catch (error) {
        this.#skip(error);
        return {
          verdict: 'duplicate',
          of: { status: 'unknown', reason: 'no_answer', deliveryId, pending: true },
        };
      }
    }
    return await this.#sentUnclaimed(key, claimant, deadline);
  }

  /** Looks whether this process sent a message that nobody had claimed: the table was away then. The claim goes to that delivery. */
  async #sentUnclaimed(key: string, claimant: Claimant, deadline: number): Promise<Ownership> {
    const first = this.#recent.find(key, Date.now());
    if (!first) return 'mine';
    const known = await this.#recognise(key, claimant, deadline);
    if (known === 'unreachable') return 'mine'; // nothing was sent
    const { deliveryId, fingerprint } = first;
    const late = { ...claimant, deliveryId, fingerprint, until: Date.now(), begins: false };
    const signal = this.#signal(deadline);
    await this.#quietly(this.#claims.takeOver(key, claimant.deliveryId, late, Date.now(), signal));
    return known;
  }

  /** Waits until the request that has a message ended, and says how: `failed` if it sent nothing. */
  async #follow(
    key: string,
    { deliveryId, until }: Extract<Claim, { state: 'taken' }>,
    deadline: number,
  ): Promise<SentOutcome | 'failed' | 'unbegun'> {
    const unknown: SentOutcome = {
      status: 'unknown',
      reason: 'no_answer',
      deliveryId: deliveryId || undefined,
    };
    const recent = this.#recent.find(key, Date.now());
    if (recent?.deliveryId === deliveryId) {
      return await this.#wait(recent, deadline);
    }
    for (;;) {
      const signal = this.#signal(deadline);
      const [outcome, holder] = await Promise.all([
        this.#outcomes.outcomeOf(deliveryId, signal),
        this.#claims.read(key, Date.now(), signal),
      ]);
      if (outcome !== undefined && outcome !== 'failed') return outcome;
      // A claim is released after its slots are, so that a repeat which takes the message over finds them.
      if (holder?.deliveryId !== deliveryId) return 'failed';
      const now = Date.now();
      if (now >= until) return outcome === 'failed' ? 'failed' : holder.begun ? unknown : 'unbegun';
      if (now + POLL_INTERVAL_MS >= deadline) return { ...unknown, pending: true };
      await sleep(POLL_INTERVAL_MS);
    }
  }

  /** What this process itself knows of a message that the table cannot be asked for. */
  async #recognise(key: string, { fingerprint }: Claimant, deadline: number): Promise<Ownership> {
    const recent = this.#recent.find(key, Date.now());
    if (!recent) return 'unreachable';
    if (fingerprint && recent.fingerprint && fingerprint !== recent.fingerprint)
      return { verdict: 'conflict' };
    const first = await this.#wait(recent, deadline);
    return first === 'failed' ? 'unreachable' : { verdict: 'duplicate', of: first };
  }

  /** Waits for a message of this process: its outcome, or unknown if that is not there by the deadline. */
  async #wait({ deliveryId, ended }: RecentMessage, deadline: number): Promise<SentOutcome | 'failed'> {
    const waiting = new AbortController();
    const pending: SentOutcome = { status: 'unknown', reason: 'no_answer', deliveryId, pending: true };
    const timeout = sleep(Math.max(0, deadline - Date.now()), pending, { signal: waiting.signal });
    const first = await Promise.race([ended, timeout.catch(() => undefined)]);
    waiting.abort();
    return first ?? 'failed';
  }

  /** Claims a message that was sent although its claim had no answer, so that repeats are recognised. */
  async claimLate(key: string, claimant: Claimant): Promise<void> {
    const signal = timeoutSignal(COMPLETION_TIMEOUT_MS);
    const late = { ...claimant, until: Date.now(), begins: false };
    await this.#quietly(this.#claims.claim(key, late, Date.now(), signal));
  }

  /**
   * Notes that a message may be sent by this process.
   *
   * @returns a function to call with how it ended: undefined if nothing was sent
   */
  started(key: string, claimant: Claimant): (outcome: SentOutcome | undefined) => void {
    return this.#recent.add(key, claimant, Date.now() + claimant.ttlS * 1000);
  }

  /** Notes that the message is sent now; false if that cannot be written, or another request has the message. */
  async begin(key: string, deliveryId: string, deadline: number): Promise<boolean> {
    try {
      return await this.#claims.begin(key, deliveryId, this.#signal(deadline));
    } catch (error) {
      this.#skip(error);
      return false;
    }
  }

  /** Releases a message that was not sent: also where its claim had no answer, since it may have been written all the same. */
  async release(key: string, deliveryId: string, signal: AbortSignal): Promise<void> {
    this.#unreleased.set(key, deliveryId);
    await this.#quietly(this.#release(key, deliveryId, signal));
  }

  async #release(key: string, deliveryId: string, signal: AbortSignal): Promise<void> {
    await this.#claims.release(key, deliveryId, Date.now(), signal);
    if (this.#unreleased.get(key) === deliveryId) this.#unreleased.delete(key);
  }

  /** Releases messages that could not be released while the table was away: their repeats would be told that they may have been sent. */
  async releaseLeft(signal: AbortSignal): Promise<void> {
    const some = [...this.#unreleased].slice(0, MAX_RELEASED_LATER);
    await Promise.all(some.map(([key, deliveryId]) => this.#quietly(this.#release(key, deliveryId, signal))));
  }

  #signal(deadline: number): AbortSignal {
    return callSignal(deadline, Date.now() + this.#timeoutMs);
  }

  #skip(error: unknown): void {
    this.#log.error('guard skipped', error, { part: 'duplicates' satisfies GuardPart });
  }

  /** Waits for a write that the answer does not depend on. */
  async #quietly(work: Promise<unknown>): Promise<void> {
    await work.catch((error: unknown) => this.#log.error('guard not updated', error));
  }
}
