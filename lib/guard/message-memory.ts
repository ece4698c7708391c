import { setTimeout as sleep } from 'node:timers/promises';
import { ConditionFailed, type Item, type Table } from '../table.ts';
import type { Claim, Claimant, Remembered } from './claim.ts';
import {
  claimOf,
  claimValues,
  claimWrite,
  isRemembered,
  outcomeWrite,
  takeOverWrite,
  unknownOf,
} from './message-item.ts';

/** Pause between two looks at a message that another request is sending, in ms; SMS Aero answers in 100 to 300. */
const LOOK_AGAIN = 100;

/** Tries to forget a message that was not sent, and the pause between, in ms. */
const FORGET_TRIES = 3;
const FORGET_PAUSE = 100;

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
  async claim(key: string, claimant: Claimant, now: number, signal: AbortSignal): Promise<Claim> {
    const values = claimValues(claimant, now);
    const item = await this.#table.update(claimWrite(key, values), signal);
    const first = item['owner']?.S;
    if (first === claimant.owner) {
      return { state: 'mine' };
    }
    if (isRemembered(item, now)) {
      return claimOf(item, now);
    }
    return this.#takeOver(key, first ?? '', values);
  }

  /** Takes an item that is remembered no longer, but that DynamoDB has not removed yet. */
  async #takeOver(key: string, first: string, values: Item): Promise<Claim> {
    try {
      await this.#table.update(takeOverWrite(key, first, values));
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
   * @param claimant how long it is remembered (s), and what its repeats must have in common with it
   * @param now ms of the Unix epoch
   */
  async remember(
    key: string,
    outcome: Remembered,
    claimant: Pick<Claimant, 'remember' | 'fingerprint'>,
    now: number,
  ): Promise<void> {
    await this.#table.update(outcomeWrite(key, outcome, claimant, now));
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
