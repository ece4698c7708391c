import { type Base, createBase } from '../base.ts';
import { SmsAeroClient } from '../smsaero/client.ts';
import { Table } from '../table.ts';
import { DeliveryRecords } from './records.ts';

/** Time for a call to the table where no person waits for an answer, in ms. */
const PATIENT_TIMEOUT = 3_000;

/** What the functions work with that follow deliveries. */
export interface DeliveryService extends Base {
  readonly table: Table;
  readonly records: DeliveryRecords;
}

/**
 * Puts together what follows deliveries; nothing is sent there.
 *
 * @param variables the environment variables
 * @throws Error on a bad environment, or one without a table
 */
export async function startDeliveryService(variables: NodeJS.ProcessEnv): Promise<DeliveryService> {
  const base = createBase(variables);
  if (!base.environment.table) {
    throw new Error('Bad environment: SMSAERO_TABLE is missing');
  }
  const table = new Table(base.environment.table, PATIENT_TIMEOUT);
  await base.configuration.warm();
  return { ...base, table, records: new DeliveryRecords(table) };
}

/** The same, with SMS Aero to be asked. */
export async function startCheckService(variables: NodeJS.ProcessEnv) {
  const service = await startDeliveryService(variables);
  return { ...service, gateway: new SmsAeroClient({ gates: service.environment.gates }) };
}
