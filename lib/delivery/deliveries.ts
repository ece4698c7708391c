import { setTimeout as sleep } from 'node:timers/promises';
import { within } from '../abort.ts';
import type { Log } from '../observability/logger.ts';
import type { MessageStatus } from '../smsaero/message-status.ts';
import type { DeliveryDetails } from './delivery.ts';
import type { DeliveryRecords } from './records.ts';
import type { Sent } from './transitions.ts';

/**
 * The least time for a record to be written, in ms: more than for the guard's questions, since what is not recorded can only be told by a
 * report. Where a request has more time left, that is given.
 */
const RECORD_TIMEOUT = 400;

/** Pause before a record is tried again, in ms, twice as long each time: the table itself repeats within some 30 ms. */
const PAUSE = 100;

/** The ends of a message that are recorded. */
export type Recordable =
  | {
      readonly status: 'accepted';
      readonly messageId: string;
      /** Where SMS Aero had the message as it took it; `accepted` if it did not say. */
      readonly messageStatus?: MessageStatus | undefined;
      readonly cost?: number | undefined;
    }
  | {
      readonly status: 'failed' | 'unknown';
      readonly reason: string;
      readonly messageId?: string | undefined;
    };

/** Writes the records of sends, and logs what cannot be written: the message is on its way all the same. */
export class Deliveries {
  readonly #records: Pick<DeliveryRecords, 'sent'>;
  readonly #log: Log;

  constructor(records: Pick<DeliveryRecords, 'sent'>, log: Log) {
    this.#records = records;
    this.#log = log;
  }

  /**
   * Records how a message ended; tries again for as long as there is time, and never throws.
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
    const accepted = outcome.status === 'accepted' ? outcome : undefined;
    const reason = outcome.status === 'accepted' ? undefined : outcome.reason;
    const sent: Sent = {
      deliveryId,
      outcome: outcome.status,
      messageId: outcome.messageId,
      state: accepted?.messageStatus,
      details: { ...details, cost: accepted?.cost, reason },
      reported,
    };
    const now = Date.now();
    const timeout = Math.max(RECORD_TIMEOUT, deadline - now);
    try {
      await within(timeout, (signal) => this.#write(sent, now, signal));
      return true;
    } catch (error) {
      this.#log.error('delivery not recorded', error, { deliveryId });
      return false;
    }
  }

  async #write(sent: Sent, now: number, signal: AbortSignal): Promise<void> {
    for (let pause = PAUSE; ; pause *= 2) {
      try {
        return await this.#records.sent(sent, now, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        await sleep(pause, undefined, { signal }).catch(() => {
          throw error; // rather than that the time is over
        });
      }
    }
  }
}
