import type { Taken } from './sliding-window.ts';
import { ConditionFailed, type Table } from './table.ts';

const HOUR = 3_600_000;

/**
 * Takes a place under the ceiling of all messages of a clock hour: the last defence for the balance.
 *
 * One counter an hour and not a sliding window, since a list of a thousand times would be written with every message. DynamoDB
 * takes about 1,000 writes a second to one item: the ceiling does not slow down less than that.
 *
 * @param ceiling messages an hour
 * @param now ms of the Unix epoch
 */
export async function takeFromTotal(
  table: Table,
  ceiling: number,
  now: number,
  signal: AbortSignal,
): Promise<Taken> {
  const hour = Math.floor(now / HOUR);
  const end = (hour + 1) * HOUR;
  const names = { '#count': 'count', '#expires': 'expiresAt' };
  const expires = { N: String(end / 1000) };
  const change = (by: number) => ({
    key: `total#${hour}`,
    expression: 'SET #expires = :expires ADD #count :by',
    names,
    values: { ':by': { N: String(by) }, ':expires': expires },
  });
  const one = change(1);
  try {
    await table.update(
      {
        ...one,
        condition: 'attribute_not_exists(#count) OR #count < :ceiling',
        values: { ...one.values, ':ceiling': { N: String(ceiling) } },
      },
      signal,
    );
  } catch (error) {
    if (error instanceof ConditionFailed) {
      return { granted: false, retryAfter: Math.max(1, Math.ceil((end - now) / 1000)) };
    }
    throw error;
  }
  // One counter tells no message from another, so each request has a place of its own.
  return {
    granted: true,
    place: { of: 'request', giveBack: async () => void (await table.update(change(-1))) },
  };
}
