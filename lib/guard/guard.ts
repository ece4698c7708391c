import { setMaxListeners } from 'node:events';
import { within } from '../abort.ts';
import type { Log } from '../observability/logger.ts';
import type { Table } from '../table.ts';
import type { Claim, Remembered } from './claim.ts';
import { keyedHash } from './hash.ts';
import { messageKey } from './message-item.ts';
import { MessageMemory } from './message-memory.ts';
import type { Place } from './place.ts';
import { Rates } from './rates.ts';
import type { GuardPart, GuardRequest, GuardSettings, Verdict } from './verdict.ts';
import { IN_FLIGHT, markFor } from './window-entries.ts';

/** After its deadline a request still has this long to write its outcome down, in ms, before a repeat takes it for lost. */
const TIME_TO_RECORD = 300;

/** Questions of a message that go to the table at the same time, each on a connection of its own. */
const QUESTIONS = 5;

/** Time for the first connection to the table, in ms: a function that initialises may wait longer than a message. */
const WARM_TIMEOUT = 1_500;

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
    const signal = AbortSignal.timeout(WARM_TIMEOUT);
    const connections = Array.from({ length: QUESTIONS }, () => this.#table.get('warm', signal));
    await Promise.all(connections).catch((error: unknown) =>
      this.#log.error('guard table unreachable', error),
    );
  }

  /** Asks whether a message may be sent; never throws. */
  async ask(request: GuardRequest): Promise<Verdict> {
    const { idempotency, deadline } = request;
    const hash = keyedHash(request.hashKey);
    const key = idempotency && messageKey(hash, request.platform, idempotency.key);
    const fingerprint = idempotency?.fingerprint ? hash('fingerprint', idempotency.fingerprint) : '';
    const owner = request.deliveryId;
    // With the fingerprint, so that another message under the same key has places of its own to give back.
    const message = markFor((key ?? owner) + fingerprint);

    for (;;) {
      const now = Date.now();
      const claimant = { owner, fingerprint, until: deadline + TIME_TO_RECORD };
      const [claim, rates] = await within(this.#settings.timeout, (signal) => {
        setMaxListeners(0, signal); // each of the five calls listens
        return Promise.all([
          key ? this.#claim(key, { ...claimant, remember: idempotency.remember }, now, signal) : undefined,
          this.#rates.ask({ ...request, message }, hash, now, signal, (error, part) =>
            this.#skipped(error, part),
          ),
        ]);
      });
      // The places first: a repeat that waits sends as soon as the message is forgotten, and would stand on them.
      const undo = async () => {
        await this.#quietly(rates.giveBack('message', 'request', 'spare'));
        // The message also where the claim had no answer: it may have been written all the same.
        if (key) await this.#quietly(this.#memory.forget(key, owner));
      };

      if (key && (claim?.state === 'done' || claim?.state === 'in_flight')) {
        if (fingerprint && claim.fingerprint && claim.fingerprint !== fingerprint) {
          await this.#quietly(rates.giveBack('request', 'spare', 'message'));
          return { verdict: 'conflict' };
        }
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
      const required = this.#settings.required || (request.mayBeRepeat && skipped.includes('duplicates'));
      if (skipped.length > 0 && required) {
        await undo();
        return { verdict: 'unavailable' };
      }
      return {
        verdict: 'send',
        skipped,
        settle: async (outcome) => {
          if (!outcome) {
            await undo();
            return;
          }
          await this.#quietly(rates.giveBack('spare'));
          if (key) {
            const claimed = { ...idempotency, fingerprint };
            await this.#quietly(this.#memory.remember(key, outcome, claimed, Date.now()));
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
      return { status: 'unknown', reason: 'no_answer', pending: true };
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
