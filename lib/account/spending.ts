import { hash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Table } from '../dynamodb.ts';
import { parseJson } from '../json.ts';
import { roubles } from '../smsaero/message-status.ts';

export interface Reading {
  /** ms of the Unix epoch. */
  readonly at: number;
  /** Roubles. */
  readonly balance: number;
}

/** What the balance lost. */
export interface Spending {
  /** Roubles in the last 24 hours. */
  readonly lastDay: number;
  /** How long the balance lasts at that rate, in days; undefined if nothing was spent. */
  readonly daysLeft: number | undefined;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How old the first reading must be for a rate to be one, in ms: a day less the quarter of an hour between two, and its lateness. */
const ENOUGH = DAY - HOUR / 2;

/** Readings that are kept at most; one every quarter of an hour makes 97. */
const MOST = 400;

/**
 * Adds a reading and drops what is not needed any more: all that is older than the last one of a day ago.
 *
 * @param readings oldest first
 */
export function withReading(readings: readonly Reading[], reading: Reading): Reading[] {
  const earlier = readings.filter(({ at }) => at < reading.at);
  const start = earlier.findLastIndex(({ at }) => at <= reading.at - DAY);
  return [...earlier.slice(Math.max(0, start)), reading].slice(-MOST);
}

/**
 * What was spent in the last 24 hours, by the readings: the sum of all losses from one to the next. A gain is a top-up; what was spent
 * between the two readings around it stays unseen.
 *
 * @returns undefined until the readings cover a day: a night says nothing of a day
 */
export function spendingOf(readings: readonly Reading[]): Spending | undefined {
  const first = readings[0];
  const last = readings.at(-1);
  if (!first || !last || last.at - first.at < ENOUGH) {
    return undefined;
  }
  const lost = readings.slice(1).reduce((sum, { balance }, index) => {
    const before = readings[index]?.balance ?? balance;
    return sum + Math.max(0, before - balance);
  }, 0);
  // After an outage of the monitor the first reading may be older than a day.
  const lastDay = roubles((lost * DAY) / Math.max(DAY, last.at - first.at));
  return { lastDay, daysLeft: lastDay > 0 ? Math.round((last.balance / lastDay) * 10) / 10 : undefined };
}

/** How long the readings outlive the last one, in s: two days. */
const KEEP = 2 * 86_400;

/** `[ms, roubles]` each: a fifth of what a list of maps takes in the table. */
const stored = z.array(z.tuple([z.number(), z.number()]));

/** The last day's balances of an account, in one item of the table. */
export const balanceReadings = (table: Table) => ({
  /**
   * Adds a reading. Two that come at the same time may lose one of them, which changes no sum.
   *
   * @param email the account: another one has other readings
   * @returns all readings of the last day, oldest first
   * @throws the table's error
   */
  async add(email: string, reading: Reading): Promise<Reading[]> {
    const key = `balance#${hash('sha256', email, 'base64url').slice(0, 22)}`;
    const item = await table.get(key);
    const { data = [] } = stored.safeParse(parseJson(item?.['readings']?.S ?? '')); // what is not ours begins anew
    const earlier = data.map(([at, balance]) => ({ at, balance }));
    const readings = withReading(earlier, reading);
    await table.update({
      key,
      expression: 'SET #readings = :readings, #expiresAt = :expiresAt',
      names: { '#readings': 'readings', '#expiresAt': 'expiresAt' },
      values: {
        ':readings': { S: JSON.stringify(readings.map(({ at, balance }) => [at, balance])) },
        ':expiresAt': { N: String(Math.ceil(reading.at / 1000) + KEEP) },
      },
    });
    return readings;
  },
});
