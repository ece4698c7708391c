import type { Channel, MessageStatus } from '../smsaero/message-status.ts';

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

/** How the service's part of a delivery ended: the outcomes that are recorded. */
export type RecordedOutcome = 'accepted' | 'failed' | 'unknown';

/** The command that a delivery was sent by, as CloudEvents names it. */
export interface CommandName {
  readonly source: string;
  readonly id: string;
}

/** What is known of a message when its outcome is. Neither number nor text is in it. */
export interface DeliveryDetails {
  readonly platform: string;
  readonly usageType?: string | undefined;
  /** ISO 3166 code of the recipient's country. */
  readonly country?: string | undefined;
  readonly senderName?: string | undefined;
  /** How it is sent; an SMS without. `sms` as well once an SMS took over from Telegram. */
  readonly channel?: Channel | undefined;
  readonly segments?: number | undefined;
  /** Roubles. */
  readonly cost?: number | undefined;
  /** Why it failed, or is not known. */
  readonly reason?: string | undefined;
  readonly command?: CommandName | undefined;
}

/** A delivery as the table holds it. */
export interface Delivery extends DeliveryDetails {
  readonly deliveryId: string;
  readonly channel: Channel;
  readonly state: DeliveryState;
  /** When the state was reached, in ms of the Unix epoch. */
  readonly changedAt: number;
  /** How sending ended; undefined as long as only a report is known: it may come before the send's record. */
  readonly outcome?: RecordedOutcome | undefined;
  /** When it was sent, in ms of the Unix epoch. */
  readonly sentAt?: number | undefined;
  /** SMS Aero's id: decimal digits. */
  readonly messageId?: string | undefined;
  /** SMS Aero's id of the SMS that took over from Telegram: decimal digits. */
  readonly smsMessageId?: string | undefined;
  /** Whether it is told of although the send's record never came. */
  readonly orphan: boolean;
  /** When SMS Aero is to be asked for it, in ms of the Unix epoch; undefined if never. */
  readonly dueAt?: number | undefined;
}
