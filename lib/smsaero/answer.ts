import { asNumber, asObject, type Fields, parseObject } from '../json.ts';
import { type Channel, type MessageStatus, messageIdOf, statusOfCode } from './message-status.ts';
import type { FailureReason, SendFailed, SendResult } from './send-result.ts';

/** An HTTP answer of a gate, read to its end, cut off at the limit, or broken off. */
export interface GateAnswer {
  readonly statusCode: number;
  /** The `Retry-After` header. */
  readonly retryAfter?: string | undefined;
  readonly body: string;
  /** Whether the body is whole; false if it was longer than the limit, or if only the status (3xx, 4xx) is known. */
  readonly complete: boolean;
}

/** How API v1 refused, and what the vendor's SDKs still look for in v2; its `accepted` is not a refusal. */
const LEGACY_REFUSALS: ReadonlySet<unknown> = new Set(['reject', 'no credits']);

/** The longest time to wait that is passed on, in s: a header from outside is not repeated as it is. */
const MAX_RETRY_AFTER = 3_600;

/**
 * Reads the answer to `sms/send` or `telegram/send`.
 *
 * Accepted is a 2xx with a JSON object whose `success` is `true` and whose `data`, an object or an array of one, has a message
 * id; ids, statuses and costs may be numbers or strings. A refusal needs SMS Aero's word (`success: false`) or a 3xx or 4xx
 * status. All else that was answered leaves open whether a message was sent.
 */
export function readAnswer(answer: GateAnswer, channel: Channel = 'sms'): SendResult {
  const { statusCode } = answer;
  if (statusCode >= 500) {
    return { status: 'unknown', reason: 'server_error' };
  }
  const envelope = envelopeOf(answer);
  const word = wordOf(envelope);
  if (statusCode < 300 && envelope?.['success'] === true) {
    return readMessage(envelope['data'], channel);
  }
  return word === 'no' || (statusCode >= 300 && word !== 'yes')
    ? withRetryAfter({ status: 'failed', reason: refusalReason(answer) }, answer)
    : { status: 'unknown', reason: 'malformed_answer' };
}

/**
 * Whether an answer is a refusal that is not SMS Aero's: a redirect, the page of a filter, a proxy's 401, a body that broke off.
 *
 * Its status (3xx, 4xx) says that nothing was accepted, and SMS Aero has not said why, so another gate may be asked. That goes for every
 * such status: also for 401 and 429, for SMS Aero writes both in its envelope, and for 408, which says that no whole request arrived
 * (RFC 9110, 15.5.9).
 */
export function isForeign(answer: GateAnswer): boolean {
  const { statusCode } = answer;
  return statusCode >= 300 && statusCode < 500 && wordOf(envelopeOf(answer)) === undefined;
}

/** The JSON object of a whole body, if it is one. */
export function envelopeOf({ complete, body }: GateAnswer): Fields | undefined {
  return complete ? parseObject(body) : undefined;
}

/** What SMS Aero says in its envelope (API v2 `success`, v1 `result`); undefined for an object that is not its envelope. */
function wordOf(envelope: Fields | undefined): 'yes' | 'no' | undefined {
  const { success, result } = envelope ?? {};
  if (success === true || result === 'accepted') return 'yes';
  return success === false || LEGACY_REFUSALS.has(result) ? 'no' : undefined;
}

function readMessage(data: unknown, channel: Channel): SendResult {
  const message = asObject(Array.isArray(data) ? data[0] : data);
  const messageId = messageIdOf(message?.['id']);
  if (!message || messageId === undefined) {
    return { status: 'unknown', reason: 'malformed_answer' };
  }
  const cost = asNumber(message['cost']);
  const messageStatus = statusOfCode(message['status']);
  if (messageStatus === 'undelivered' || messageStatus === 'rejected') {
    // An SMS is sent for what Telegram does not deliver, so that nothing is known to have failed.
    return channel === 'telegram'
      ? { status: 'accepted', messageId, cost }
      : { status: 'failed', reason: 'rejected', messageId };
  }
  return { status: 'accepted', messageId, messageStatus, cost };
}

