import { type Base, createBase } from '../base.ts';
import { Table } from '../table.ts';
import { createInspectAccount } from './inspect-account.ts';
import { BalanceReadings } from './spending.ts';
import { createWatchAccount } from './watch-account.ts';

/** Time for each of the two calls to the table, in ms: less than the function keeps for them, so that the metrics are written whatever comes. */
const TABLE_TIMEOUT = 800;

/** What `account-monitor` works with. */
export interface AccountService extends Base {
  readonly inspect: ReturnType<typeof createInspectAccount>;
  readonly watch: ReturnType<typeof createWatchAccount>;
}

/**
 * Puts together what looks at the account. Nothing is loaded yet: each invocation reads a configuration that is older than 5 minutes again.
 *
 * @throws Error on a bad environment
 */
export function startAccountService(variables: NodeJS.ProcessEnv): AccountService {
  const base = createBase(variables);
  const { table } = base.environment;
  const readings = table === undefined ? undefined : new BalanceReadings(new Table(table, TABLE_TIMEOUT));
  const inspect = createInspectAccount(base);
  return { ...base, inspect, watch: createWatchAccount({ ...base, inspect, readings }) };
}
