import { DeliveryRecords } from '../delivery/records.ts';
import { Table } from '../dynamodb.ts';
import { SmsAeroClient } from '../smsaero/client.ts';
import { createBase } from './base.ts';

/** Timeout of a call to the table where no person waits for an answer, in ms. */
const DELIVERY_TABLE_TIMEOUT_MS = 3_000;

/**
 * Wires a function that follows deliveries, and loads its configuration.
 *
 * @throws Error on a bad environment, or one without a table
 */
export async function startDeliveryService(variables: NodeJS.ProcessEnv) {
  const base = createBase(variables, ['SMSAERO_TABLE']);
  const table = new Table(base.environment.table ?? '', DELIVERY_TABLE_TIMEOUT_MS);
  await base.configuration.warm();
  return { ...base, table, records: new DeliveryRecords(table) };
}

/** Wires `delivery-check`, which also asks SMS Aero. */
export async function startCheckService(variables: NodeJS.ProcessEnv) {
  const service = await startDeliveryService(variables);
  return { ...service, gateway: new SmsAeroClient({ gates: service.environment.gates }) };
}