/** The answer to the question where a message is. */
export type StatusAnswer =
  | {
      readonly status: 'known';
      readonly message: MessageStatus;
      /** When the operator answered, in ms of the Unix epoch, if SMS Aero says so. */
      readonly at?: number | undefined;
      /** Roubles, if SMS Aero says so. */
      readonly cost?: number | undefined;
      /** Of a message for Telegram: the id of the SMS that was sent since Telegram did not deliver it (`idSms`). */
      readonly smsMessageId?: string | undefined;
    }
  /** SMS Aero does not know the message, or says something of it that is not understood. */
  | { readonly status: 'not_known' }
  /** SMS Aero did not let us ask. */
  | { readonly status: 'refused'; readonly reason: FailureReason }
  /** No gate answered, or what answered was not SMS Aero. */
  | { readonly status: 'unavailable' };

/**
 * Reads the answer to `sms/status` or `telegram/status`, where ids, codes and costs may be numbers or strings.
 *
 * @param messageId the message that was asked for: an answer about another one is not an answer
 */
export function readStatus(answer: GateAnswer, messageId: string): StatusAnswer {
  if (answer.statusCode >= 500) {
    return { status: 'unavailable' };
  }
  const envelope = envelopeOf(answer);
  if (answer.statusCode >= 300 || envelope?.['success'] !== true) {
    const reason = refusalReason(answer);
    if (REFUSALS.has(reason)) return { status: 'refused', reason };
    return { status: wordOf(envelope) === undefined ? 'unavailable' : 'not_known' };
  }
  const { data } = envelope;
  const fields = asObject(Array.isArray(data) ? data[0] : data);
  const smsMessageId = messageIdOf(fields?.['idSms']);
  // Where an SMS took over it says more than a status of Telegram's that is not documented.
  const message = statusOfCode(fields?.['status']) ?? (smsMessageId && 'accepted');
  if (!message || String(fields?.['id']) !== messageId) {
    return { status: 'not_known' };
  }
  const answeredAt = (asNumber(fields?.['dateAnswer']) ?? 0) * 1000;
  const isTime = answeredAt > EARLIEST && answeredAt < LATEST;
  return {
    status: 'known',
    message,
    at: isTime ? answeredAt : undefined,
    cost: asNumber(fields?.['cost']),
    smsMessageId,
  };
}

/** What else stands where a time should (0, a date written as a number) is none: 2010 to 2100, in ms of the Unix epoch. */
const EARLIEST = Date.UTC(2010);
const LATEST = Date.UTC(2100);

/** Refusals that say nothing of the message, but of who asks. */
const REFUSALS: ReadonlySet<FailureReason> = new Set(['unauthorized', 'ip_not_allowed', 'rate_limited']);

/**
 * Why a request was refused. The words of a page are not looked at, for a filter's page says "your IP-address" as well; but the documented
 * sentence is known without an envelope, since how SMS Aero frames it is not documented.
 */
export function refusalReason(answer: GateAnswer): FailureReason {
  const { statusCode, body } = answer;
  if (statusCode === 401) return 'unauthorized';
  if (statusCode === 402) return 'no_money';
  if (statusCode === 429) return 'rate_limited';
  const envelope = envelopeOf(answer);
  if (!envelope) return /^\s*"?invalid ip-address\W*$/i.test(body) ? 'ip_not_allowed' : 'malformed_answer';
  // The fields stand in `data`, in older answers in `message`.
  const fields = asObject(envelope['data']) ?? asObject(envelope['message']);
  const none = wordOf(envelope) === undefined ? 'malformed_answer' : 'rejected';
  return reasonInWords(body) ?? reasonByField(fields) ?? none;
}

/**
 * Reasons that only the words tell. "Invalid ip-address" and "Not enough money" are documented; `no credits` is what API v1
 * said; the wording of the others is not documented, so they are recognised loosely.
 */
function reasonInWords(body: string): FailureReason | undefined {
  const words = body.toLowerCase();
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
