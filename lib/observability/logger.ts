import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { describeError } from './redact.ts';

/** Values that a log line may have beside its message. Only named, known fields: never a whole event, request or answer. */
export type LogFields = Readonly<Record<string, unknown>> & { readonly [Name in Reserved]?: never };

/** Fields that Powertools Logger keeps for itself: it would drop ours, and warn. */
type Reserved = 'level' | 'message' | 'timestamp' | 'service' | 'sampling_rate';

/** What the service logs with: one JSON object a line. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** @param error described without what it may quote, see {@link describeError} */
  error(message: string, error: unknown, fields?: LogFields): void;
}

/** The service's name in log lines and metrics; Powertools' default is `service_undefined`. */
export const SERVICE_NAME = process.env['POWERTOOLS_SERVICE_NAME']?.trim() || 'smsaero';

/** Powertools Logger, which writes no error and no event as it is. */
export class PowertoolsLog implements Log {
  readonly #logger = new Logger({
    serviceName: SERVICE_NAME,
    // The formatter of Powertools prints an error with its message, its cause and all of its properties.
    jsonReplacerFn: (_, value) => (value instanceof Error ? describeError(value) : value),
  });

  /**
   * Names the invocation (`function_request_id`, `cold_start`, the function) in the lines that follow, and decides whether it is one of
   * those that log more. Powertools' middleware does this too, and logs events where `POWERTOOLS_LOGGER_LOG_EVENT` says so: with the codes.
   */
  startInvocation(context: Context): void {
    this.#logger.refreshSampleRateCalculation();
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
