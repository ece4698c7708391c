import { completionSignal } from '../abort.ts';
import type { SentOutcome, Unknown } from '../message/outcome.ts';
import type { Log } from '../observability/logger.ts';
import type { MessageStatus } from '../smsaero/message-status.ts';
import type { DeliveryDetails, RecordedOutcome } from './delivery.ts';
import type { DeliveryRecords } from './records.ts';

/** How a message ended that is recorded. */
export interface Recordable {
  readonly status: RecordedOutcome;
  readonly messageId?: string | undefined;
  /** Where SMS Aero had the message as it took it; `accepted` if it did not say. */
  readonly messageStatus?: MessageStatus | undefined;
  readonly cost?: number | undefined;
  readonly reason?: string | undefined;
}

/** Writes the records of sends, and logs what cannot be written: the message is on its way all the same. */
export class Deliveries {
  readonly #records: Pick<DeliveryRecords, 'sent' | 'pending' | 'get'>;
  readonly #log: Log;

  constructor(records: Pick<DeliveryRecords, 'sent' | 'pending' | 'get'>, log: Log) {
    this.#records = records;
    this.#log = log;
  }

  /**
   * Records how a message ended; never throws.
   *
   * @param reported whether SMS Aero was asked for reports
   * @param deadline when the caller wants to be answered, in ms of the Unix epoch
   * @returns whether it is written
   */
  async record(
    deliveryId: string,
    outcome: Recordable,
    details: DeliveryDetails,
    reported: boolean,
    deadline: number,
  ): Promise<boolean> {
    const { status, messageId, messageStatus: state, cost, reason } = outcome;
    const sent = {
      deliveryId,
      outcome: status,
      messageId,
      state,
      details: { ...details, cost, reason },
      reported,
    };
    try {
      await this.#records.sent(sent, Date.now(), completionSignal(deadline));
      return true;
    } catch (error) {
      this.#log.error('delivery not recorded', error, { deliveryId });
      return false;
    }
  }

  /** Records that another request is sending a message, so that it can be asked for; never throws. @see record */
  async pending(deliveryId: string, details: DeliveryDetails, deadline: number): Promise<void> {
    await this.#records
      .pending(deliveryId, details, Date.now(), completionSignal(deadline))
      .catch((error: unknown) => this.#log.error('delivery not recorded', error, { deliveryId }));
  }

  /**
   * How a delivery ended, for a repeat of its request.
   *
   * @returns `failed` if nothing was sent; undefined if there is no record, or one of reports only
   */
  async outcomeOf(deliveryId: string, signal: AbortSignal): Promise<SentOutcome | 'failed' | undefined> {
    const delivery = deliveryId === '' ? undefined : await this.#records.get(deliveryId, signal);
    if (!delivery?.outcome) return undefined;
    const { outcome, messageId, smsMessageId, segments = 1, cost, reason } = delivery;
    if (outcome === 'failed') return 'failed';
    const channel = smsMessageId === undefined ? delivery.channel : 'telegram'; // as the first was answered
    // A report may have told meanwhile what was unknown: only of a message that SMS Aero took does it say anything.
    return messageId === undefined
      ? { status: 'unknown', reason: reason as Unknown['reason'], channel, deliveryId }
      : { status: 'accepted', messageId, cost, channel, segments, deliveryId };
  }
}
