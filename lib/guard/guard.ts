import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { COMPLETION_TIMEOUT_MS, completionSignal, timeoutSignal } from '../abort.ts';
import { keyedHash } from '../derived-key.ts';
import type { Table } from '../dynamodb.ts';
import type { RecordedOutcome } from '../message/outcome.ts';
import type { Log } from '../observability/logger.ts';
import type { FailureReason } from '../smsaero/send-result.ts';
import { type Claim, type Claimant, Claims } from './claims.ts';
import { type LimitAnswers, type LimitName, Limits } from './limits.ts';
import { type RecentMessage, RecentMessages } from './recent-messages.ts';
import type { GuardPart, GuardRequest, GuardSettings, Verdict } from './verdict.ts';

/** How much later than a request must have ended a repeat takes its process for lost, in ms: clocks of two processes differ. */
const CLOCK_TOLERANCE_MS = 100;

/** The least time for the limits, in ms, after the claim has taken all of the guard's; and for any call past the deadline. */
const LEAST_LIMITS_TIME_MS = 200;
const LEAST_CALL_TIME_MS = 100;

/** Pause between two looks at a message that another request is sending, in ms; SMS Aero answers in 100 to 300. */
const POLL_INTERVAL_MS = 100;

/** Messages left unreleased that one question releases besides its own. */
const MAX_RELEASED_LATER = 5;

/** Time for the first connection to the table, in ms: a function that initialises may wait longer than a message. */
const WARM_TIMEOUT_MS = 1_500;

/** Time to release a message whose handler is called again, in ms: nobody waits, and a claim that stays looks as if it was sent. */
const RETRIED_RELEASE_MS = 3_000;

/** Refusals of this very number. They keep its slots, or one address could try numbers at SMS Aero without end. */
const REFUSED_NUMBER: ReadonlySet<FailureReason> = new Set(['invalid_recipient', 'blacklisted', 'rejected']);
const KEPT_LIMITS: readonly LimitName[] = ['recipient', 'address'];

/** Where outcomes are found. */
export interface Outcomes {
  /** How a delivery ended; `failed` if nothing was sent, undefined if that is not known. */
  outcomeOf(deliveryId: string, signal: AbortSignal): Promise<RecordedOutcome | 'failed' | undefined>;
}

/** Whose a message is: this request's, another one's, or it cannot be said. */
type Ownership =
  | 'mine'
  | 'unreachable'
  | Extract<Verdict, { verdict: 'duplicate' | 'conflict' | 'unavailable' }>;

/**
 * Sends no message twice, and to nobody too many.
 *
 * First the claim: one write by which a request takes its message, or learns which request has it. Only the request that has it asks the
 * limits, all at the same time. So a repeat never touches a limit.
 */
export class Guard {
  readonly #table: Table;
  readonly #claims: Claims;
  readonly #limits: Limits;
  readonly #outcomes: Outcomes;
  readonly #settings: GuardSettings;
  readonly #log: Log;
  readonly #recent = new RecentMessages();
  /** Messages that were not sent and are still claimed, with their delivery. */
  readonly #unreleased = new Map<string, string>();

  constructor(table: Table, outcomes: Outcomes, settings: GuardSettings, log: Log) {
    this.#table = table;
    this.#claims = new Claims(table);
    this.#limits = new Limits(table, settings);
    this.#outcomes = outcomes;
    this.#settings = settings;
    this.#log = log;
  }

