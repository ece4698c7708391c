import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Item, type Table, updateIf } from '../dynamodb.ts';

/** At most `count` messages in any `span` of ms. */
export interface Window {
  readonly count: number;
  readonly span: number;
}

/** The answer to a request for a slot: there was one, or the seconds until there is one, at least 1. */
export type Taken =
  | { readonly granted: true }
  | {
      readonly granted: false;
      readonly retryAfter: number;
      /** What was full, where that is not what the slot is named after. */
      readonly limit?: 'range' | undefined;
    };

/** A slot under a limit, for one message. */
export interface Slot {
  /**
   * Takes it.
   *
   * @throws the table's error if it cannot be asked: it may have been taken all the same
   */
  take(signal: AbortSignal): Promise<Taken>;
  /** Frees it, if it was taken: nothing was sent after all. */
  release(signal: AbortSignal): Promise<void>;
}

/**
 * Entries beyond those that count, which count again if newer ones are removed: an item is cut to so many when it has twice as many,
 * since cutting each time would be a second write each time.
 */
const EXTRA_ENTRIES = 50;

/** How often a slot is asked for when the answer is out of date before it is read. */
const TAKING_ATTEMPTS = 3;

/** Attempts to remove an entry that other requests move meanwhile, and the longest pause between two, in ms. */
const REMOVAL_ATTEMPTS = 25;
const LONGEST_PAUSE_MS = 60;

/**
 * A slot in sliding windows, taken in one atomic write and without a read.
 *
 * The item holds the times of past messages, newest first. "At most 5 in 10 minutes" is then a condition on one element: the fifth newest
 * is older than 10 minutes. The write that tests this also puts the new time in front, so of any number of concurrent requests exactly as
 * many get through as there are slots.
 *
 * @param key the table key of what is counted
 * @param windows the limits, all of which must have a slot
 * @param now ms of the Unix epoch
 */
export function windowSlot(table: Table, key: string, windows: readonly Window[], now: number): Slot {
  // Unlike every other; it ends in a 1, because DynamoDB drops zeros at the end. It is below `now`, so that a window ends when it should.
  const entry = `${now - 1}.${String(randomInt(1e12)).padStart(12, '0')}1`;
  const most = Math.max(...windows.map(({ count }) => count));
  const longest = Math.max(...windows.map(({ span }) => span));
  const conditions = windows.map(
    ({ count }, index) =>
      `(attribute_not_exists(#sent[${count - 1}]) OR #sent[${count - 1}] <= :past${index})`,
  );
  const taking = {
    key,
    returnItem: true,
    expression: 'SET #sent = list_append(:entries, if_not_exists(#sent, :none)), #expires = :expires',
    // The last: the answer to this very write may have been lost.
    condition: `${conditions.join(' AND ')} AND NOT contains(#sent, :entry)`,
    names: { '#sent': 'sent', '#expires': 'expiresAt' },
    values: {
      ':entry': { N: entry },
      ':entries': { L: [{ N: entry }] },
      ':none': { L: [] },
      ':expires': { N: String(Math.ceil((now + longest) / 1000)) },
      ...Object.fromEntries(windows.map(({ span }, index) => [`:past${index}`, { N: String(now - span) }])),
    },
  };

  /** Drops the entries that no longer count, unless another message came meanwhile. */
  const cut = (entries: readonly string[], signal: AbortSignal) => {
    const kept = entries.slice(0, most + EXTRA_ENTRIES).map((N) => ({ N }));
    const update = {
      key,
      expression: 'SET #sent = :kept',
      condition: '#sent[0] = :newest',
      names: { '#sent': 'sent' },
      values: { ':kept': { L: kept }, ':newest': { N: entry } },
    };
    return table.update(update, signal).catch(() => undefined); // the next message does it
  };

  return {
    async take(signal) {
      for (let attempt = 1; ; attempt += 1) {
        const { held, item } = await updateIf(table, taking, signal);
        const entries = entriesOf(item);
        if (held && entries.length > most + 2 * EXTRA_ENTRIES) await cut(entries, signal);
        if (held || entries.includes(entry)) return { granted: true };
        const wait = waitForSlot(entries, windows, now);
        // Unless what stood in the way was removed before the item was read.
        if (wait > 0 || attempt === TAKING_ATTEMPTS) {
          return { granted: false, retryAfter: Math.max(1, Math.ceil(wait / 1000)) };
        }
      }
    },
    /** @throws Error if others moved the entry each time */
    async release(signal) {
      let index = 0;
      for (let attempt = 1; attempt <= REMOVAL_ATTEMPTS; attempt += 1) {
        const update = {
          key,
          expression: `REMOVE #sent[${index}]`,
          condition: `#sent[${index}] = :entry`,
          names: { '#sent': 'sent' },
          values: { ':entry': { N: entry } },
        };
        const { held, item } = await updateIf(table, update, signal);
        index = entriesOf(item).indexOf(entry);
        if (held || index < 0) return;
        await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, attempt * 10), undefined, { signal });
      }
      throw new Error('A slot could not be released: too many requests changed the item');
    },
  };
}

/** The entries of a window's item, newest first. */
function entriesOf(item: Item | undefined): string[] {
  return item?.['sent']?.L?.map(({ N }) => N ?? '0') ?? [];
}

/** How long it takes until there is a slot in all windows, in ms; 0 or less if there is one. */
function waitForSlot(entries: readonly string[], windows: readonly Window[], now: number): number {
  return Math.max(...windows.map(({ count, span }) => Number(entries[count - 1] ?? 0) + span - now));
}
