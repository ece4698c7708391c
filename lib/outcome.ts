import type { FailureReason, UnknownReason } from './smsaero/send-result.ts';

/** Why the service itself sent nothing. */
export type RefusalReason =
  /** Not a number that receives SMS: a landline, a short or premium number, an impossible one. */
  | 'invalid_recipient'
  /** A mobile number of a country that is not allowed. */
  | 'country_not_allowed'
  /** The rendered text is longer than SMS Aero takes. */
  | 'text_too_long';

/** SMS Aero took the message. */
export interface Accepted {
  readonly status: 'accepted';
  /** SMS Aero's message id, a decimal number. */
  readonly messageId: string;
  readonly segments: number;
  /** Roubles for the message; absent if the answer did not say. */
  readonly cost?: number | undefined;
}

/** The service sent nothing, by its own rules or because the request was bad. */
export interface Refused {
  readonly status: 'refused';
  readonly reason: RefusalReason;
  /** When another try makes sense, in seconds; absent if never. */
  readonly retryAfter?: number | undefined;
}

/** SMS Aero sent nothing, and said so; or no gate took the request. */
export interface Failed {
  readonly status: 'failed';
  readonly reason: FailureReason;
  /** When another try makes sense, in seconds; absent if not said. */
  readonly retryAfter?: number | undefined;
}

/** The request was written: the message may have been sent, so it is never resent blindly. */
export interface Unknown {
  readonly status: 'unknown';
  readonly reason: UnknownReason;
}

/** How a request to send a message ended. Every request ends as one of these. */
export type Outcome = Accepted | Refused | Failed | Unknown;
