import { randomUUID } from 'node:crypto';
import { ConditionFailed, type Item, type Table } from '../table.ts';
import type { Taken } from './place.ts';

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
  // Each write leaves a token: the SDK may have to send it twice, and must not count it twice.
  const change = async (by: number, condition: string, values: Item, limit?: AbortSignal) => {
    const token = randomUUID();
    try {
      await table.update(
        {
          key: `total#${hour}`,
          blind: true,
          expression: 'SET #expires = :expires, #token = :token ADD #count :by',
          condition: `${condition}(attribute_not_exists(#token) OR #token <> :token)`,
          names: { '#count': 'count', '#expires': 'expiresAt', '#token': 'token' },
          values: {
            ...values,
            ':by': { N: String(by) },
            ':token': { S: token },
            ':expires': { N: String(end / 1000) },
          },
        },
        limit,
      );
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) {
        throw error;
      }
      return error.item?.['token']?.S === token;
    }
  };
  const counted = await change(
    1,
    '(attribute_not_exists(#count) OR #count < :ceiling) AND ',
    {
      ':ceiling': { N: String(ceiling) },
    },
    signal,
  );
  if (!counted) {
    return { granted: false, retryAfter: Math.max(1, Math.ceil((end - now) / 1000)) };
  }
  // One counter tells no message from another, so each request has a place of its own.
  return { granted: true, place: { of: 'request', giveBack: async () => void (await change(-1, '', {})) } };
}
