import middy, { type Request } from '@middy/core';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { ConfigurationError } from './config/parameters.ts';
import { HttpError } from './http/errors.ts';
import { type Answer, defaultReply, type HttpReply, type Reply } from './http/reply.ts';
import type { PowertoolsLog } from './observability/logger.ts';
import { describeError } from './observability/redact.ts';

export interface HandlerOptions {
  readonly log: PowertoolsLog;
  /** Time between the deadline and the end of the function for what follows the work: a record, a log line, the answer. In ms; 500 by default. */
  readonly shutdownMarginMs?: number;
  /** The longest that the work may take, in ms; by default as long as the function may run. */
  readonly timeoutMs?: number;
}

export interface HttpHandlerOptions extends HandlerOptions {
  /** How the caller of a request expects to be told of an error; by default {@link defaultReply}. */
  readonly replyFor?: (event: APIGatewayProxyEventV2) => Reply;
}

/** What a handler is told of its invocation. */
export interface Invocation {
  /** The id that the log lines carry. */
  readonly requestId: string;
  /** When the work must have ended, in ms of the Unix epoch. */
  readonly deadline: number;
}

export type Handle<Event, Result> = (event: Event, invocation: Invocation) => Promise<Result>;

/** The one sentence that a person may see when Cognito passes the error of a trigger on. */
const NEUTRAL = 'The code could not be sent. Try again in a moment.';

/**
 * A function behind an HTTP API or a Function URL: every error becomes an answer and one log line.
 *
 * Middy's error handler and body parsers are not used: they log and carry the raw body, which holds the code.
 */
export const httpHandler = (options: HttpHandlerOptions, handle: Handle<APIGatewayProxyEventV2, HttpReply>) =>
  create(options, handle, (request) => {
    const answer = answerToError(request.error, options.log);
    request.response = replyTo(request.event, options)(answer, request.context.awsRequestId);
  });

/** A function that AWS invokes by itself: an error is logged, and fails the invocation with its name and a safe message. */
export const asyncHandler = <Event, Result>(options: HandlerOptions, handle: Handle<Event, Result>) =>
  create(options, handle, (request) => {
    options.log.error('event not handled', request.error);
    const { name, message } = describeError(request.error);
    request.error = Object.assign(new Error(message), { name, stack: `${name}: ${message}` });
  });

/** A trigger whose error Cognito shows to the caller: it fails with one neutral sentence, whatever happened. */
export const triggerHandler = <Event, Result>(options: HandlerOptions, handle: Handle<Event, Result>) =>
  create(options, handle, (request) => {
    options.log.error('event not handled', request.error);
    request.error = Object.assign(new Error(NEUTRAL), { stack: NEUTRAL });
  });

/**
 * Middy's early time-out is off: it would answer "not sent" while the message is under way. The deadline comes before.
 *
 * @param onError sets the answer to an error, or the error that Lambda prints and keeps with all of its properties. It must not throw that
 *   one: Middy would add the original error to it
 */
function create<Event, Result>(
  { log, shutdownMarginMs = 500, timeoutMs = Number.POSITIVE_INFINITY }: HandlerOptions,
  handle: Handle<Event, Result>,
  onError: (request: Request<Event, Result>) => void,
) {
  return middy<Event, Result>({ timeoutEarlyInMillis: 0 })
    .before(({ context }) => log.startInvocation(context))
    .onError(onError)
    .handler((event: Event, context: Context) => {
      const remaining = context.getRemainingTimeInMillis() - shutdownMarginMs;
      const deadline = Date.now() + Math.min(timeoutMs, remaining);
      return handle(event, { requestId: context.awsRequestId, deadline });
    });
}

/** How to answer an event, which may be no request at all: that is why `handle` failed, and it is logged by then. */
function replyTo(event: APIGatewayProxyEventV2, { replyFor }: HttpHandlerOptions): Reply {
  try {
    return replyFor?.(event) ?? defaultReply;
  } catch {
    return defaultReply;
  }
}

function answerToError(error: unknown, log: PowertoolsLog): Answer {
  if (error instanceof HttpError) {
    log.warn('request refused', { reason: error.code, fields: error.fields });
    return { status: 'error', code: error.code, fields: error.fields, allow: error.allow };
  }
  if (error instanceof ConfigurationError) {
    log.error('configuration unavailable', error, { reason: error.code });
    return { status: 'error', code: 'configuration_unavailable' };
  }
  log.error('unexpected error', error);
  return { status: 'error', code: 'internal_error' };
}
