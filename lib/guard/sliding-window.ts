import { setTimeout as sleep } from 'node:timers/promises';
import { ConditionFailed, type Table } from '../table.ts';
import type { Window } from './limits.ts';
import type { Place, Taken } from './place.ts';
import { entriesOf, IN_FLIGHT, newEntry, sharedEntry, waitForPlace } from './window-entries.ts';

/**
 * Entries beyond those that count, which count again if newer ones are given back: an item is cut to so many when it has twice as many,
 * since cutting each time would be a second write each time.
 */
const SPARE = 50;

/**
 * Takes a place in sliding windows, in one atomic write and without a read.
 *
 * The item holds the times of past messages, newest first. "At most 5 in 10 minutes" is then a condition on one element: the
 * fifth newest is older than 10 minutes. The write that tests this also puts the new time in front, so of any number of
 * concurrent requests exactly as many get through as there are places.
 *
 * A repeat of the message asks at the same time as the message itself, and may come first. So a place belongs to the message, not to
 * the request: each entry bears a mark of its message in its fraction, and whoever finds its own mark, a moment old, shares that place.
 * The mark of the newest entry stands beside the list, so that the usual repeat writes nothing; one that comes after another message
 * sees in the answer that its entry is a spare one.
 *
 * @param key the table key of what is counted
 * @param message the message's mark: `markFor` in ./window-entries.ts
 * @param windows the limits, all of which must have a place
 * @param now ms of the Unix epoch
 * @param tries how often to ask when the answer is out of date before it is read
 */
export async function takePlace(
  table: Table,
  key: string,
  message: string,
  windows: readonly Window[],
  now: number,
  signal: AbortSignal,
  tries = 3,
): Promise<Taken> {
  const mine = newEntry(message, now);
  const most = Math.max(...windows.map(({ count }) => count));
  const longest = Math.max(...windows.map(({ span }) => span));
  const conditions = windows.map(
    ({ count }, index) =>
      `(attribute_not_exists(#sent[${count - 1}]) OR #sent[${count - 1}] <= :past${index})`,
  );
  try {
    const item = await table.update(
      {
        key,
        expression:
          'SET #sent = list_append(:mine, if_not_exists(#sent, :none)), #by = :by, #expires = :expires',
        condition: `${conditions.join(' AND ')} AND (attribute_not_exists(#by) OR #by <> :by OR #sent[0] <= :flight)`,
        names: { '#sent': 'sent', '#by': 'by', '#expires': 'expiresAt' },
        values: {
          ':mine': { L: [{ N: mine }] },
          ':by': { S: message },
          ':flight': { N: String(now - IN_FLIGHT) },
          ':none': { L: [] },
          ':expires': { N: String(Math.ceil((now + longest) / 1000)) },
          ...Object.fromEntries(
            windows.map(({ span }, index) => [`:past${index}`, { N: String(now - span) }]),
          ),
        },
      },
      signal,
    );
    if (entriesOf(item).length > most + 2 * SPARE) {
      await cut(table, key, mine, entriesOf(item).slice(0, most + SPARE)).catch(() => undefined); // the next one does it
    }
    const of = sharedEntry(entriesOf(item), mine, message, now) ? 'spare' : 'message';
    return { granted: true, place: placeOf(table, key, mine, of) };
  } catch (error) {
    if (!(error instanceof ConditionFailed)) {
      throw error;
    }
    const entries = entriesOf(error.item);
    // Its own, if only the answer of the write was lost.
    const own = entries.includes(mine) ? mine : sharedEntry(entries, mine, message, now);
    if (own !== undefined) {
      return { granted: true, place: placeOf(table, key, own, 'message') };
    }
    const wait = waitForPlace(entries, windows, now);
    if (wait <= 0 && tries > 1) {
      // What stood in the way was given back before the item was read.
      return takePlace(table, key, message, windows, now, signal, tries - 1);
    }
    return { granted: false, retryAfter: Math.max(1, Math.ceil(wait / 1000)) };
  }
}

function placeOf(table: Table, key: string, entry: string, of: Place['of']): Place {
  return { of, giveBack: () => removeEntry(table, key, entry) };
}

/** Drops the entries that count no more, unless another message came meanwhile. */
async function cut(table: Table, key: string, newest: string, keep: readonly string[]): Promise<void> {
  await table.update({
    key,
    expression: 'SET #sent = :keep',
    condition: '#sent[0] = :newest',
    names: { '#sent': 'sent' },
    values: { ':keep': { L: keep.map((N) => ({ N })) }, ':newest': { N: newest } },
  });
}

/** How often an entry is looked for that other requests move meanwhile, and the pause that grows up to so many ms. */
const REMOVAL_TRIES = 25;
const REMOVAL_PAUSE = 60;

/**
 * Takes an entry out again, and the mark beside the list if it is the newest.
 *
 * @throws Error if others moved it each time
 */
async function removeEntry(table: Table, key: string, entry: string): Promise<void> {
  let index = 0;
  for (let tries = 1; tries <= REMOVAL_TRIES; tries += 1) {
    try {
      await table.update({
        key,
        expression: index === 0 ? 'REMOVE #sent[0], #by' : `REMOVE #sent[${index}]`,
        condition: `#sent[${index}] = :entry`,
        names: index === 0 ? { '#sent': 'sent', '#by': 'by' } : { '#sent': 'sent' },
        values: { ':entry': { N: entry } },
      });
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) {
        throw error;
      }
      index = entriesOf(error.item).indexOf(entry);
      if (index < 0) {
        return;
      }
      await sleep(Math.random() * Math.min(REMOVAL_PAUSE, tries * 10));
    }
  }
  throw new Error('A place could not be given back: too many requests changed the item');
}
