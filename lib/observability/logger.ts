import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { describeError } from './redact.ts';

/** Values that a log line may have beside its message. Only named, known fields: never a whole event, request or answer. */
export type LogFields = Readonly<Record<string, unknown>>;

/** What the service logs with: one JSON object a line on standard output. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** @param error described without what it may quote, see {@link describeError} */
  error(message: string, error: unknown, fields?: LogFields): void;
}

/**
 * The log on Powertools Logger: level from `POWERTOOLS_LOG_LEVEL`, service name from `POWERTOOLS_SERVICE_NAME`.
 *
 * The logger's own ways to print an event or an error are not used: they print everything that is in it.
 */
export class PowertoolsLog implements Log {
  readonly #logger = new Logger({ serviceName: process.env['POWERTOOLS_SERVICE_NAME'] ?? 'smsaero' });

  /** Names the invocation (`function_request_id`, `cold_start`, the function) in the lines that follow. */
  startInvocation(context: Context): void {
    this.#logger.addContext(context);
  }

  info(message: string, fields: LogFields = {}): void {
    this.#logger.info(message, fields);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#logger.warn(message, fields);
  }

  error(message: string, error: unknown, fields: LogFields = {}): void {
    this.#logger.error(message, { ...fields, problem: describeError(error) });
  }
}