  /**
   * Opens a connection to the table while the function initialises: a handshake may take longer than the guard waits. Not one for each limit:
   * the first message opens those at the same time.
   */
  async warm(): Promise<void> {
    await this.#table
      .get('warm', timeoutSignal(WARM_TIMEOUT_MS))
      .catch((error: unknown) => this.#log.error('guard table unreachable', error));
  }

  /** Asks whether a message may be sent; never throws. */
  async ask(request: GuardRequest): Promise<Verdict> {
    const { idempotency, deadline, deliveryId } = request;
    const hash = keyedHash(request.hashKey);
    const key = idempotency && hash('message', request.platform, idempotency.key);
    const required = this.#settings.required || request.guardRequired === true;
    const claimant: Claimant = {
      deliveryId,
      fingerprint: idempotency?.fingerprint ? hash('fingerprint', idempotency.fingerprint) : '',
      until: deadline + COMPLETION_TIMEOUT_MS + CLOCK_TOLERANCE_MS,
      ttlS: idempotency?.ttlS ?? 0,
      begins: required,
    };
    // Half of the time at most, so that SMS Aero has the other half.
    const budget = Math.min(this.#settings.timeout, (deadline - Date.now()) / 2);
    const budgetEnds = Date.now() + budget;
    const ownership = key === undefined ? 'mine' : await this.#own(key, claimant, deadline, budgetEnds);
    if (typeof ownership !== 'string') {
      return ownership;
    }
    const ended = key && this.#recent.add(key, claimant, Date.now() + claimant.ttlS * 1000);
    const releaseMs = request.retried ? RETRIED_RELEASE_MS : 2 * this.#settings.timeout;
    const undo = async (limits: LimitAnswers | undefined, kept: readonly LimitName[] = []) => {
      await this.#undo(key, claimant, limits, releaseMs, kept);
      if (ended) ended(undefined);
    };
    if (ownership === 'unreachable' && required) {
      await undo(undefined);
      return { verdict: 'unavailable' };
    }
    const now = Date.now();
    const signal = this.#signal(deadline, Math.max(budgetEnds, now + LEAST_LIMITS_TIME_MS));
    const [limits] = await Promise.all([
      this.#limits.ask(request, hash, now, signal, (error, limit) => this.#skip(error, limit)),
      this.#releaseLeft(signal),
    ]);
    const skipped: GuardPart[] = [
      ...(ownership === 'unreachable' ? ['duplicates' as const] : []),
      ...limits.unreachable,
    ];
    if (limits.refusal || (skipped.length > 0 && required)) {
      await undo(limits);
      return limits.refusal ? { verdict: 'rate_exceeded', ...limits.refusal } : { verdict: 'unavailable' };
    }
    if (key !== undefined && required && !(await this.#begin(key, deliveryId, deadline))) {
      await undo(limits);
      return { verdict: 'unavailable' };
    }
    return {
      verdict: 'send',
      skipped,
      complete: async (completion, recorded) => {
        if (completion.status === 'failed') {
          await Promise.all([
            recorded,
            undo(limits, REFUSED_NUMBER.has(completion.reason) ? KEPT_LIMITS : []),
          ]);
          return;
        }
        const late = key !== undefined && ownership === 'unreachable';
        const [isRecorded] = await Promise.all([recorded, late ? this.#claimLate(key, claimant) : undefined]);
        if (ended) ended(isRecorded === false ? { ...completion, recorded: false } : completion);
      },
    };
  }

  /** Claims a message; of one that another request has, waits for the outcome. */
  async #own(key: string, claimant: Claimant, deadline: number, budgetEnds: number): Promise<Ownership> {
    let claim: Claim;
    try {
      claim = await this.#claims.claim(key, claimant, Date.now(), this.#signal(deadline, budgetEnds));
    } catch (error) {
      this.#skip(error, 'duplicates');
      return this.#recognise(key, claimant, deadline);
    }
    while (claim.state === 'taken') {
      const { deliveryId, fingerprint } = claim;
      if (claimant.fingerprint && fingerprint && fingerprint !== claimant.fingerprint) {
        return { verdict: 'conflict' };
      }
      try {
        const first = await this.#follow(key, claim, deadline);
        if (first !== 'failed') return { verdict: 'duplicate', of: first };
        if (Date.now() >= deadline) return { verdict: 'unavailable' };
        claim = await this.#claims.takeOver(key, deliveryId, claimant, Date.now(), this.#signal(deadline));
      } catch (error) {
        this.#skip(error, 'duplicates');
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
  ): Promise<RecordedOutcome | 'failed'> {
    const unknown: RecordedOutcome = {
      status: 'unknown',
      reason: 'no_answer',
      deliveryId: deliveryId || undefined,
    };
    const recent = this.#recent.find(key, Date.now());
    if (recent?.deliveryId === deliveryId) {
      return await this.#wait(recent, deadline, deliveryId);
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
      if (now >= until) return outcome === 'failed' || !holder.begun ? 'failed' : unknown;
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
    const first = await this.#wait(recent, deadline, recent.deliveryId);
    return first === 'failed' ? 'unreachable' : { verdict: 'duplicate', of: first };
  }

  /** Waits for a message of this process: its outcome, or unknown if that is not there by the deadline. */
  async #wait(
    recent: RecentMessage,
    deadline: number,
    deliveryId?: string,
  ): Promise<RecordedOutcome | 'failed'> {
    const waiting = new AbortController();
    const pending: RecordedOutcome = { status: 'unknown', reason: 'no_answer', deliveryId, pending: true };
    const timeout = sleep(Math.max(0, deadline - Date.now()), pending, { signal: waiting.signal });
    const first = await Promise.race([recent.ended, timeout.catch(() => undefined)]);
    waiting.abort();
    return first ?? 'failed';
  }

  /** Notes that the message is sent now; false if that cannot be written, or another request has the message. */
  async #begin(key: string, deliveryId: string, deadline: number): Promise<boolean> {
    try {
      return await this.#claims.begin(key, deliveryId, this.#signal(deadline));
    } catch (error) {
      this.#skip(error, 'duplicates');
      return false;
    }
  }

  /** Claims a message that was sent although its claim had no answer, so that repeats are recognised. */
  async #claimLate(key: string, claimant: Claimant): Promise<void> {
    const signal = timeoutSignal(COMPLETION_TIMEOUT_MS);
    const late = { ...claimant, until: Date.now(), begins: false };
    await this.#quietly(this.#claims.claim(key, late, Date.now(), signal));
  }

  /**
   * Frees slots and message, in this order: who takes the message over finds the slots free.
   *
   * @param releaseMs how long, in ms, but not longer than until the deadline: others may change the same items at that moment, and whoever
   *   waits for an answer does not wait long for an absent table
   */
  async #undo(
    key: string | undefined,
    { deliveryId, until }: Claimant,
    limits: LimitAnswers | undefined,
    releaseMs: number,
    kept: readonly LimitName[],
  ): Promise<void> {
    const end = Date.now() + releaseMs;
    const latest = releaseMs === RETRIED_RELEASE_MS ? end : Math.min(until - COMPLETION_TIMEOUT_MS, end);
    const signal = shared(completionSignal(latest));
    if (limits) await this.#quietly(limits.release(signal, kept));
    if (key === undefined) return;
    // Also where the claim had no answer: it may have been written all the same.
    this.#unreleased.set(key, deliveryId);
    await this.#quietly(this.#release(key, deliveryId, signal));
  }

  async #release(key: string, deliveryId: string, signal: AbortSignal): Promise<void> {
    await this.#claims.release(key, deliveryId, Date.now(), signal);
    if (this.#unreleased.get(key) === deliveryId) this.#unreleased.delete(key);
  }

  /** Lets go of messages that could not be released while the table was away: their repeats would be told that they may have been sent. */
  async #releaseLeft(signal: AbortSignal): Promise<void> {
    const some = [...this.#unreleased].slice(0, MAX_RELEASED_LATER);
    await Promise.all(some.map(([key, deliveryId]) => this.#quietly(this.#release(key, deliveryId, signal))));
  }

  /** A signal for a call: at the end of the guard's time, or at the deadline if that is earlier (ms of the Unix epoch). */
  #signal(deadline: number, end = Date.now() + this.#settings.timeout): AbortSignal {
    return shared(timeoutSignal(Math.max(LEAST_CALL_TIME_MS, Math.min(end, deadline) - Date.now())));
  }

  #skip(error: unknown, part: GuardPart): void {
    this.#log.error('guard skipped', error, { part });
  }

  /** Waits for a write that the answer does not depend on. */
  async #quietly(work: Promise<unknown>): Promise<void> {
    await work.catch((error: unknown) => this.#log.error('guard not updated', error));
  }
}

/** A signal that more than ten calls listen to. */
function shared(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}
