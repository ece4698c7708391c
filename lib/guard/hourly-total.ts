import { randomInt, randomUUID } from 'node:crypto';
import { ConditionFailedError, type Item, type Table } from '../table.ts';
import type { Slot } from './sliding-window.ts';

const HOUR_MS = 3_600_000;

/** How many writes are told apart: one is taken for a new one if its answer is lost and another write has its token's place meanwhile. */
const TOKENS = 64;

/**
 * A slot under the ceiling of all messages of a clock hour: the last defence for the balance.
 *
 * One counter an hour and not a sliding window, since a list of a thousand times would be written with every message. DynamoDB
 * takes about 1,000 writes a second to one item: the ceiling does not slow down less than that.
 *
 * @param ceiling messages an hour
 * @param now ms of the Unix epoch
 */
export function hourlySlot(table: Table, ceiling: number, now: number): Slot {
  const hour = Math.floor(now / HOUR_MS);
  const end = (hour + 1) * HOUR_MS;
  // The token tells this slot: a write may have to be sent twice because its answer was lost, and must not count twice.
  const name = `token${randomInt(TOKENS)}`;
  const token = randomUUID();
  const change = async (expression: string, condition: string, values: Item, signal: AbortSignal) => {
    const update = {
      key: `total#${hour}`,
      returnNothing: true,
      expression,
      condition,
      names: { '#count': 'count', '#expires': 'expiresAt', '#token': name },
      values: { ...values, ':expires': { N: String(end / 1000) }, ':token': { S: token } },
    };
    await table.update(update, signal);
  };
  return {
    async take(signal) {
      try {
        await change(
          'SET #expires = :expires, #token = :token ADD #count :one',
          '(attribute_not_exists(#count) OR #count < :ceiling) AND (attribute_not_exists(#token) OR #token <> :token)',
          { ':one': { N: '1' }, ':ceiling': { N: String(ceiling) } },
          signal,
        );
        return { granted: true };
      } catch (error) {
        if (!(error instanceof ConditionFailedError)) {
          throw error;
        }
        return error.item?.[name]?.S === token
          ? { granted: true }
          : { granted: false, retryAfter: Math.max(1, Math.ceil((end - now) / 1000)) };
      }
    },
    async release(signal) {
      // Only while the token says that it is counted: what is not sure stays counted, which lets nobody through.
      const minus = { ':minus': { N: '-1' } };
      await change(
        'SET #expires = :expires REMOVE #token ADD #count :minus',
        '#token = :token',
        minus,
        signal,
      ).catch((error: unknown) => {
        if (!(error instanceof ConditionFailedError)) throw error;
      });
    },
  };
}
