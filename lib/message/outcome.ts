import type { LimitName } from '../guard/limits.ts';
import type { Channel } from '../smsaero/message-status.ts';
import type { SendAccepted, SendFailed, SendUnknown } from '../smsaero/send-result.ts';

/** Why the service itself sent nothing. */
export type RefusalReason =
  /** Not a number that receives SMS: a landline, a short or premium number, an impossible one. */
  | 'invalid_recipient'
  /** A mobile number of a country that is not allowed. */
  | 'country_not_allowed'
  /** A mobile number of a range that the deployment blocks. */
  | 'range_not_allowed'
  /** The rendered text is longer than SMS Aero takes. */
  | 'text_too_long'
  /** Too many messages to this recipient, its neighbours, its range, from this address, or altogether. */
  | 'rate_exceeded'
  /** The guard's table cannot be reached, and the deployment says not to send then. */
  | 'guard_unavailable'
  /** The key of another request came with this one. */
  | 'idempotency_conflict'
  /** A command whose time is over. */
  | 'expired';

/** SMS Aero took the message. */
export interface Accepted extends SendAccepted {
  /** How it was sent. What SMS Aero did with it since is in the record of its delivery. */
  readonly channel: Channel;
  /** Segments of the SMS; of a Telegram message those that the SMS behind it would have. */
  readonly segments: number;
  /** The name of its delivery, see lib/delivery. */
  readonly deliveryId: string;
  /** False if its record could not be written. */
  readonly recorded?: false | undefined;
}

/** The message may have been sent. */
export interface Unknown extends SendUnknown {
  /** How it may have been sent; absent while another request is sending it. */
  readonly channel?: Channel | undefined;
  /** The name of its delivery; absent if the table could not be asked. */
  readonly deliveryId?: string | undefined;
  /** Of a repeat: the first request was still under way, or the table could not be asked, when this one had to be answered. */
  readonly pending?: true | undefined;
  /** False if its record could not be written. */
  readonly recorded?: false | undefined;
}

/** The service sent nothing, by its rules or because the request was bad. */
export interface Refused {
  readonly status: 'refused';
  readonly reason: RefusalReason;
  /** Which limit, for `rate_exceeded`. */
  readonly limit?: LimitName | undefined;
  /** When another try makes sense, in seconds; absent if never. */
  readonly retryAfter?: number | undefined;
}

/** An outcome that a repeat is answered with. */
export type SentOutcome = Accepted | Unknown;

/** The request is a repeat of one that was sent, or may have been: nothing was sent for it. */
export interface Duplicate {
  readonly status: 'duplicate';
  /** How the first one ended. */
  readonly of: SentOutcome;
}

/** How a request to send a message ended. Every request ends as one of these. */
export type Outcome = Accepted | Duplicate | Refused | SendFailed | Unknown;

export type NotSent = Refused | SendFailed;

/** Reasons that may be gone in a minute or two, or once somebody has removed the cause. */
const RETRYABLE: ReadonlySet<NotSent['reason']> = new Set<NotSent['reason']>([
  'unavailable',
  'rate_limited',
  'unauthorized',
  'no_money',
  'bad_sender_name',
  'ip_not_allowed',
  'malformed_answer',
  'guard_unavailable',
]);

/** Whether a message was not sent for a reason that may be gone soon, so that a handler which can wait should try again. */
export function isRetryable(outcome: Outcome): outcome is NotSent {
  return (outcome.status === 'failed' || outcome.status === 'refused') && RETRYABLE.has(outcome.reason);
}
