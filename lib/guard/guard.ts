import { createHash, randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../observability/logger.ts';
import { type Hash, keyedHash } from './hash.ts';
import type { LimitName, RateSettings } from './limits.ts';
import { type Claim, MessageMemory, type Remembered } from './message-memory.ts';
import { type Counted, type RateExceeded, Rates } from './rates.ts';
import { IN_FLIGHT, MARK_DIGITS, type Place } from './sliding-window.ts';
import type { Table } from './table.ts';

/** After its deadline a request still has this long to write its outcome down, in ms, before a repeat takes it for lost. */
const TIME_TO_RECORD = 300;

/** Time for the first connection to the table, in ms: a function that initialises may wait longer than a message. */
const WARM_TIMEOUT = 1_500;

/** Tries to forget a message that was not sent, and the pause between, in ms. */
const FORGET_TRIES = 3;
const FORGET_PAUSE = 100;

/** What identifies a request, so that its repeat is known. */
export interface Idempotency {
  /** Equal for a request and its repeats, and for nothing else. It may hold a code: only its keyed hash is stored. */
  readonly key: string;
  /** How long a repeat is recognised, in s. */
  readonly remember: number;
}

/** What the guard must know of a message. */
export interface GuardRequest extends Omit<Counted, 'message'> {
  readonly platform: string;
  /** Absent for a request that may come again in the same form. */
  readonly idempotency?: Idempotency | undefined;
  /** When the outcome must be known, in ms of the Unix epoch. */
  readonly deadline: number;
  /** SMS Aero's API key: what the hashes are keyed with. */
  readonly apiKey: string;
}

/** The parts of the guard, as logs and metrics name them. */
export type GuardPart = 'duplicates' | LimitName;

/** The guard's word on a message. */
export type Verdict =
  /** It may be sent. */
  | {
      readonly verdict: 'send';
      /** Parts that could not be asked. */
      readonly skipped: readonly GuardPart[];
      /**
       * Must be told how it ended: the outcome, or undefined if nothing was sent. Never throws.
       *
       * @param apiKey the API key that the message went out with, if it was renewed meanwhile: repeats will be looked for under it
       */
      settle(outcome: Remembered | undefined, apiKey?: string): Promise<void>;
    }
  /** It is a repeat: nothing is sent, the caller hears what the first one heard. */
  | { readonly verdict: 'duplicate'; readonly of: Remembered }
  | ({ readonly verdict: 'rate_exceeded' } & RateExceeded)
  /** The table could not be asked, and the setting says not to send then. */
  | { readonly verdict: 'unavailable' };

/** How the guard is set. */
export interface GuardSettings extends RateSettings {
  /** Time for the table's answers, in ms. */
  readonly timeout: number;
  /** Whether a message is refused when the table cannot be asked. */
  readonly required: boolean;
}

/**
 * The memory of the service: a message is sent once, and nobody is sent too many.
 *
 * All questions go to the table at the same time and each is one atomic write, so together they add one round trip. What a
 * message took of the limits is given back if nothing is sent.
 */
export class Guard {
  readonly #table: Table;
  readonly #memory: MessageMemory;
  readonly #rates: Rates;
  readonly #settings: GuardSettings;
  readonly #log: Log;

  constructor(table: Table, settings: GuardSettings, log: Log) {
    this.#table = table;
    this.#memory = new MessageMemory(table);
    this.#rates = new Rates(table, settings);
    this.#settings = settings;
    this.#log = log;
  }

  /** Opens the connection to the table while the function initialises: a handshake may take longer than the guard waits. */
  async warm(): Promise<void> {
    await this.#table
      .get('warm', AbortSignal.timeout(WARM_TIMEOUT))
      .catch((error: unknown) => this.#log.error('guard table unreachable', error));
  }

  /** Asks whether a message may be sent; never throws. */
  async ask(request: GuardRequest): Promise<Verdict> {
    const { idempotency, deadline } = request;
    const hash = keyedHash(request.apiKey);
    const key = idempotency && messageKey(hash, request, idempotency);
    const owner = randomUUID();
    const message = markFor(key ?? owner);

    for (;;) {
      const now = Date.now();
      const signal = AbortSignal.timeout(this.#settings.timeout);
      setMaxListeners(0, signal); // each of the five calls listens
      const [claim, rates] = await Promise.all([
        key
          ? this.#claim(
              key,
              { owner, remember: idempotency.remember, until: deadline + TIME_TO_RECORD },
              now,
              signal,
            )
          : undefined,
        this.#rates.ask({ ...request, message }, hash, now, signal, (error, part) =>
          this.#skipped(error, part),
        ),
      ]);
      // The places first: a repeat that waits sends as soon as the message is forgotten, and would stand on them.
      const undo = async () => {
        await this.#quietly(rates.giveBack('message', 'request', 'spare'));
        // The message also where the claim had no answer: it may have been written all the same.
        if (key) await this.#quietly(this.#forget(key, owner));
      };

      if (key && (claim?.state === 'done' || claim?.state === 'in_flight')) {
        // The places of a message that came a moment ago are its own, whichever request was faster to take them.
        const recent = claim.state === 'in_flight' || now - claim.since < IN_FLIGHT;
        const own: Place['of'][] = recent ? ['request', 'spare'] : ['request', 'spare', 'message'];
        await this.#quietly(rates.giveBack(...own));
        const first = await this.#outcomeOf(key, claim, deadline);
        if (first) {
          return { verdict: 'duplicate', of: first };
        }
        if (Date.now() >= deadline) {
          return { verdict: 'unavailable' };
        }
        continue; // the first one sent nothing after all
      }
      const skipped: GuardPart[] = [
        ...(claim?.state === 'unreachable' ? ['duplicates' as const] : []),
        ...rates.unreachable,
      ];
      if (rates.refusal) {
        await undo();
        return { verdict: 'rate_exceeded', ...rates.refusal };
      }
      if (skipped.length > 0 && this.#settings.required) {
        await undo();
        return { verdict: 'unavailable' };
      }
      return {
        verdict: 'send',
        skipped,
        settle: async (outcome, apiKey = request.apiKey) => {
          if (!outcome) {
            await undo();
            return;
          }
          await this.#quietly(rates.giveBack('spare'));
          if (key) {
            const keys = new Set([key, messageKey(keyedHash(apiKey), request, idempotency)]);
            const remember = (each: string) =>
              this.#memory.remember(each, outcome, idempotency.remember, Date.now());
            await this.#quietly(Promise.all([...keys].map(remember)));
          }
        },
      };
    }
  }

  async #claim(...question: Parameters<MessageMemory['claim']>): Promise<Claim | { state: 'unreachable' }> {
    try {
      return await this.#memory.claim(...question);
    } catch (error) {
      this.#skipped(error, 'duplicates');
      return { state: 'unreachable' };
    }
  }

  /** How the first request ended; undefined if it sent nothing. Unknown while the table cannot tell. */
  async #outcomeOf(
    key: string,
    claim: Exclude<Claim, { state: 'mine' }>,
    deadline: number,
  ): Promise<Remembered | undefined> {
    try {
      return claim.state === 'done'
        ? claim.outcome
        : await this.#memory.wait(key, Math.min(deadline, claim.until));
    } catch (error) {
      this.#skipped(error, 'duplicates');
      return { status: 'unknown', reason: 'no_answer' };
    }
  }

  /** Tries more than once: a message that is not forgotten looks to its repeats as if it may have been sent. */
  async #forget(key: string, owner: string): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#memory.forget(key, owner);
      } catch (error) {
        if (tries === FORGET_TRIES) throw error;
        await sleep(FORGET_PAUSE);
      }
    }
  }

  #skipped(error: unknown, part: GuardPart): void {
    this.#log.error('guard skipped', error, { part });
  }

  /** Waits for a write that the answer does not depend on. */
  async #quietly(work: Promise<unknown>): Promise<void> {
    await work.catch((error: unknown) => this.#log.error('guard not updated', error));
  }
}

function messageKey(hash: Hash, { platform }: GuardRequest, { key }: Idempotency): string {
  return hash('message', platform, key);
}

/** Digits that tell the messages of half a minute apart. */
function markFor(key: string): string {
  const number = createHash('sha256').update(key).digest().readUIntBE(0, 6);
  return String(number % 10 ** MARK_DIGITS).padStart(MARK_DIGITS, '0');
}
