import { parseRecipient } from '../lib/message/recipient.ts';
import { maskPhone } from '../lib/observability/redact.ts';

/** Rows as columns two spaces apart; the last one is not filled up. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const width = (index: number) => Math.max(...rows.map((row) => row[index]?.length ?? 0));
  const pad = (cell: string, index: number) => cell.padEnd(width(index));
  return rows.map((row) => row.map(pad).join('  ').trimEnd());
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A time span in its largest whole unit: `40 s`, `3 min`, `2 h`, `5 d`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return seconds < 129_600 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** A time of the clock in UTC: `2026-11-24 23:44:00 UTC`. @param at ms of the Unix epoch */
export function formatTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

export function roubles(amount: number): string {
  return `${amount.toFixed(2)} RUB`;
}

/** Digits with what people write between those of a phone number: `+7 (903) 123-45-67`, `8.903.123.45.67`. */
const DIGITS = /\+?\p{Nd}(?:[\p{Zs}().\-\u2010-\u2015/]{0,3}\p{Nd})+/gu;

/** What moves the cursor, changes colours, breaks the line or turns the writing around. */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A text of somebody else's as it may be printed: without whole phone numbers in any writing (ten to fifteen digits, E.164; ids that a caller
 * chose may hold one), and without what a terminal would obey.
 */
export function shown(text: string): string {
  return text.replace(CONTROLS, '\ufffd').replace(DIGITS, mask);
}

function mask(written: string): string {
  const digits = written.match(/\p{Nd}/gu) ?? [];
  const isNumber = digits.length >= 10 && (digits.length <= 15 || digits.length < Array.from(written).length);
  if (!isNumber) return written;
  return /^[\x20-\x7e]*$/.test(digits.join('')) ? maskWritten(written) : '•••';
}

/** Where numbers without a country are read as national ones. */
const HOME = ['RU'];

/**
 * Masks a phone number as somebody wrote it: `+7903•••4567` for a mobile number of Russia in any writing, `8495•••4567` for another one
 * without a plus. It may be a landline (8 495 is Moscow): with a plus it would be a number in Vietnam.
 */
export function maskWritten(written: string): string {
  const recipient = parseRecipient(written, HOME);
  if (recipient && HOME.includes(recipient.country)) return maskPhone(recipient.number);
  return maskPhone(written).slice(/^\s*\+/.test(written) ? 0 : 1);
}
