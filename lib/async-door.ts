import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import type { PowertoolsLog } from './observability/logger.ts';
import { describeError } from './observability/redact.ts';

/**
 * The middleware of functions that AWS invokes on its own account: logs an error, and throws it on in a form that Lambda may print
 * and keep: name and safe message, no cause.
 */
export function asyncDoor<Result>(log: PowertoolsLog): MiddlewareObj<unknown, Result, Error, Context> {
  return doorThat(log, (error) => {
    const { name, message } = describeError(error);
    return Object.assign(new Error(message), { name, stack: `${name}: ${message}` });
  });
}

/** The one sentence that a person may see when Cognito passes the error of a trigger on. */
const NEUTRAL = 'The code could not be sent. Try again in a moment.';

/** The middleware of functions whose error Cognito shows to the caller: one neutral sentence, whatever it was. */
export function triggerDoor(log: PowertoolsLog): MiddlewareObj<unknown, unknown, Error, Context> {
  return doorThat(log, () => Object.assign(new Error(NEUTRAL), { stack: NEUTRAL }));
}

function doorThat<Result>(
  log: PowertoolsLog,
  shown: (error: unknown) => Error,
): MiddlewareObj<unknown, Result, Error, Context> {
  return {
    before: ({ context }) => log.startInvocation(context),
    onError: ({ error }) => {
      log.error('event not handled', error);
      throw shown(error);
    },
  };
}
