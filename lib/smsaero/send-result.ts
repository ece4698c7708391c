import type { MessageStatus } from './message-status.ts';

/** Why SMS Aero sent nothing, or why no gate took the request. */
export type FailureReason =
  /** E-mail or API key are wrong (401). */
  | 'unauthorized'
  /** The balance does not cover the message (402). */
  | 'no_money'
  /** The sender name is missing, not approved or not this account's (400, field `sign`). */
  | 'bad_sender_name'
  /** The number is not one that SMS Aero sends to (400, field `number`). */
  | 'invalid_recipient'
  /** The number is on a blacklist of SMS Aero (400). */
  | 'blacklisted'
  /** The account's list of allowed addresses does not hold ours (404, "Invalid ip-address"). */
  | 'ip_not_allowed'
  /** Too many requests (429, or a message that says so). */
  | 'rate_limited'
  /** Refused for another reason, or with a final status of undelivered (2) or rejected (6). */
  | 'rejected'
  /** Refusals by their HTTP status (3xx, 4xx) that are not in SMS Aero's form, at every gate that could be reached: a filter, a proxy. */
  | 'malformed_answer'
  /** No gate could be reached: nothing was written to any. */
  | 'unavailable';

/** Why it is not known whether a message was sent. */
export type UnknownReason =
  /** The request was written, and no whole answer came before the deadline or the end of the connection. */
  | 'no_answer'
  /** A server error (5xx): a proxy or the application failed, before or after it took the message. */
  | 'server_error'
  /** A 2xx answer that says neither a message id nor a refusal: no JSON, another shape, more than 64 KiB. */
  | 'malformed_answer';

export type SendResult = SendAccepted | SendFailed | SendUnknown;

/** SMS Aero took the message. */
export interface SendAccepted {
  readonly status: 'accepted';
  /** SMS Aero's message id: decimal digits. */
  readonly messageId: string;
  /** Where SMS Aero has the message as it takes it: `accepted` (queued), `moderation`, or further; absent if the answer did not say. */
  readonly messageStatus?: MessageStatus | undefined;
  /** Roubles for the message; absent if the answer did not say. */
  readonly cost?: number | undefined;
}

/** Nothing was sent. */
export interface SendFailed {
  readonly status: 'failed';
  readonly reason: FailureReason;
  /** SMS Aero's id, if it took the message and refused it in the same answer (a final status). */
  readonly messageId?: string | undefined;
  /** When SMS Aero wants to be asked again, in seconds; absent if it did not say. */
  readonly retryAfter?: number | undefined;
}

/** The request was written; the message may have been sent. */
export interface SendUnknown {
  readonly status: 'unknown';
  readonly reason: UnknownReason;
}
