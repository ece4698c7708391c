import { randomBytes, randomInt } from 'node:crypto';
import { type Item, type Table, updateIf } from '../dynamodb.ts';
import type { CountedRange } from './range-limits.ts';
import type { Slot } from './sliding-window.ts';

const HOUR_MS = 3_600_000;

/** How many writes are told apart: one is taken for a new one if its answer is lost and another write has replaced its token meanwhile. */
const TOKENS = 64;

/** Bytes of a token, 12 characters: 64 of a UUID's 36 would be 3 KB, and DynamoDB counts a write by the size of its item. */
const TOKEN_BYTES = 9;

/** What a clock hour may have. */
export interface HourlyLimits {
  /** Messages altogether; 0 for no limit. */
  readonly total: number;
  /** The range of this message and its limit, at least 1. */
  readonly range: CountedRange;
}

/**
 * A slot under the ceiling of all messages of a clock hour, the last defence for the balance, and under that of its range.
 *
 * One counter an hour and not a sliding window, since a list of a thousand times would be written with every message. The counts of ranges are
 * attributes of the same item, named after them, so that one write tests and counts both: an item without them is one of an earlier version.
 * They take 10 bytes each, and a country has a thousand at most, Russia 98 of mobile numbers: who goes through all of them adds 1 KB. The item
 * has 2 to 3 KB with its tokens, and DynamoDB writes 1,000 KB a second to one item: the ceiling slows down more than 300 messages a second.
 *
 * @param now ms of the Unix epoch
 */
export function hourlySlot(table: Table, { total, range }: HourlyLimits, now: number): Slot {
  const hour = Math.floor(now / HOUR_MS);
  const end = (hour + 1) * HOUR_MS;
  // The token tells this slot: a write may have to be sent twice because its answer was lost, and must not count twice.
  const name = `token${randomInt(TOKENS)}`;
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  let isCounted = false;
  const change = (expression: string, condition: string, values: Item, signal: AbortSignal) => {
    const update = {
      key: `total#${hour}`,
      expression: `SET #expires = :expires, ${expression} ADD #count :change, #range :change`,
      condition,
      names: { '#count': 'count', '#range': range.name, '#expires': 'expiresAt', '#token': name },
      values: { ...values, ':expires': { N: String(end / 1000) } },
    };
    return updateIf(table, update, signal);
  };
  return {
    async take(signal) {
      const conditions = [
        '(attribute_not_exists(#token) OR #token <> :token)',
        '(attribute_not_exists(#range) OR #range < :most)',
      ];
      const values: Item = {
        ':change': { N: '1' },
        ':token': { S: token },
        ':most': { N: String(range.ceiling) },
      };
      if (total > 0) {
        conditions.push('(attribute_not_exists(#count) OR #count < :total)');
        values[':total'] = { N: String(total) };
      }
      const { held, item } = await change('#token = :token', conditions.join(' AND '), values, signal);
      isCounted = held || item?.[name]?.S === token;
      if (isCounted) return { granted: true };
      const retryAfter = Math.max(1, Math.ceil((end - now) / 1000));
      // The total is named where both are full: then it is everybody who is refused.
      const isTotalFull = Number(item?.['count']?.N ?? 0) >= total;
      return { granted: false, retryAfter, ...(isTotalFull ? {} : { limit: 'range' }) };
    },
    async release(signal) {
      // What is not sure to be counted stays as it is unless the token says so: that lets nobody through.
      const condition = isCounted
        ? '(attribute_not_exists(#token) OR #token <> :released)'
        : '#token = :token';
      // What was counted is released also if other messages have replaced the token by now, or refusals would fill the hour.
      const values = {
        ':change': { N: '-1' },
        ':released': { S: `${token} released` },
        ...(isCounted ? {} : { ':token': { S: token } }),
      };
      await change('#token = :released', condition, values, signal);
    },
  };
}
