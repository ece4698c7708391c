import { randomUUID } from 'node:crypto';
import { ConditionFailed, type Item, type Table } from '../table.ts';
import type { Taken } from './sliding-window.ts';

const HOUR_MS = 3_600_000;

/**
 * Takes a slot under the ceiling of all messages of a clock hour: the last defence for the balance.
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
  const hour = Math.floor(now / HOUR_MS);
  const end = (hour + 1) * HOUR_MS;
  // Each write leaves a token: it may have to be sent twice because its answer was lost, and must not count twice.
  const change = async (by: number, condition: string, values: Item, changing: AbortSignal) => {
    const token = randomUUID();
    try {
      const update = {
        key: `total#${hour}`,
        returnNothing: true,
        expression: 'SET #expires = :expires, #token = :token ADD #count :by',
        condition: `${condition}(attribute_not_exists(#token) OR #token <> :token)`,
        names: { '#count': 'count', '#expires': 'expiresAt', '#token': 'token' },
        values: {
          ...values,
          ':by': { N: String(by) },
          ':token': { S: token },
          ':expires': { N: String(end / 1000) },
        },
      };
      await table.update(update, changing);
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) {
        throw error;
      }
      return error.item?.['token']?.S === token;
    }
  };
  const isFree = '(attribute_not_exists(#count) OR #count < :ceiling) AND ';
  return (await change(1, isFree, { ':ceiling': { N: String(ceiling) } }, signal))
    ? { slot: { release: async (ending) => void (await change(-1, '', {}, ending)) } }
    : { retryAfter: Math.max(1, Math.ceil((end - now) / 1000)) };
}
