import { createInspectAccount } from '../account/inspect-account.ts';
import { balanceReadings } from '../account/spending.ts';
import { createWatchAccount } from '../account/watch-account.ts';
import { Table } from '../dynamodb.ts';
import { createBase } from './base.ts';

/** Timeout of a call to the table by `account-monitor`, in ms: less than its shutdown margin, so that the metrics are always written. */
const ACCOUNT_TABLE_TIMEOUT_MS = 800;

/**
 * Wires `account-monitor`. Nothing is loaded yet: an invocation reloads a configuration that is older than 5 minutes.
 *
 * @throws Error on a bad environment
 */
export function startAccountService(variables: NodeJS.ProcessEnv) {
  const base = createBase(variables);
  const { table } = base.environment;
  const readings = table ? balanceReadings(new Table(table, ACCOUNT_TABLE_TIMEOUT_MS)) : undefined;
  const inspect = createInspectAccount(base);
  return { ...base, inspect, watch: createWatchAccount({ ...base, inspect, readings }) };
}
