import { createHash } from 'node:crypto';
import type { Item } from '../table.ts';
import type { Window } from './limits.ts';

/** How old the place of the same message may be to be shared, in ms: longer than any request takes. */
export const IN_FLIGHT = 30_000;

/** Digits of a message's mark. */
const MARK_DIGITS = 8;

/**
 * The mark of a message: digits that tell the messages of half a minute apart.
 *
 * @param key what the message and its repeats have in common
 */
export function markFor(key: string): string {
  const number = createHash('sha256').update(key).digest().readUIntBE(0, 6);
  return String(number % 10 ** MARK_DIGITS).padStart(MARK_DIGITS, '0');
}

/**
 * A new entry: the time of a message with its mark in the fraction, as the item of a window holds it.
 *
 * @param mark see {@link markFor}
 * @param now ms of the Unix epoch
 */
export function newEntry(mark: string, now: number): string {
  // The fraction is the mark, something of the request's own, and a 1, because DynamoDB drops zeros at the end. The entry is below
  // `now`, so that a window ends when it should.
  return `${now - 1}.${mark}${Math.floor(Math.random() * 1e6)}1`;
}

/** The entries of a window's item, newest first. */
export function entriesOf(item: Item | undefined): string[] {
  return item?.['sent']?.L?.map(({ N }) => N ?? '0') ?? [];
}

/**
 * The entry of another request for the same message that is young enough to be shared.
 *
 * @param mine the entry of the request itself
 * @param mark the message's
 * @param now ms of the Unix epoch
 * @returns undefined if there is none
 */
export function sharedEntry(
  entries: readonly string[],
  mine: string,
  mark: string,
  now: number,
): string | undefined {
  return entries.find((entry) => entry !== mine && markOf(entry) === mark && Number(entry) > now - IN_FLIGHT);
}

/**
 * How long it takes until there is a place in all windows, in ms; 0 or less if there is one.
 *
 * @param entries newest first
 * @param now ms of the Unix epoch
 */
export function waitForPlace(entries: readonly string[], windows: readonly Window[], now: number): number {
  return Math.max(...windows.map(({ count, span }) => Number(entries[count - 1] ?? 0) + span - now));
}

function markOf(entry: string): string | undefined {
  return entry.split('.')[1]?.slice(0, MARK_DIGITS);
}
