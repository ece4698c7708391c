import type * as z from 'zod/mini';
import type { Outcome } from '../outcome.ts';
import type { acceptedSchema, errorSchema } from './reply-schemas.ts';

/** An answer in the form that HTTP APIs, REST APIs and Function URLs take from a function. */
export interface HttpReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What was wrong with a field of a request: where, and a code of zod's; never the value. */
export interface FieldProblem {
  readonly path: string;
  readonly code: string;
}

/** An error as the caller gets it. */
interface ErrorReply {
  readonly statusCode: number;
  /** Seconds, for the `Retry-After` header. */
  readonly retryAfter?: number | undefined;
  /** One neutral sentence: Logto, authentik and Supabase show it to the person who is signing in. */
  readonly message: string;
}

/** Seconds after which a caller may ask again when SMS Aero or Parameter Store could not be reached. */
const RETRY_SOON = 5;

const NOT_SENT_NOW = 'The message cannot be sent right now. Try again in a moment.';
const NOT_DELIVERABLE = 'This phone number cannot receive messages.';
const SERVICE_PROBLEM = 'The message could not be sent.';

/** Every error code of the HTTP doors. Nothing of SMS Aero's answer shows in any of them. */
export const ERRORS = {
  invalid_request: { statusCode: 400, message: 'The request is not valid.' },
  invalid_recipient: { statusCode: 400, message: NOT_DELIVERABLE },
  text_too_long: { statusCode: 400, message: 'The message is too long.' },
  unauthorized: { statusCode: 401, message: 'The request is not authorized.' },
  country_not_allowed: { statusCode: 403, message: 'Messages to this country are not allowed.' },
  not_found: { statusCode: 404, message: 'There is nothing here.' },
  method_not_allowed: { statusCode: 405, message: 'This method is not allowed here.' },
  body_too_large: { statusCode: 413, message: 'The request is too large.' },
  idempotency_conflict: {
    statusCode: 422,
    message: 'The idempotency key was used for another request.',
  },
  rate_exceeded: { statusCode: 429, message: 'Too many messages. Wait a moment before asking for another.' },
  guard_unavailable: { statusCode: 503, retryAfter: RETRY_SOON, message: NOT_SENT_NOW },
  records_unavailable: {
    statusCode: 503,
    retryAfter: RETRY_SOON,
    message: 'The request cannot be answered right now. Try again in a moment.',
  },
  internal_error: { statusCode: 500, message: SERVICE_PROBLEM },
  gateway_refused: { statusCode: 502, message: SERVICE_PROBLEM },
  gateway_unavailable: { statusCode: 503, retryAfter: RETRY_SOON, message: NOT_SENT_NOW },
  configuration_unavailable: { statusCode: 503, retryAfter: RETRY_SOON, message: NOT_SENT_NOW },
  outcome_unknown: {
    statusCode: 504,
    message: 'The message may be on its way. Wait a moment before asking for another.',
  },
} as const satisfies Record<string, ErrorReply>;

/** A code of an error body. */
export type ErrorCode = keyof typeof ERRORS;

/**
 * The answer to an error.
 *
 * @param code what went wrong
 * @param requestId the id that the log lines carry
 * @param details fields with problems; seconds after which to ask again; the delivery that is meant; the allowed method
 */
export function errorReply(
  code: ErrorCode,
  requestId: string,
  details: {
    fields?: readonly FieldProblem[] | undefined;
    retryAfter?: number | undefined;
    deliveryId?: string | undefined;
    allow?: string | undefined;
  } = {},
): HttpReply {
  const error: ErrorReply = ERRORS[code];
  const retryAfter = details.retryAfter ?? error.retryAfter;
  const { fields, deliveryId, allow } = details;
  const body: z.input<typeof errorSchema> = {
    status: 'error',
    code,
    message: error.message,
    requestId,
    fields,
    id: deliveryId,
  };
  return jsonReply(error.statusCode, requestId, body, {
    ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
    ...(allow === undefined ? {} : { Allow: allow }),
  });
}

/** The answer to an outcome, for every platform without rules of its own. */
export function outcomeReply(outcome: Outcome, requestId: string): HttpReply {
  switch (outcome.status) {
    case 'accepted':
      return jsonReply(200, requestId, {
        status: 'accepted',
        messageId: outcome.messageId,
      } satisfies z.input<typeof acceptedSchema>);
    case 'duplicate':
      return outcomeReply(outcome.of, requestId);
    case 'unknown':
      return errorReply('outcome_unknown', requestId);
    case 'refused':
      return errorReply(outcome.reason, requestId, { retryAfter: outcome.retryAfter });
    case 'failed':
      return failureReply(outcome.reason, requestId, outcome.retryAfter);
  }
}

function failureReply(
  reason: Extract<Outcome, { status: 'failed' }>['reason'],
  requestId: string,
  retryAfter: number | undefined,
): HttpReply {
  switch (reason) {
    case 'invalid_recipient':
    case 'blacklisted':
      return errorReply('invalid_recipient', requestId);
    case 'rate_limited':
    case 'unavailable':
      return errorReply('gateway_unavailable', requestId, { retryAfter });
    default:
      return errorReply('gateway_refused', requestId);
  }
}

/** An answer in JSON that nobody may keep. @param body what must not hold a code, a number or a text of a message */
export function jsonReply(
  statusCode: number,
  requestId: string,
  body: object,
  headers: Record<string, string> = {},
): HttpReply {
  return {
    statusCode,
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Request-Id': requestId,
      ...headers,
    },
    body: JSON.stringify(body),
  };
}
