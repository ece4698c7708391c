import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import { ConfigurationError } from '../config/parameters.ts';
import type { PowertoolsLog } from '../observability/logger.ts';
import { HttpError } from './error.ts';
import { errorReply, type HttpReply } from './reply.ts';
import { type HttpRequest, readHttpEvent } from './request.ts';

/**
 * The middleware of every HTTP door: makes an {@link HttpRequest} of the event, and an answer and one log line of every error.
 *
 * Middy's own error handler and body parser are not used: they log and carry the raw body, which holds the code.
 */
export function httpDoor(log: PowertoolsLog): MiddlewareObj<HttpRequest, HttpReply, Error, Context> {
  return {
    before: (request) => {
      log.startInvocation(request.context);
      request.event = readHttpEvent(request.event);
    },
    onError: (request) => {
      request.response = replyTo(request.error, request.context.awsRequestId, log);
    },
  };
}

function replyTo(error: unknown, requestId: string, log: PowertoolsLog): HttpReply {
  if (error instanceof HttpError) {
    log.warn('request refused', { reason: error.code, fields: error.fields });
    return errorReply(error.code, requestId, { fields: error.fields, allow: error.allow });
  }
  if (error instanceof ConfigurationError) {
    log.error('configuration unavailable', error, { reason: error.code });
    return errorReply('configuration_unavailable', requestId);
  }
  log.error('unexpected error', error);
  return errorReply('internal_error', requestId);
}
