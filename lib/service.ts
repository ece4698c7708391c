import { type Base, createBase } from './base.ts';
import { Deliveries } from './delivery/deliveries.ts';
import { DeliveryRecords } from './delivery/records.ts';
import type { Variable } from './environment.ts';
import { AddressNotices } from './guard/address-notices.ts';
import { Guard } from './guard/guard.ts';
import { assertCountries } from './guard/recipient.ts';
import { createSendSms, type SendSms } from './send-sms.ts';
import { SmsAeroClient } from './smsaero/client.ts';
import { Table } from './table.ts';

/** The parts of the service, put together: what every function that sends works with. */
export interface Service extends Base {
  readonly sendSms: SendSms;
  /** The table; undefined without `SMSAERO_TABLE`. */
  readonly table: Table | undefined;
  /** Where the ends of messages are written; undefined without a table. */
  readonly deliveries: Deliveries | undefined;
}

/**
 * Puts the service together and starts to load its configuration and to connect to the guard's table.
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
): Promise<Service> {
  const base = createBase(variables, required);
  const { environment, log, metrics, configuration } = base;
  assertCountries(environment.countries);
  const table = environment.table ? new Table(environment.table, environment.guard.timeout) : undefined;
  const addressNotices =
    table && environment.guard.addressPerHour > 0 ? new AddressNotices({ table, log, metrics }) : undefined;
  const deliveries = table && new Deliveries(new DeliveryRecords(table), log);
  const guard = table && deliveries && new Guard(table, deliveries, environment.guard, log);
  const ready = Promise.all([configuration.warm(), guard?.warm()]);
  const { gates, countries, reportUrl } = environment;
  const gateway = new SmsAeroClient({ gates });
  gateway.prepare(); // not waited for: the handshake may take as long as all the rest
  const sendSms = createSendSms({
    configuration,
    gateway,
    guard,
    addressNotices,
    deliveries,
    reportUrl,
    countries,
    log,
    metrics,
  });
  await ready;
  return { ...base, sendSms, table, deliveries };
}
