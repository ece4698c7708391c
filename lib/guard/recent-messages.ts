import type { SentOutcome } from '../message/outcome.ts';

/** A message that this process sent, or is sending. */
export interface RecentMessage {
  readonly deliveryId: string;
  readonly fingerprint: string;
  /** Until when a repeat is recognised, in ms of the Unix epoch. */
  readonly validUntil: number;
  /** How it ended; undefined if nothing was sent. */
  readonly ended: Promise<SentOutcome | undefined>;
}

/** Messages that are kept; each takes about 500 bytes. */
const MAX_MESSAGES = 1_000;

/**
 * What this process knows of its messages, also while the table cannot be asked: a repeat of the same caller often meets the same process.
 */
export class RecentMessages {
  readonly #messages = new Map<string, RecentMessage>();

  /** The message of a key; undefined if this process has not sent it, or not lately. @param now ms of the Unix epoch */
  find(key: string, now: number): RecentMessage | undefined {
    const message = this.#messages.get(key);
    return message && message.validUntil > now ? message : undefined;
  }

  /**
   * Notes that a message may be sent. One that was not is kept as well: its claim may not be released yet.
   *
   * @param validUntil ms of the Unix epoch
   * @returns a function to call with how it ended: undefined if nothing was sent
   */
  add(
    key: string,
    named: Pick<RecentMessage, 'deliveryId' | 'fingerprint'>,
    validUntil: number,
  ): (outcome: SentOutcome | undefined) => void {
    const { promise: ended, resolve } = Promise.withResolvers<SentOutcome | undefined>();
    const { deliveryId, fingerprint } = named;
    const message = { deliveryId, fingerprint, validUntil, ended };
    this.#messages.delete(key); // so that it is the youngest
    this.#messages.set(key, message);
    const [oldest] = this.#messages.keys();
    if (this.#messages.size > MAX_MESSAGES && oldest !== undefined) this.#messages.delete(oldest);
    return resolve;
  }
}
