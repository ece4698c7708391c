import type * as z from 'zod/mini';
import { ServiceError } from '../errors.ts';

/** An error as the caller gets it. */
export interface ErrorReply {
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

/** Every error code of the HTTP functions. Nothing of SMS Aero's answer shows in any of them. */
export const ERRORS = {
  invalid_request: { statusCode: 400, message: 'The request is not valid.' },
  invalid_recipient: { statusCode: 400, message: NOT_DELIVERABLE },
  text_too_long: { statusCode: 400, message: 'The message is too long.' },
  call_not_supported: {
    statusCode: 400,
    message: 'Codes are sent as text messages, not by phone call.',
  },
  unauthorized: { statusCode: 401, message: 'The request is not authorized.' },
  country_not_allowed: { statusCode: 403, message: 'Messages to this country are not allowed.' },
  range_not_allowed: { statusCode: 403, message: 'Messages to this number are not allowed.' },
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

export type ErrorCode = keyof typeof ERRORS;

/** What may be wrong with a field beside what zod says. */
export const FIELD_CODES = ['invalid_json', 'missing', 'missing_code', 'repeated_name'] as const;

/** What was wrong with a field of a request or a command: where, and a code; never the value. */
export interface FieldProblem {
  readonly path: string;
  readonly code: (typeof FIELD_CODES)[number] | z.core.$ZodIssue['code'];
}

/** What does not fit a schema. */
export const problemsOf = (error: z.core.$ZodError): FieldProblem[] =>
  error.issues.map(({ path, code }) => ({ path: path.map(String).join('.'), code }));

export class HttpError extends ServiceError {
  override readonly name = 'HttpError';
  readonly code: ErrorCode;
  readonly fields: readonly FieldProblem[] | undefined;
  readonly allow: string | undefined;

  constructor(code: ErrorCode, fields?: readonly FieldProblem[], allow?: string) {
    super(code);
    this.code = code;
    this.fields = fields;
    this.allow = allow;
  }
}
