import type { LimitName } from './guard/limits.ts';
import type { SendAccepted, SendFailed, SendUnknown } from './smsaero/send-result.ts';

/** Why the service itself sent nothing. */
export type RefusalReason =
  /** Not a number that receives SMS: a landline, a short or premium number, an impossible one. */
  | 'invalid_recipient'
  /** A mobile number of a country that is not allowed. */
  | 'country_not_allowed'
  /** The rendered text is longer than SMS Aero takes. */
  | 'text_too_long'
  /** Too many messages to this recipient, its neighbours, from this address, or altogether. */
  | 'rate_exceeded'
  /** The guard's table cannot be reached, and the deployment says not to send then. */
  | 'guard_unavailable';

/** SMS Aero took the message. */
export interface Accepted extends SendAccepted {
  readonly segments: number;
}

/** The service sent nothing, by its own rules or because the request was bad. */
export interface Refused {
  readonly status: 'refused';
  readonly reason: RefusalReason;
  /** Which limit, for `rate_exceeded`. */
  readonly limit?: LimitName | undefined;
  /** When another try makes sense, in seconds; absent if never. */
  readonly retryAfter?: number | undefined;
}

/** The request is a repeat of one that was sent, or may have been: nothing was sent for it. */
export interface Duplicate {
  readonly status: 'duplicate';
  /** How the first one ended. */
  readonly of: Accepted | SendUnknown;
}

/** How a request to send a message ended. Every request ends as one of these. */
export type Outcome = Accepted | Duplicate | Refused | SendFailed | SendUnknown;
