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

  /**
   * Records how sending ended. A report may have been faster: what it said is kept if it is of the same message.
   *
   * @param now ms of the Unix epoch
   */
  async sent(sent: Sent, now: number, signal?: AbortSignal): Promise<void> {
    await this.#write((item) => writeOfSent(item, sent, now), signal);
  }

  /** Makes a record of a message that another request is sending, if there is none. @param now ms of the Unix epoch */
  async pending(id: string, details: DeliveryDetails, now: number, signal?: AbortSignal): Promise<void> {
    await this.#write((item) => writeOfPending(item, id, details, now), signal);
  }

  /** Moves a delivery on to what SMS Aero said of it; a state that it had, or had passed, changes nothing. */
  async reported(report: Reported, now: number): Promise<ReportEffect> {
    return (await this.#write((item) => writeOfReport(item, report, now))) ?? 'changed';
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
   * @param next the write for the record as it is, or why there is none; asked again for as long as others come before
   * @returns why nothing was written
   */
  async #write(
    next: (item: Item | undefined) => Update | NoStep | undefined,
    signal?: AbortSignal,
  ): Promise<NoStep | undefined> {
    let update = next(undefined); // without a read: a write that fails says how the record is
    for (let tries = 1; typeof update === 'object'; tries += 1) {
      const { held, item } = await updateIf(this.#table, update, signal);
      if (held) return undefined;
      if (tries === TRIES) throw new Error('A record could not be written: too many requests changed it');
      update = next(item && { pk: { S: update.key }, ...item });
    }
    return update;
  }
}
