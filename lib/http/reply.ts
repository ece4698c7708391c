import type * as z from 'zod/mini';
import type { Outcome } from '../message/outcome.ts';
import { ERRORS, type ErrorCode, type ErrorReply, type FieldProblem } from './errors.ts';
import type { acceptedSchema, errorSchema } from './reply-schemas.ts';

/** An answer in the form that HTTP APIs and Function URLs take from a function. */
export interface HttpReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

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
      // Only commands expire, and nobody waits for an answer to them.
      return errorReply(outcome.reason === 'expired' ? 'internal_error' : outcome.reason, requestId, {
        retryAfter: outcome.retryAfter,
      });
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
