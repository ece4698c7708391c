import type * as z from 'zod/mini';
import type { Accepted, Outcome } from '../message/outcome.ts';
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
 * @param requestId the id that the log lines carry
 * @param details what the caller may be told beside the code
 */
export function errorReply(code: ErrorCode, requestId: string, details: ErrorDetails = {}): HttpReply {
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

export interface ErrorDetails {
  /** Which fields were wrong, for `invalid_request`. */
  readonly fields?: readonly FieldProblem[] | undefined;
  /** Seconds after which to ask again. */
  readonly retryAfter?: number | undefined;
  /** The delivery that is meant, for `outcome_unknown`. */
  readonly deliveryId?: string | undefined;
  /** Which method is allowed, for `method_not_allowed`. */
  readonly allow?: string | undefined;
}

/** How a request of a platform ended: what a {@link Reply} turns into HTTP. */
export type Answer =
  | { readonly status: 'accepted'; readonly message: Accepted; readonly isDuplicate: boolean }
  | ({ readonly status: 'error'; readonly code: ErrorCode } & ErrorDetails);

/** Writes an answer as a caller expects it. It must not throw. @param requestId the id that the log lines carry */
export type Reply = (answer: Answer, requestId: string) => HttpReply;

/** The reply for every caller without particular rules. */
export const defaultReply: Reply = (answer, requestId) =>
  answer.status === 'accepted'
    ? jsonReply(200, requestId, {
        status: 'accepted',
        messageId: answer.message.messageId,
      } satisfies z.input<typeof acceptedSchema>)
    : errorReply(answer.code, requestId, { ...answer, deliveryId: undefined });

/** What an outcome means to whoever asked. */
export function answerTo(outcome: Outcome): Answer {
  switch (outcome.status) {
    case 'accepted':
      return { status: 'accepted', message: outcome, isDuplicate: false };
    case 'duplicate':
      return outcome.of.status === 'accepted'
        ? { status: 'accepted', message: outcome.of, isDuplicate: true }
        : answerTo(outcome.of);
    case 'unknown':
      return { status: 'error', code: 'outcome_unknown', deliveryId: outcome.deliveryId };
    case 'refused':
      // Only commands expire, and nobody waits for an answer to them.
      return {
        status: 'error',
        code: outcome.reason === 'expired' ? 'internal_error' : outcome.reason,
        retryAfter: outcome.retryAfter,
      };
    case 'failed':
      return failure(outcome);
  }
}

function failure({ reason, retryAfter }: Extract<Outcome, { status: 'failed' }>): Answer {
  switch (reason) {
    case 'invalid_recipient':
    case 'blacklisted':
      return { status: 'error', code: 'invalid_recipient' };
    case 'rate_limited':
    case 'unavailable':
      return { status: 'error', code: 'gateway_unavailable', retryAfter };
    default:
      return { status: 'error', code: 'gateway_refused' };
  }
}

/** An answer in JSON that nobody may keep. @param body what must not hold a code, a number or a text of a message */
export function jsonReply(
  statusCode: number,
  requestId: string,
  body: object | string,
  headers: Readonly<Record<string, string>> = {},
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

/** An answer without a body that nobody may keep. */
export function emptyReply(statusCode: number, requestId: string): HttpReply {
  return { statusCode, headers: { 'Cache-Control': 'no-store', 'X-Request-Id': requestId }, body: '' };
}

/** The default answers of a platform that would ask again, or stop the person, after an error: what may have been sent is a 204. */
export function unknownAsSent(answer: Answer, requestId: string): HttpReply {
  return answer.status === 'error' && answer.code === 'outcome_unknown'
    ? emptyReply(204, requestId)
    : defaultReply(answer, requestId);
}
