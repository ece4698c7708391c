import { asNumber, asObject, type Fields, parseObject } from './fields.ts';
import type { FailureReason, SendFailed, SendResult } from './send-result.ts';

/** An HTTP answer of a gate, read to its end or cut off at the limit. */
export interface GateAnswer {
  readonly statusCode: number;
  /** The `Retry-After` header. */
  readonly retryAfter?: string | undefined;
  readonly body: string;
  /** Whether the body is whole; false if it was longer than the limit. */
  readonly complete: boolean;
}

/** How API v1 refused, and what the vendor's own SDKs still look for in v2; its `accepted` is no refusal. */
const LEGACY_REFUSALS: ReadonlySet<unknown> = new Set(['reject', 'no credits']);

/** The longest time to wait that is passed on, in s: a header from outside is not repeated as it is. */
const MAX_RETRY_AFTER = 3_600;

/** The final statuses of a message that was not delivered: 2 undelivered, 6 rejected (SMS Aero API v2, sms/status). */
const FINAL_FAILURES = new Set([2, 6]);

/**
 * Reads the answer to `sms/send`.
 *
 * Accepted is a 2xx with a JSON object whose `success` is `true` and whose `data`, an object or an array of one, has a message
 * id; ids, statuses and costs may be numbers or strings. A refusal needs SMS Aero's own word (`success: false`) or a 3xx or 4xx
 * status. All else that was answered leaves open whether a message was sent.
 */
export function readAnswer(answer: GateAnswer): SendResult {
  const { statusCode } = answer;
  if (statusCode >= 500) {
    return { status: 'unknown', reason: 'server_error' };
  }
  const envelope = answer.complete ? parseObject(answer.body) : undefined;
  const success = envelope?.['success'];
  if (statusCode < 300 && success === true) {
    return readMessage(envelope?.['data']);
  }
  const refused =
    success === false || LEGACY_REFUSALS.has(envelope?.['result']) || (statusCode >= 300 && success !== true);
  return refused
    ? withRetryAfter({ status: 'failed', reason: refusalReason(answer, envelope) }, answer)
    : { status: 'unknown', reason: 'malformed_answer' };
}

/** Reads the message of an answer's `data`. */
export function readMessage(data: unknown): SendResult {
  const message = asObject(Array.isArray(data) ? data[0] : data);
  const id = message?.['id'];
  const messageId = typeof id === 'string' || Number.isSafeInteger(id) ? String(id) : '';
  if (!message || !/^[1-9]\d{0,18}$/.test(messageId)) {
    return { status: 'unknown', reason: 'malformed_answer' };
  }
  if (FINAL_FAILURES.has(asNumber(message['status']) ?? 0)) {
    return { status: 'failed', reason: 'rejected', messageId };
  }
  return { status: 'accepted', messageId, cost: asNumber(message['cost']) };
}

/** Why SMS Aero refused. @param envelope the JSON object of the body, if it is one */
export function refusalReason({ statusCode, body }: GateAnswer, envelope: Fields | undefined): FailureReason {
  if (statusCode === 401) return 'unauthorized';
  if (statusCode === 402) return 'no_money';
  if (statusCode === 429) return 'rate_limited';
  // The fields stand in `data`, in older answers in `message`.
  const fields = asObject(envelope?.['data']) ?? asObject(envelope?.['message']);
  return reasonInWords(body) ?? reasonByField(fields) ?? (envelope ? 'rejected' : 'malformed_answer');
}

/**
 * Reasons that only the words tell. "Invalid ip-address" and "Not enough money" are documented; `no credits` is what API v1
 * said; the wording of the others is not documented, so they are recognised loosely.
 */
function reasonInWords(body: string): FailureReason | undefined {
  const words = body.slice(0, 2_000).toLowerCase();
  if (words.includes('ip-address')) return 'ip_not_allowed';
  if (/not enough money|no credits|insufficient/.test(words)) return 'no_money';
  if (/black\s?-?list/.test(words)) return 'blacklisted';
  if (/too many requests|limit exceeded|exceeded limit/.test(words)) return 'rate_limited';
  if (/invalid credentials|incorrect user or password/.test(words)) return 'unauthorized';
  if (/sign is not approved|incorrect sender name/.test(words)) return 'bad_sender_name';
  if (/incorrect number/.test(words)) return 'invalid_recipient';
  return undefined;
}

/** Validation errors name the fields: `{"data":{"sign":["incorrect"]}}`; the configuration's fault comes before the caller's. */
function reasonByField(fields: Fields | undefined): FailureReason | undefined {
  if (fields?.['sign'] !== undefined) return 'bad_sender_name';
  if (fields?.['number'] !== undefined || fields?.['numbers'] !== undefined) return 'invalid_recipient';
  return undefined;
}

function withRetryAfter(failure: SendFailed, answer: GateAnswer): SendFailed {
  const seconds = asNumber(answer.retryAfter); // a date, the header's other form, is not worth a parser here
  return seconds !== undefined && seconds > 0
    ? { ...failure, retryAfter: Math.min(MAX_RETRY_AFTER, Math.ceil(seconds)) }
    : failure;
}
