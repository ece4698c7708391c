import { Deliveries } from '../../lib/delivery/deliveries.ts';
import { newDeliveryId } from '../../lib/delivery/delivery-id.ts';
import { DeliveryRecords } from '../../lib/delivery/records.ts';
import type { Table } from '../../lib/dynamodb.ts';
import { Guard } from '../../lib/guard/guard.ts';
import type { GuardRequest, GuardSettings, Verdict } from '../../lib/guard/verdict.ts';
import type { Log, LogFields } from '../../lib/observability/logger.ts';
import { startTable } from './table.ts';

/** Nothing was sent, for a reason on SMS Aero's side. */
export const NO_MONEY = { status: 'failed', reason: 'no_money' } as const;

/** Does what the path of a message does around the guard: gives each request a delivery, and records its outcome. */
class GuardOfRequests extends Guard {
  readonly #deliveries: Deliveries;

  constructor(table: Table, settings: GuardSettings, log: Log) {
    const deliveries = new Deliveries(new DeliveryRecords(table), log);
    super(table, deliveries, settings, log);
    this.#deliveries = deliveries;
  }

  override async ask(request: GuardRequest): Promise<Verdict> {
    const deliveryId = newDeliveryId(Date.now());
    const verdict = await super.ask({ ...request, deliveryId });
    if (verdict.verdict !== 'send') return verdict;
    const details = { platform: request.platform, segments: 2 };
    return {
      ...verdict,
      complete: async (completion) => {
        const recorded = this.#deliveries.record(deliveryId, completion, details, false, Date.now());
        await verdict.complete(completion, recorded);
      },
    };
  }
}

/** All limits off, and time enough for a busy machine. */
export const OFF: GuardSettings = {
  timeout: 5_000,
  required: false,
  recipientInterval: 0,
  recipientPer10Minutes: 0,
  recipientPerDay: 0,
  addressPerHour: 0,
  blockPerHour: 0,
  totalPerHour: 0,
  rangeLimits: new Map(),
};

/** Starts a table for guards of this process. */
export async function startGuard() {
  const table = await startTable('smsaero-guard');
  const logged: { message: string; fields: LogFields }[] = [];
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (message: string, _: unknown, fields: LogFields = {}) => void logged.push({ message, fields }),
  };
  return {
    table,
    /** What the guards logged. */
    logged,
    /** Another guard over the same table, as another process would have. */
    guard: (settings: Partial<GuardSettings> = {}): Guard => {
      const all = { ...OFF, ...settings };
      return new GuardOfRequests(table.open(all.timeout), all, log);
    },
    close: table.close,
  };
}

/** A request of Logto's for a number and a code. */
export function guardRequest(changes: Partial<GuardRequest> = {}): GuardRequest {
  return {
    platform: 'logto',
    deliveryId: newDeliveryId(Date.now()),
    number: '+79031234567',
    range: 'RU-903',
    clientAddress: '203.0.113.24',
    deadline: Date.now() + 20_000, // the guard takes half of it at most: a busy machine is slow
    hashKey: 'test-hash-key',
    ...changes,
  };
}
