import type { Log } from '../observability/logger.ts';
import type { DeliveryDetails } from './delivery.ts';
import type { DeliveryRecords, Sent } from './records.ts';

/**
 * Time for a record to be written, in ms: more than for the guard's questions, since a person waits no longer for it than for those, and
 * what is not recorded can only be told by a report.
 */
const RECORD_TIMEOUT = 400;

/** The ends of a message that are recorded. */
export type Recordable =
  | { readonly status: 'accepted'; readonly messageId: string; readonly cost?: number | undefined }
  | { readonly status: 'failed' | 'unknown'; readonly reason: string };

/** Writes the records of sends, and logs what cannot be written: the message is on its way all the same. */
export class Deliveries {
  readonly #records: Pick<DeliveryRecords, 'sent'>;
  readonly #log: Log;

  constructor(records: Pick<DeliveryRecords, 'sent'>, log: Log) {
    this.#records = records;
    this.#log = log;
  }

  /** Records how a message ended; never throws. */
  async record(
    deliveryId: string,
    outcome: Recordable,
    details: DeliveryDetails,
    reported: boolean,
  ): Promise<void> {
    const accepted = outcome.status === 'accepted' ? outcome : undefined;
    const reason = outcome.status === 'accepted' ? undefined : outcome.reason;
    const sent: Sent = {
      deliveryId,
      outcome: outcome.status,
      messageId: accepted?.messageId,
      details: { ...details, cost: accepted?.cost, reason },
      reported,
    };
    await this.#records
      .sent(sent, Date.now(), AbortSignal.timeout(RECORD_TIMEOUT))
      .catch((error: unknown) => this.#log.error('delivery not recorded', error, { deliveryId }));
  }
}
