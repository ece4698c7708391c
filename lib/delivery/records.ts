import { type Item, type Table, type Update, updateIf } from '../dynamodb.ts';
import type { Delivery, DeliveryDetails } from './delivery.ts';
import { DUE_ATTRIBUTES, deliveryKey, dueValues, readDelivery, writeOf } from './item.ts';
import {
  type NoStep,
  type Reported,
  type Sent,
  writeOfPending,
  writeOfReport,
  writeOfSent,
} from './transitions.ts';

/** What a report did to a record: it moved the delivery on, or why it did not. */
export type ReportEffect = 'changed' | NoStep;

/** How often a write is tried that others come before; each of them moved the record on, and there are four ranks to move. */
const TRIES = 8;

/**
 * The records of deliveries: one item each, changed by single conditional writes, so that the send's record and any number of
 * reports may come in any order and at the same time.
 */
export class DeliveryRecords {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** The delivery as it is now; undefined if there is none. */
  async get(deliveryId: string, signal?: AbortSignal): Promise<Delivery | undefined> {
    return readDelivery(await this.#table.get(deliveryKey(deliveryId), signal));
  }

  /** Records how sending ended. A report may have been faster: what it said is kept if it is of the same message. */
  async sent(sent: Sent, now: number, signal?: AbortSignal): Promise<void> {
    await this.#write(sent.deliveryId, signal, (item) => writeOfSent(item, sent, now));
  }

  /** Makes a record of a message that another request is sending, if there is none. */
  async pending(
    deliveryId: string,
    details: DeliveryDetails,
    now: number,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#write(deliveryId, signal, (item) => writeOfPending(item, deliveryId, details, now));
  }

  /** Moves a delivery on to what SMS Aero said of it; a state that it had, or had passed, changes nothing. */
  async reported(report: Reported, now: number, signal?: AbortSignal): Promise<ReportEffect> {
    let effect: ReportEffect = 'changed';
    await this.#write(report.deliveryId, signal, (item) => {
      const step = writeOfReport(item, report, now);
      if (typeof step !== 'string') {
        return step;
      }
      effect = step;
      return undefined;
    });
    return effect;
  }

  /**
   * Sets when SMS Aero is asked for a delivery next.
   *
   * @param dueAt ms of the Unix epoch; undefined for never
   * @param orphan whether it is told of although the send's record did not come
   */
  async postpone(delivery: Delivery, dueAt: number | undefined, orphan = false): Promise<void> {
    const { deliveryId } = delivery;
    const values = {
      ...(dueAt === undefined ? {} : dueValues(deliveryId, dueAt)),
      ...(orphan ? { orphan: { BOOL: true } } : {}),
    };
    const update = writeOf(
      deliveryId,
      values,
      dueAt === undefined ? DUE_ATTRIBUTES : [],
      '#dueAt = :before',
      { ':before': { N: String(delivery.dueAt) } },
    );
    await updateIf(this.#table, update); // unless a report came meanwhile: it has said what is due
  }

  /**
   * Moves a record on.
   *
   * @param next the write for the record as it is, undefined if there is none; asked again for as long as others come before
   */
  async #write(
    deliveryId: string,
    signal: AbortSignal | undefined,
    next: (item: Item | undefined) => Update | undefined,
  ): Promise<void> {
    let update = next(undefined); // without a read: a write that fails says how the record is
    for (let tries = 1; update; tries += 1) {
      const { held, item } = await updateIf(this.#table, update, signal);
      if (held) return;
      if (tries === TRIES) throw new Error('A record could not be written: too many requests changed it');
      update = next(item && { pk: { S: deliveryKey(deliveryId) }, ...item });
    }
  }
}
