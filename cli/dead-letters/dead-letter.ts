import type { TakenMessage } from '../aws/queue.ts';
import { count, formatDuration, shown } from '../format.ts';
import type { Terminal } from '../terminal.ts';

/** A message that failed for good. */
export interface DeadLetter {
  readonly message: TakenMessage;
  /** Why it failed: a reason of ours, of EventBridge or of Lambda; `gave_up` if SQS itself moved it. */
  readonly reason: string;
  /** What kept a command from being sent until it expired. */
  readonly lastReason?: string | undefined;
  /** Masked. */
  readonly recipient: string;
  /** How its sender knows it: source and id of a command, the trigger of a Cognito event. */
  readonly name: string;
  /** Why `resend` leaves it where it is; undefined if it resends it. */
  readonly obstacle?: string | undefined;
  /** What is sent again. */
  readonly body: string;
}

/** A queue of dead letters, and where they are resent to. */
export interface DeadLetterQueue {
  readonly name: string;
  readonly target: string;
  /** Reasons that are known beforehand; those of EventBridge and Lambda come on top. */
  readonly reasons: readonly string[];
  /** How long the guard recognises what was sent, in words. */
  readonly recognisedFor: string;
  /** @param now ms of the Unix epoch @param wanted the reason that `--reason` names */
  read(message: TakenMessage, now: number, wanted: string | undefined): DeadLetter;
  resend(deadLetter: DeadLetter): Promise<void>;
}

/** `1 dead letter`, `3 dead letters`. */
export const countOf = (number: number) => count(number, 'dead letter');

/** Prints dead letters as a table: no full number, no code, no text. */
export function printTable(deadLetters: readonly DeadLetter[], now: number, terminal: Terminal): void {
  const rows = deadLetters.map(({ message, recipient, name, obstacle = '', ...why }) => [
    shown(reasonOf(why)),
    formatDuration(now - message.sentAt),
    recipient,
    shown(name),
    shown(obstacle),
  ]);
  terminal.table(rows, ['reason', 'age', 'recipient', 'message', '']);
}

/** The same for scripts, as it goes into JSON. */
export function toJson({ message, reason, lastReason, recipient, name, obstacle }: DeadLetter) {
  return {
    reason: shown(reason),
    lastReason: lastReason === undefined ? undefined : shown(lastReason),
    sentAt: new Date(message.sentAt).toISOString(),
    recipient,
    message: shown(name),
    obstacle: obstacle === undefined ? undefined : shown(obstacle),
  };
}

/** How many dead letters each reason has: `expired (no_money) 3, rejected 1`, the most first. */
export function countByReason(deadLetters: readonly DeadLetter[]): string {
  return [...Map.groupBy(deadLetters, reasonOf)]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([reason, { length }]) => `${shown(reason)} ${length}`)
    .join(', ');
}

function reasonOf({ reason, lastReason }: Pick<DeadLetter, 'reason' | 'lastReason'>): string {
  return lastReason === undefined ? reason : `${reason} (${lastReason})`;
}
