import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { parseJson } from '../smsaero/fields.ts';
import type { Table } from '../table.ts';
import { type Reading, withReading } from './spending.ts';

/** How long the readings outlive the last one, in s: two days. */
const KEEP = 2 * 86_400;

/** `[ms, roubles]` each: a fifth of what a list of maps takes in the table. */
const stored = z.array(z.tuple([z.number(), z.number()]));

/** The last day's balances of an account, in one item of the table. */
export class BalanceReadings {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /**
   * Adds a reading. Two that come at the same time may lose one of them, which changes no sum.
   *
   * @param email the account: another one has readings of its own
   * @returns all readings of the last day, oldest first
   * @throws the table's error
   */
  async add(email: string, reading: Reading): Promise<Reading[]> {
    const key = `balance#${createHash('sha256').update(email).digest('base64url').slice(0, 22)}`;
    const item = await this.#table.get(key);
    const readings = withReading(parse(item?.['readings']?.S), reading);
    await this.#table.update({
      key,
      expression: 'SET #readings = :readings, #expiresAt = :expiresAt',
      names: { '#readings': 'readings', '#expiresAt': 'expiresAt' },
      values: {
        ':readings': { S: JSON.stringify(readings.map(({ at, balance }) => [at, balance])) },
        ':expiresAt': { N: String(Math.ceil(reading.at / 1000) + KEEP) },
      },
    });
    return readings;
  }
}

function parse(text: string | undefined): Reading[] {
  const { data = [] } = stored.safeParse(parseJson(text ?? '')); // what is not ours begins anew
  return data.map(([at, balance]) => ({ at, balance }));
}
