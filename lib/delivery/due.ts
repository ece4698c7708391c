const MINUTE = 60_000;

/**
 * The index of deliveries that SMS Aero is still to be asked for: `dueShard`, `dueAt`. An item is in it as long as it has both.
 *
 * Spread over so many partitions, because one takes 1,000 writes a second.
 */
export const DUE_INDEX = 'due';
export const SHARDS: readonly string[] = Array.from({ length: 16 }, (_, shard) => shard.toString(16));

/** How long reports are waited for, in ms: most come within seconds. */
const WITH_REPORTS = 10 * MINUTE;
/** The same where none was asked for. */
const WITHOUT_REPORTS = 2 * MINUTE;

/** How long SMS Aero is asked, in ms after sending: operators try for up to three days. */
const GIVE_UP = 3 * 24 * 60 * MINUTE;

/** The partition of the index that a delivery is in. */
export function shardOf(deliveryId: string): string {
  // The last whole byte is a random one.
  return ((Buffer.from(deliveryId, 'base64url').at(-1) ?? 0) & 15).toString(16);
}

/**
 * When SMS Aero is asked for a delivery first, in ms of the Unix epoch.
 *
 * @param reported whether it was asked for reports
 */
export function firstCheck(now: number, reported: boolean): number {
  return now + (reported ? WITH_REPORTS : WITHOUT_REPORTS);
}

/**
 * When it is asked next: each time twice as long after sending as the time before.
 *
 * @param sentAt ms of the Unix epoch
 * @returns undefined if it is not asked any more
 */
export function nextCheck(sentAt: number, now: number): number | undefined {
  const age = Math.max(now - sentAt, WITHOUT_REPORTS);
  return age >= GIVE_UP ? undefined : sentAt + Math.min(2 * age, GIVE_UP);
}
