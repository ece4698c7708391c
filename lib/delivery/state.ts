import type { MessageStatus } from '../smsaero/message-status.ts';

/** Where a delivery stands: what SMS Aero says of it, or why there is nothing that it could say. */
export type DeliveryState =
  | MessageStatus
  /** Nothing was sent. */
  | 'failed'
  /** It may have been sent. */
  | 'unknown';

/**
 * How far a state is along the way. A report only moves a delivery forward, so that repeats and reports in the wrong order change
 * nothing. What SMS Aero says of a message, it took: so even its first word counts more than our "failed" or "unknown".
 */
const RANKS = {
  failed: 0,
  unknown: 0,
  accepted: 1,
  moderation: 2,
  sent: 3,
  delivered: 4,
  undelivered: 4,
  rejected: 4,
} as const satisfies Record<DeliveryState, number>;

/** The rank of the states after which nothing comes. */
const FINAL = 4;

/** How far a state is along the way, 0 to 4. */
export function rankOf(state: DeliveryState): number {
  return RANKS[state];
}

/** Whether nothing comes after a state. */
export function isFinal(state: DeliveryState): boolean {
  return RANKS[state] === FINAL;
}
