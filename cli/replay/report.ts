import { columns, count, formatDuration } from '../format.ts';
import { shown } from '../redact.ts';
import type { Terminal } from '../terminal.ts';
import type { DeadLetter } from './dead-letter.ts';

/** Prints dead letters as a table: no whole number, no code, no text. */
export function printLetters(letters: readonly DeadLetter[], now: number, terminal: Terminal): void {
  const rows = letters.map(({ message, reason, recipient, name, obstacle }) => [
    shown(reason),
    formatDuration(now - message.sentAt),
    recipient,
    shown(name),
    shown(obstacle ?? ''),
  ]);
  const [head = '', ...lines] = columns([['reason', 'age', 'recipient', 'message', ''], ...rows]);
  terminal.print(terminal.style('bold', head));
  for (const line of lines) terminal.print(line);
}

/** How many letters each reason has: `no_money 3, expired 1`, the most first. */
export function byReason(letters: readonly DeadLetter[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of letters) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([reason, number]) => `${shown(reason)} ${number}`)
    .join(', ');
}

/** `3 dead letters`. */
export function lettersOf(number: number): string {
  return count(number, 'dead letter');
}
