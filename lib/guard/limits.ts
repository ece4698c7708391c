import type { Hash } from '../derived-key.ts';
import type { Table } from '../dynamodb.ts';
import type { Environment } from '../environment.ts';
import type { Recipient } from '../message/recipient.ts';
import { addressGroups } from './address.ts';
import { hourlySlot } from './hourly-total.ts';
import { countedRange } from './range-limits.ts';
import { type Slot, type Window, windowSlot } from './sliding-window.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type LimitSettings = Omit<Environment['guard'], 'timeout' | 'required'>;

/** What a limit is counted by; the range in the write of the total. */
export type LimitName = 'recipient' | 'address' | 'block' | 'range' | 'total';

/** Limits that are sliding windows. */
type WindowedLimit = Exclude<LimitName, 'range' | 'total'>;

/** Who a message goes to, and whose device caused it. */
export interface Counted extends Pick<Recipient, 'number' | 'range'> {
  readonly clientAddress?: string | undefined;
}

/** A refusal by a limit; `retryAfter` in seconds. */
export interface LimitRefusal {
  readonly limit: LimitName;
  readonly retryAfter: number;
}

/** What all limits said. */
export interface LimitAnswers {
  /** The refusal that holds longest: after it the next request has the best chance. Undefined if there is a slot everywhere. */
  readonly refusal: LimitRefusal | undefined;
  /** Limits that could not be asked. */
  readonly unreachable: readonly LimitName[];
  /** Frees the slots, those of some limits excepted. @throws the first error, after all were tried */
  release(signal: AbortSignal, keep?: readonly LimitName[]): Promise<void>;
}

/** The limits: how many messages to a recipient, to a block or a range of numbers, from an address, altogether. */
export class Limits {
  readonly #table: Table;
  readonly #settings: LimitSettings;
  readonly #windows: Readonly<Record<WindowedLimit, readonly Window[]>>;

  constructor(table: Table, settings: LimitSettings) {
    this.#table = table;
    this.#settings = settings;
    this.#windows = windowsOf(settings);
  }

  /**
   * Takes a slot under every limit that is on, all at the same time.
   *
   * @param onError told why a limit could not be asked
   */
  async ask(
    counted: Counted,
    hash: Hash,
    now: number,
    signal: AbortSignal,
    onError: (error: unknown, limit: LimitName) => void,
  ): Promise<LimitAnswers> {
    const asked = await Promise.all(
      this.#slots(counted, hash, now).map(async ({ limit, slot }) => {
        const answer = await slot.take(signal).catch((error: unknown) => {
          onError(error, limit);
          return undefined;
        });
        return { limit, slot, answer };
      }),
    );
    const refusals = asked.flatMap(({ limit, answer }) =>
      answer?.granted === false ? { limit: answer.limit ?? limit, retryAfter: answer.retryAfter } : [],
    );
    return {
      refusal: refusals.toSorted((a, b) => b.retryAfter - a.retryAfter)[0],
      unreachable: [...new Set(asked.filter(({ answer }) => !answer).map(({ limit }) => limit))],
      async release(ending, keep = []) {
        // Also of those that could not be asked: their answer may have been lost.
        const taken = asked.filter(({ answer }) => answer?.granted !== false);
        const freed = taken.filter(({ limit }) => !keep.includes(limit));
        const released = await Promise.allSettled(freed.map(({ slot }) => slot.release(ending)));
        const failed = released.find(({ status }) => status === 'rejected');
        if (failed?.status === 'rejected') throw failed.reason;
      },
    };
  }

  #slots({ number, range, clientAddress }: Counted, hash: Hash, now: number): LimitSlot[] {
    const block = number.slice(0, -3); // the 1,000 numbers that differ in their last three digits
    const addresses = addressGroups(clientAddress)?.groups ?? [];
    const counted = [
      { limit: 'recipient', value: number, factor: 1 },
      { limit: 'block', value: block, factor: 1 },
      ...addresses.map(({ key, factor }) => ({ limit: 'address', value: key, factor }) as const),
    ] as const;
    const slots = counted.flatMap(({ limit, value, factor }): LimitSlot[] => {
      const windows = this.#windows[limit].map(({ count, span }) => ({ count: count * factor, span }));
      return windows.length === 0
        ? []
        : [{ limit, slot: windowSlot(this.#table, hash(limit, value), windows, now) }];
    });
    const { totalPerHour: total, rangeLimits } = this.#settings;
    const counting = countedRange(range, rangeLimits, total);
    if (!counting) return slots;
    const hourly = hourlySlot(this.#table, { total, range: counting }, now);
    return [...slots, { limit: total > 0 ? 'total' : 'range', slot: hourly }];
  }
}

interface LimitSlot {
  readonly limit: LimitName;
  readonly slot: Slot;
}

/** The sliding windows of each limit; a limit without windows is off. */
function windowsOf(settings: LimitSettings): Readonly<Record<WindowedLimit, readonly Window[]>> {
  const on = (windows: readonly Window[]) => windows.filter(({ count, span }) => count > 0 && span > 0);
  return {
    recipient: on([
      { count: 1, span: settings.recipientInterval * SECOND },
      { count: settings.recipientPer10Minutes, span: 10 * MINUTE },
      { count: settings.recipientPerDay, span: DAY },
    ]),
    address: on([{ count: settings.addressPerHour, span: HOUR }]),
    block: on([{ count: settings.blockPerHour, span: HOUR }]),
  };
}
