import { COMPLETION_TIMEOUT_MS, callSignal, completionSignal, timeoutSignal } from '../abort.ts';
import { keyedHash } from '../derived-key.ts';
import type { Table } from '../dynamodb.ts';
import type { Log } from '../observability/logger.ts';
import type { FailureReason } from '../smsaero/send-result.ts';
import { type Claimant, Claims } from './claims.ts';
import { type LimitAnswers, type LimitName, Limits } from './limits.ts';
import { type Outcomes, Repeats } from './repeats.ts';
import type { GuardPart, GuardRequest, GuardSettings, Verdict } from './verdict.ts';

/** How much later than a request must have ended a repeat takes its process for lost, in ms: clocks of two processes differ. */
const CLOCK_TOLERANCE_MS = 100;

/** The least time for the limits, in ms, after the claim has taken all of the guard's. */
const LEAST_LIMITS_TIME_MS = 200;

/** Time for the first connection to the table, in ms: a function that initialises may wait longer than a message. */
const WARM_TIMEOUT_MS = 1_500;

/** Time to release a message whose handler is called again, in ms: nobody waits, and a claim that stays looks as if it was sent. */
const RETRIED_RELEASE_MS = 3_000;

/** Refusals of this very number. They keep its slots, or one address could try numbers at SMS Aero without end. */
const REFUSED_NUMBER: ReadonlySet<FailureReason> = new Set(['invalid_recipient', 'blacklisted', 'rejected']);
const KEPT_LIMITS: readonly LimitName[] = ['recipient', 'address'];

/**
 * Sends no message twice, and to nobody too many.
 *
 * First the claim: one write by which a request takes its message, or learns which request has it. Only the request that has it asks the
 * limits, all at the same time. So a repeat never touches a limit.
 */
export class Guard {
  readonly #table: Table;
  readonly #repeats: Repeats;
  readonly #limits: Limits;
  readonly #settings: GuardSettings;
  readonly #log: Log;

  constructor(table: Table, outcomes: Outcomes, settings: GuardSettings, log: Log) {
    this.#table = table;
    this.#repeats = new Repeats(new Claims(table), outcomes, settings.timeout, log);
    this.#limits = new Limits(table, settings);
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
    const ownership =
      key === undefined ? 'mine' : await this.#repeats.claim(key, claimant, deadline, budgetEnds);
    if (typeof ownership !== 'string') {
      return ownership;
    }
    const ended = key === undefined ? undefined : this.#repeats.started(key, claimant);
    /**
     * Frees slots and message, in this order: who takes the message over finds the slots free.
     *
     * Others may change the same items at that moment: it has twice the guard's time. It ends with the deadline, since whoever waits
     * for an answer does not wait long for an absent table; nobody waits where the handler is called again.
     */
    const undo = async (limits?: LimitAnswers, kept?: readonly LimitName[]) => {
      const now = Date.now();
      const latest = request.retried
        ? now + RETRIED_RELEASE_MS
        : Math.min(deadline + CLOCK_TOLERANCE_MS, now + 2 * this.#settings.timeout);
      const signal = completionSignal(latest);
      await limits
        ?.release(signal, kept)
        .catch((error: unknown) => this.#log.error('guard not updated', error));
      if (key !== undefined) await this.#repeats.release(key, deliveryId, signal);
      ended?.(undefined);
    };
    if (ownership === 'unreachable' && required) {
      await undo();
      return { verdict: 'unavailable' };
    }
    const now = Date.now();
    const signal = callSignal(deadline, Math.max(budgetEnds, now + LEAST_LIMITS_TIME_MS));
    const [limits] = await Promise.all([
      this.#limits.ask(request, hash, now, signal, (error, part) =>
        this.#log.error('guard skipped', error, { part }),
      ),
      this.#repeats.releaseLeft(signal),
    ]);
    const skipped: GuardPart[] = [
      ...(ownership === 'unreachable' ? ['duplicates' as const] : []),
      ...limits.unreachable,
    ];
    if (limits.refusal || (skipped.length > 0 && required)) {
      await undo(limits);
      return limits.refusal ? { verdict: 'rate_exceeded', ...limits.refusal } : { verdict: 'unavailable' };
    }
    if (key !== undefined && required && !(await this.#repeats.begin(key, deliveryId, deadline))) {
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
        const [isRecorded] = await Promise.all([
          recorded,
          late ? this.#repeats.claimLate(key, claimant) : undefined,
        ]);
        ended?.(isRecorded === false ? { ...completion, recorded: false } : completion);
      },
    };
  }
}
