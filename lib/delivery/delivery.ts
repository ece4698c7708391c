import type { DeliveryState } from './state.ts';

/** How the service's own part of a delivery ended: the outcomes that are recorded. */
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
  readonly state: DeliveryState;
  /** When the state was reached, in ms of the Unix epoch. */
  readonly changedAt: number;
  /** How sending ended; undefined as long as only a report is known: it may come before the send's own record. */
  readonly outcome?: RecordedOutcome | undefined;
  /** When it was sent, in ms of the Unix epoch. */
  readonly sentAt?: number | undefined;
  /** SMS Aero's id: decimal digits. */
  readonly messageId?: string | undefined;
  /** Whether it is told of although the send's own record never came. */
  readonly orphan: boolean;
  /** When SMS Aero is to be asked for it, in ms of the Unix epoch; undefined if never. */
  readonly dueAt?: number | undefined;
}
