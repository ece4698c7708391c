import { ConditionFailed, type Item, type Table, type Update } from '../table.ts';
import type { Delivery, DeliveryDetails, RecordedOutcome } from './delivery.ts';
import { madeAt } from './delivery-id.ts';
import { firstCheck } from './due.ts';
import {
  deliveryKey,
  detailValues,
  dueValues,
  expiryValue,
  readDelivery,
  stateValues,
  writeOf,
} from './item.ts';
import { type DeliveryState, isFinal, rankOf } from './state.ts';

/** How a delivery began. */
export interface Sent {
  readonly deliveryId: string;
  readonly outcome: RecordedOutcome;
  readonly messageId?: string | undefined;
  readonly details: DeliveryDetails;
  /** Whether SMS Aero was asked for reports: without them it is asked for the state earlier. */
  readonly reported: boolean;
}

/** What SMS Aero said of a delivery. */
export interface Reported {
  readonly deliveryId: string;
  /** The message that it speaks of. */
  readonly messageId: string;
  readonly state: DeliveryState;
  /** When that state was reached, in ms of the Unix epoch. */
  readonly at: number;
}

/** What a report did to a record. */
export type ReportEffect =
  /** It moved the delivery on. */
  | 'changed'
  /** The delivery was there already, or further. */
  | 'known'
  /** It speaks of another message than the record. */
  | 'foreign';

/** How often a write is tried that others come before; each of them moved the record on, and there are four ranks to move. */
const TRIES = 8;

/**
 * The records of deliveries: one item each, changed by single conditional writes, so that the send's own record and any number of
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
    const { deliveryId, messageId, outcome } = sent;
    const own = {
      ...detailValues(sent.details),
      outcome: { S: outcome },
      sentAt: { N: String(madeAt(deliveryId)) },
      ...(messageId ? { messageId: { S: messageId } } : {}),
    };
    const begun = { ...stateValues(outcome, now), ...expiryValue(deliveryId) };
    const asked = messageId ? dueValues(deliveryId, firstCheck(now, sent.reported)) : {};
    const first = writeOf(deliveryId, { ...own, ...begun, ...asked }, [], 'attribute_not_exists(#rank)');
    await this.#first(deliveryId, signal, first, (item) => {
      if (item['outcome']) {
        return undefined; // this very write, sent twice because its answer was lost
      }
      const known = readDelivery(item);
      const unchanged = '#rank = :before AND attribute_not_exists(#outcome)';
      const before = { ':before': item['rank'] ?? { N: '0' } };
      if (!known || (messageId !== undefined && known.messageId !== messageId)) {
        return writeOf(deliveryId, { ...own, ...begun, ...asked }, [], unchanged, before);
      }
      const settled = isFinal(known.state);
      return writeOf(
        deliveryId,
        { ...own, ...(settled ? {} : asked) },
        settled ? ['dueShard', 'dueAt'] : [],
        unchanged,
        before,
      );
    });
  }

  /** Moves a delivery on to what SMS Aero said of it; a state that it had, or had passed, changes nothing. */
  async reported(report: Reported, now: number, signal?: AbortSignal): Promise<ReportEffect> {
    const { deliveryId, messageId, state, at } = report;
    const values = { ...stateValues(state, at), messageId: { S: messageId } };
    // Also due where it is final, but the send's own record is missing: it may never come, and is then told of without it.
    const due = dueValues(deliveryId, firstCheck(now, true));
    const begun = { ...values, ...due, ...expiryValue(deliveryId) };
    const nothing = writeOf(deliveryId, begun, [], 'attribute_not_exists(#rank)');
    let effect: ReportEffect = 'changed';
    await this.#first(deliveryId, signal, nothing, (item) => {
      const known = readDelivery(item);
      if (known?.messageId !== undefined && known.messageId !== messageId) {
        effect = 'foreign';
        return undefined;
      }
      if (known && rankOf(known.state) >= rankOf(state)) {
        effect = 'known';
        return undefined;
      }
      effect = 'changed';
      const settled = isFinal(state) && known?.outcome !== undefined;
      const condition = `#rank = :before AND attribute_${known?.outcome ? 'exists' : 'not_exists'}(#outcome)`;
      return writeOf(
        deliveryId,
        { ...values, ...(settled || known?.dueAt !== undefined ? {} : due) },
        settled ? ['dueShard', 'dueAt'] : [],
        condition,
        { ':before': item['rank'] ?? { N: '0' } },
      );
    });
    return effect;
  }

  /**
   * Sets when SMS Aero is asked for a delivery next.
   *
   * @param dueAt ms of the Unix epoch; undefined for never
   * @param orphan whether it is told of although the send's own record did not come
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
      dueAt === undefined ? ['dueShard', 'dueAt'] : [],
      '#dueAt = :before',
      { ':before': { N: String(delivery.dueAt) } },
    );
    await this.#table.update(update).catch((error: unknown) => {
      if (!(error instanceof ConditionFailed)) throw error; // a report came meanwhile: it has said what is due
    });
  }

  /** Does the first write, or what the item then asks for, until one of them holds. */
  async #first(
    deliveryId: string,
    signal: AbortSignal | undefined,
    first: Update,
    next: (item: Item) => Update | undefined,
  ): Promise<void> {
    let update: Update | undefined = first;
    for (let tries = 1; update; tries += 1) {
      try {
        await this.#table.update(update, signal);
        return;
      } catch (error) {
        if (!(error instanceof ConditionFailed) || tries === TRIES) {
          throw error;
        }
        update = error.item ? next({ pk: { S: deliveryKey(deliveryId) }, ...error.item }) : first;
      }
    }
  }
}
