import type { QueuedMessage } from './command-queue.ts';

/**
 * Attribute of a message: when the queue first took its command, in ms of the Unix epoch, as SQS writes its own `SentTimestamp`. A dead
 * letter has it, and keeps it when it is put back: for SQS that is a new message with a new `SentTimestamp`, and changes nothing else (SQS
 * Developer Guide, "Configure a dead-letter queue redrive").
 */
export const FIRST_SENT = 'FirstSentTimestamp';

/** Ms of the Unix epoch, of this century and the next two, as SQS writes them. */
const TIMESTAMP = /^\d{13}$/;

/**
 * When the queue first took a command, in ms of the Unix epoch.
 *
 * @param sentAt when it took this message, in ms of the Unix epoch
 * @param told value of the message's attribute {@link FIRST_SENT}. Whoever may send may write it, so that it gives no longer life; and one
 *   that is not written as above counts for nothing, since in seconds or empty it would be a time long ago, and the command expired
 */
export function firstSentAt(sentAt: number, told: string | undefined): number {
  return told !== undefined && TIMESTAMP.test(told) ? Math.min(sentAt, Number(told)) : sentAt;
}

/** When the queue first took the command of a message, in ms of the Unix epoch. */
export function firstSentAtOf({ attributes, messageAttributes }: QueuedMessage): number {
  return firstSentAt(Number(attributes.SentTimestamp), messageAttributes?.[FIRST_SENT]?.stringValue);
}

/** Whether the queue had the command of a message before: it came from the dead letters, and is a new message for SQS alone. */
export function isPutBack(message: QueuedMessage): boolean {
  return firstSentAtOf(message) < Number(message.attributes.SentTimestamp);
}
