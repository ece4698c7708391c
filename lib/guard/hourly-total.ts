import { randomInt, randomUUID } from 'node:crypto';
import { ConditionFailedError, type Item, type Table } from '../dynamodb.ts';
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
  let isCounted = false;
  const change = async (expression: string, condition: string, values: Item, signal: AbortSignal) => {
    const update = {
      key: `total#${hour}`,
      returnNothing: true,
      expression,
      condition,
      names: { '#count': 'count', '#expires': 'expiresAt', '#token': name },
      values: { ...values, ':expires': { N: String(end / 1000) } },
    };
    await table.update(update, signal);
  };
  return {
    async take(signal) {
      try {
        await change(
          'SET #expires = :expires, #token = :token ADD #count :one',
          '(attribute_not_exists(#count) OR #count < :ceiling) AND (attribute_not_exists(#token) OR #token <> :token)',
          { ':one': { N: '1' }, ':ceiling': { N: String(ceiling) }, ':token': { S: token } },
          signal,
        );
        isCounted = true;
        return { granted: true };
      } catch (error) {
        if (!(error instanceof ConditionFailedError)) {
          throw error;
        }
        isCounted = error.item?.[name]?.S === token;
        return isCounted
          ? { granted: true }
          : { granted: false, retryAfter: Math.max(1, Math.ceil((end - now) / 1000)) };
      }
    },
    async release(signal) {
      // What is not sure to be counted stays as it is unless the token says so: that lets nobody through.
      const condition = isCounted
        ? '(attribute_not_exists(#token) OR #token <> :released)'
        : '#token = :token';
      // What was counted is released also if other messages have the token's place by now, or refusals would fill the hour.
      await change(
        'SET #expires = :expires, #token = :released ADD #count :minus',
        condition,
        {
          ':minus': { N: '-1' },
          ':released': { S: `${token} released` },
          ...(isCounted ? {} : { ':token': { S: token } }),
        },
        signal,
      ).catch((error: unknown) => {
        if (!(error instanceof ConditionFailedError)) throw error;
      });
    },
  };
}
