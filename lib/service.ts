import { Cache } from './config/cache.ts';
import type { Configuration } from './config/configuration.ts';
import { ParameterStore } from './config/parameter-store.ts';
import { parseParameters } from './config/parameters.ts';
import { type Environment, parseEnvironment } from './environment.ts';
import { Guard } from './guard/guard.ts';
import { Table } from './guard/table.ts';
import { PowertoolsLog } from './observability/logger.ts';
import { PowertoolsMetrics } from './observability/metrics.ts';
import { createSendSms, type SendSms } from './send-sms.ts';
import { SmsAeroClient } from './smsaero/client.ts';

/** The parts of the service, put together: what every function works with. */
export interface Service {
  readonly environment: Environment;
  readonly log: PowertoolsLog;
  readonly configuration: Cache<Configuration>;
  readonly sendSms: SendSms;
  /** The guard's table; undefined without `SMSAERO_TABLE`. */
  readonly table: Table | undefined;
}

/**
 * Puts the service together and starts to load its configuration and to connect to the guard's table.
 *
 * Await it while the function initialises: the first request then finds the configuration loaded, and a process that is frozen
 * right after its start (provisioned concurrency) holds no half-open call. A load that fails here is tried again by the first
 * request, which can answer for it.
 *
 * @param variables the environment variables
 * @throws Error on a bad environment: the function must not start
 */
export async function startService(variables: NodeJS.ProcessEnv): Promise<Service> {
  const environment = parseEnvironment(variables);
  const log = new PowertoolsLog();
  const path = environment.configPath;
  const store = new ParameterStore(path);
  const configuration = new Cache({
    load: async () =>
      parseParameters(path, await store.load(), (problem) => log.warn('platform off', { problem })),
    onStale: (error, ageSeconds) => log.error('configuration not refreshed', error, { ageSeconds }),
  });
  const table = environment.table ? new Table(environment.table, environment.guard.timeout) : undefined;
  const guard = table && new Guard(table, environment.guard, log);
  const ready = Promise.all([configuration.get().catch(() => undefined), guard?.warm()]);
  const { gates, countries, resolveUnknown } = environment;
  const gateway = new SmsAeroClient({ gates });
  const metrics = new PowertoolsMetrics();
  const sendSms = createSendSms({ configuration, gateway, guard, countries, resolveUnknown, log, metrics });
  await ready;
  return { environment, log, configuration, sendSms, table };
}
