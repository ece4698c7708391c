import { type GateAnswer, refusalReason } from './answer.ts';
import { asNumber, asObject, parseObject } from './fields.ts';
import type { FailureReason } from './send-result.ts';

/** What SMS Aero says of a message that it took. */
export type MessageStatus = 'accepted' | 'moderation' | 'sent' | 'delivered' | 'undelivered' | 'rejected';

/**
 * Status codes of API v2: 0 in the queue, 1 delivered, 2 not delivered, 3 handed to the operator, 4 waiting for the operator, 6
 * rejected, 8 in moderation. 5 and 7 are not in use.
 */
const STATUSES: Readonly<Record<number, MessageStatus>> = {
  0: 'accepted',
  1: 'delivered',
  2: 'undelivered',
  3: 'sent',
  4: 'sent',
  6: 'rejected',
  8: 'moderation',
};

/** The status behind a code, a number or digits; undefined for a code that is not known. */
export function statusOfCode(code: unknown): MessageStatus | undefined {
  const number = asNumber(code);
  return number === undefined ? undefined : STATUSES[number];
}

/** The answer to the question what became of a message. */
export type StatusAnswer =
  /** `at` is when the operator answered, in ms of the Unix epoch, if SMS Aero says so. */
  | { readonly status: 'known'; readonly message: MessageStatus; readonly at?: number | undefined }
  /** SMS Aero does not know the message, or says something of it that is not understood. */
  | { readonly status: 'not_known' }
  /** SMS Aero did not let us ask. */
  | { readonly status: 'refused'; readonly reason: FailureReason }
  /** No gate answered. */
  | { readonly status: 'unavailable' };

/**
 * Reads the answer to `sms/status`, where ids and codes may be numbers or strings.
 *
 * @param messageId the message that was asked for: an answer about another one is none
 */
export function readStatus(answer: GateAnswer, messageId: string): StatusAnswer {
  if (answer.statusCode >= 500 || !answer.complete) {
    return { status: 'unavailable' };
  }
  const envelope = parseObject(answer.body);
  if (answer.statusCode >= 300 || envelope?.['success'] !== true) {
    const reason = refusalReason(answer, envelope);
    return REFUSALS.has(reason) ? { status: 'refused', reason } : { status: 'not_known' };
  }
  const { data } = envelope;
  const fields = asObject(Array.isArray(data) ? data[0] : data);
  const message = statusOfCode(fields?.['status']);
  if (!message || String(fields?.['id']) !== messageId) {
    return { status: 'not_known' };
  }
  const answeredAt = (asNumber(fields?.['dateAnswer']) ?? 0) * 1000;
  const isTime = answeredAt > EARLIEST && answeredAt < LATEST;
  return { status: 'known', message, at: isTime ? answeredAt : undefined };
}

/** What else stands where a time should (0, a date written as a number) is none: 2010 to 2100, in ms of the Unix epoch. */
const EARLIEST = Date.UTC(2010);
const LATEST = Date.UTC(2100);

/** Refusals that say nothing of the message, but of who asks. */
const REFUSALS: ReadonlySet<FailureReason> = new Set(['unauthorized', 'ip_not_allowed', 'rate_limited']);
