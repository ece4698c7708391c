import type { Table } from '../table.ts';
import { addressGroup } from './address.ts';
import type { Hash } from './hash.ts';
import { takeFromTotal } from './hourly-total.ts';
import { type LimitName, type RateSettings, windowsOf } from './limits.ts';
import type { Place, Taken } from './place.ts';
import { takePlace } from './sliding-window.ts';

/** Who a message goes to, and whose device caused it. */
export interface Counted {
  /** E.164 with the plus. */
  readonly number: string;
  readonly clientAddress?: string | undefined;
  /** What the message and its repeats have in common, and no other message has. */
  readonly message: string;
}

/** A refusal by a limit; `retryAfter` in seconds. */
export interface RateExceeded {
  readonly limit: LimitName;
  readonly retryAfter: number;
}

/** What all limits said. */
export interface RateAnswers {
  /** The refusal that holds longest: after it the next try has the best chance. Undefined if there is a place everywhere. */
  readonly refusal: RateExceeded | undefined;
  /** Limits that could not be asked. */
  readonly unreachable: readonly LimitName[];
  /** Gives places back. */
  giveBack(...which: Place['of'][]): Promise<unknown>;
}

/** The limits: how many messages to a recipient, to a block of numbers, from an address, altogether. */
export class Rates {
  readonly #table: Table;
  readonly #windows: ReturnType<typeof windowsOf>;
  readonly #totalPerHour: number;

  constructor(table: Table, settings: RateSettings) {
    this.#table = table;
    this.#windows = windowsOf(settings);
    this.#totalPerHour = settings.totalPerHour;
  }

  /**
   * Takes a place under every limit that is on, all at the same time.
   *
   * @param now ms of the Unix epoch
   * @param onError told why a limit could not be asked
   */
  async ask(
    { number, clientAddress, message }: Counted,
    hash: Hash,
    now: number,
    signal: AbortSignal,
    onError: (error: unknown, limit: LimitName) => void,
  ): Promise<RateAnswers> {
    const counted = {
      recipient: number,
      block: number.slice(0, -3), // the 1,000 numbers that differ in their last three digits
      address: addressGroup(clientAddress),
    };
    const questions: { limit: LimitName; answer: Promise<Taken> }[] = [];
    for (const limit of ['recipient', 'block', 'address'] as const) {
      const value = counted[limit];
      const windows = this.#windows[limit];
      if (value && windows.length > 0) {
        questions.push({
          limit,
          answer: takePlace(this.#table, hash(limit, value), message, windows, now, signal),
        });
      }
    }
    if (this.#totalPerHour > 0) {
      questions.push({ limit: 'total', answer: takeFromTotal(this.#table, this.#totalPerHour, now, signal) });
    }

    const answers = await Promise.allSettled(questions.map(({ answer }) => answer));
    const unreachable: LimitName[] = [];
    const refusals: RateExceeded[] = [];
    const places: Place[] = [];
    for (const [index, answer] of answers.entries()) {
      const limit = questions[index]?.limit ?? 'total';
      if (answer.status === 'rejected') {
        onError(answer.reason, limit);
        unreachable.push(limit);
      } else if (answer.value.granted) {
        places.push(answer.value.place);
      } else {
        refusals.push({ limit, retryAfter: answer.value.retryAfter });
      }
    }
    return {
      refusal: refusals.toSorted((a, b) => b.retryAfter - a.retryAfter)[0],
      unreachable,
      giveBack: (...which) =>
        Promise.all(places.filter((place) => which.includes(place.of)).map((place) => place.giveBack())),
    };
  }
}
