import { Deliveries } from '../delivery/deliveries.ts';
import { DeliveryRecords } from '../delivery/records.ts';
import { Table } from '../dynamodb.ts';
import { AddressNotices } from '../guard/address-notices.ts';
import { Guard } from '../guard/guard.ts';
import { countryOf } from '../guard/range-limits.ts';
import { assertCountries } from '../message/recipient.ts';
import { createSendSms } from '../message/send-sms.ts';
import { SmsAeroClient } from '../smsaero/client.ts';
import type { BaseService } from './base.ts';

/**
 * Wires the path of a message, and begins to connect to the guard's table and to the first gate.
 *
 * @returns what a function that sends has beside its configuration; `table` and `deliveries` are undefined without `SMSAERO_TABLE`, `ready`
 *   resolves when the guard is connected to its table, or could not be
 * @throws Error on a bad environment: the function must not start
 */
export function createMessagePath({ environment, log, metrics, configuration }: BaseService) {
  const { gates, countries, telegram, reportUrl } = environment;
  const { rangeLimits } = environment.guard;
  assertCountries(countries);
  assertCountries([...rangeLimits.keys()].map(countryOf), 'SMSAERO_LIMIT_RANGE_HOUR');
  if (environment.guard.required && !environment.table) {
    throw new Error('Bad environment: SMSAERO_GUARD_REQUIRED is true, and SMSAERO_TABLE is missing');
  }
  const table = environment.table ? new Table(environment.table, environment.guard.timeout) : undefined;
  const addressNotices =
    table && environment.guard.addressPerHour > 0 ? new AddressNotices({ table, log, metrics }) : undefined;
  const deliveries = table && new Deliveries(new DeliveryRecords(table), log);
  const guard = table && deliveries && new Guard(table, deliveries, environment.guard, log);
  const ready = guard?.warm() ?? Promise.resolve();
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
  return { sendSms, table, deliveries, ready };
}
