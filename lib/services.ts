import { createInspectAccount } from './account/inspect-account.ts';
import { BalanceReadings } from './account/spending.ts';
import { createWatchAccount } from './account/watch-account.ts';
import { Cache, timesFor } from './config/cache.ts';
import type { Configuration } from './config/configuration.ts';
import { ParameterStore } from './config/parameter-store.ts';
import { parseParameters } from './config/parameters.ts';
import { Deliveries } from './delivery/deliveries.ts';
import { DeliveryRecords } from './delivery/records.ts';
import { Table } from './dynamodb.ts';
import { type Environment, parseEnvironment, type Variable } from './environment.ts';
import { AddressNotices } from './guard/address-notices.ts';
import { Guard } from './guard/guard.ts';
import { countryOf } from './guard/range-limits.ts';
import { assertCountries } from './message/recipient.ts';
import { createSendSms, type SendSms } from './message/send-sms.ts';
import { PowertoolsLog } from './observability/logger.ts';
import { PowertoolsMetrics } from './observability/metrics.ts';
import { SmsAeroClient } from './smsaero/client.ts';

/** Timeout of a call to the table by `account-monitor`, in ms: less than its shutdown margin, so that the metrics are always written. */
const ACCOUNT_TABLE_TIMEOUT_MS = 800;

/** Timeout of a call to the table where no person waits for an answer, in ms. */
const DELIVERY_TABLE_TIMEOUT_MS = 3_000;

/** The parts that every function with a configuration has. */
interface BaseService {
  readonly environment: Environment;
  readonly log: PowertoolsLog;
  readonly metrics: PowertoolsMetrics;
  readonly configuration: Cache<Configuration>;
}

/** Wires logs, metrics and the configuration, which is not loaded yet. */
function createBase(variables: NodeJS.ProcessEnv, required?: readonly Variable[]): BaseService {
  const environment = parseEnvironment(variables, required);
  const log = new PowertoolsLog();
  const path = environment.configPath;
  const store = new ParameterStore(path);
  const configuration = new Cache({
    load: async () =>
      parseParameters(path, await store.load(), (problem) => log.warn('platform off', { problem })),
    onStale: (error, ageSeconds) => log.error('configuration not refreshed', error, { ageSeconds }),
    times: timesFor(environment.configRefresh * 1_000),
  });
  return { environment, log, metrics: new PowertoolsMetrics(), configuration };
}

/** The parts of every function that sends. */
export interface SendingService extends BaseService {
  readonly sendSms: SendSms;
  /** The table; undefined without `SMSAERO_TABLE`. */
  readonly table: Table | undefined;
  /** The records of deliveries; undefined without a table. */
  readonly deliveries: Deliveries | undefined;
}

/**
 * Wires a function that sends, loads its configuration and connects to the guard's table and to the first gate.
 *
 * Await it while the function initialises: the first request then finds the configuration loaded, and a process that is frozen
 * right after its start (provisioned concurrency) holds no half-open call. A load that fails here is tried again by the first
 * request, which can answer for it.
 *
 * @param variables the environment variables
 * @param required those without a default that the function cannot do without
 * @throws Error on a bad environment: the function must not start
 */
export async function startService(
  variables: NodeJS.ProcessEnv,
  required?: readonly Variable[],
): Promise<SendingService> {
  const base = createBase(variables, required);
  const { environment, log, metrics, configuration } = base;
  const { rangeLimits } = environment.guard;
  assertCountries(environment.countries);
  assertCountries([...rangeLimits.keys()].map(countryOf), 'SMSAERO_LIMIT_RANGE_HOUR');
  if (environment.guard.required && !environment.table) {
    throw new Error('Bad environment: SMSAERO_GUARD_REQUIRED is true, and SMSAERO_TABLE is missing');
  }
  const table = environment.table ? new Table(environment.table, environment.guard.timeout) : undefined;
  const addressNotices =
    table && environment.guard.addressPerHour > 0 ? new AddressNotices({ table, log, metrics }) : undefined;
  const deliveries = table && new Deliveries(new DeliveryRecords(table), log);
  const guard = table && deliveries && new Guard(table, deliveries, environment.guard, log);
  const ready = Promise.all([configuration.warm(), guard?.warm()]);
  const { gates, countries, telegram, reportUrl } = environment;
  const gateway = new SmsAeroClient({ gates });
  gateway.prepare(); // not awaited: the handshake may take as long as everything else
  const sendSms = createSendSms({
    configuration,
    gateway,
    guard,
    addressNotices,
    deliveries,
    reportUrl,
    countries,
    telegram,
    rangeLimits,
    log,
    metrics,
  });
  await ready;
  return { ...base, sendSms, table, deliveries };
}

/** The parts of `delivery-report` and `message-status`. */
export interface DeliveryService extends BaseService {
  readonly table: Table;
  readonly records: DeliveryRecords;
}

/**
 * Wires a function that follows deliveries, and loads its configuration.
 *
 * @param variables the environment variables
 * @throws Error on a bad environment, or one without a table
 */
export async function startDeliveryService(variables: NodeJS.ProcessEnv): Promise<DeliveryService> {
  const base = createBase(variables);
  if (!base.environment.table) {
    throw new Error('Bad environment: SMSAERO_TABLE is missing');
  }
  const table = new Table(base.environment.table, DELIVERY_TABLE_TIMEOUT_MS);
  await base.configuration.warm();
  return { ...base, table, records: new DeliveryRecords(table) };
}

/** Wires `delivery-check`, which also asks SMS Aero. */
export async function startCheckService(variables: NodeJS.ProcessEnv) {
  const service = await startDeliveryService(variables);
  return { ...service, gateway: new SmsAeroClient({ gates: service.environment.gates }) };
}

/**
 * Wires `account-monitor`. Nothing is loaded yet: an invocation reloads a configuration that is older than 5 minutes.
 *
 * @throws Error on a bad environment
 */
export function startAccountService(variables: NodeJS.ProcessEnv) {
  const base = createBase(variables);
  const { table } = base.environment;
  const readings =
    table === undefined ? undefined : new BalanceReadings(new Table(table, ACCOUNT_TABLE_TIMEOUT_MS));
  const inspect = createInspectAccount(base);
  return { ...base, inspect, watch: createWatchAccount({ ...base, inspect, readings }) };
}
