import type { Context } from 'aws-lambda';
import { serviceName, writeLine } from './output.ts';
import { describeError } from './redact.ts';

/** Values that a log line may have beside its message. Only named, known fields: never a whole event, request or answer. */
export type LogFields = Readonly<Record<string, unknown>> & { readonly [Name in Reserved]?: never };

/** Fields that are the line's own. */
type Reserved = 'level' | 'message' | 'timestamp' | 'service' | 'sampling_rate';

/** What the service logs with: one JSON object a line on standard output. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** @param error described without what it may quote, see {@link describeError} */
  error(message: string, error: unknown, fields?: LogFields): void;
}

/** Levels as Powertools Logger numbers them. */
const LEVELS: Readonly<Record<string, number>> = {
  TRACE: 6,
  DEBUG: 8,
  INFO: 12,
  WARN: 16,
  ERROR: 20,
  CRITICAL: 24,
  SILENT: 28,
};

/**
 * The log in the form of Powertools Logger, whose line takes three times the CPU: the same fields in the same order, level from
 * `AWS_LAMBDA_LOG_LEVEL` or `POWERTOOLS_LOG_LEVEL`, service name from `POWERTOOLS_SERVICE_NAME`. A test holds it against Powertools Logger.
 */
export class PowertoolsLog implements Log {
  readonly #least = leastLevel();
  readonly #service = `"service":${JSON.stringify(serviceName())}`;
  /** The part of a line that is the same for all lines of an invocation. */
  #common = `${this.#service},${fieldsOf({ sampling_rate: samplingRate(), xray_trace_id: traceId() })}`;
  #coldStart = process.env['AWS_LAMBDA_INITIALIZATION_TYPE']?.trim() === 'on-demand';

  /** Names the invocation (`function_request_id`, `cold_start`, the function) in the lines that follow. */
  startInvocation(context: Context): void {
    const fields = {
      cold_start: this.#coldStart,
      function_arn: context.invokedFunctionArn,
      function_memory_size: context.memoryLimitInMB,
      function_name: context.functionName,
      function_request_id: context.awsRequestId,
      sampling_rate: samplingRate(),
      xray_trace_id: traceId(),
      tenant_id: context.tenantId,
    };
    this.#coldStart = false;
    this.#common = `${this.#service},${fieldsOf(fields)}`;
  }

  info(message: string, fields: LogFields = {}): void {
    this.#write('INFO', message, fields);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#write('WARN', message, fields);
  }

  error(message: string, error: unknown, fields: LogFields = {}): void {
    this.#write('ERROR', message, { ...fields, problem: describeError(error) });
  }

  #write(level: 'INFO' | 'WARN' | 'ERROR', message: string, fields: LogFields): void {
    if ((LEVELS[level] ?? 0) < this.#least) return;
    const time = new Date().toISOString();
    const head = `{"level":"${level}","message":${JSON.stringify(message)},"timestamp":"${time}",${this.#common}`;
    const own = fieldsOf(fields);
    writeLine(level === 'INFO' ? 'stdout' : 'stderr', own === '' ? `${head}}` : `${head},${own}}`);
  }
}

/** The fields of a JSON object without its braces; what is empty is left out. */
function fieldsOf(fields: Readonly<Record<string, unknown>>): string {
  const kept: Record<string, unknown> = {};
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined && value !== null && value !== '') kept[name] = value;
  }
  return JSON.stringify(kept).slice(1, -1);
}

/** The least level that is written; Lambda's own setting comes before ours. */
function leastLevel(): number {
  const { AWS_LAMBDA_LOG_LEVEL: lambda, POWERTOOLS_LOG_LEVEL: own, LOG_LEVEL: alias } = process.env;
  const name = lambda?.trim() === 'FATAL' ? 'CRITICAL' : lambda?.trim();
  return LEVELS[name ?? ''] ?? LEVELS[own?.trim() || alias?.trim() || ''] ?? 12;
}

/** Which share of invocations logs at level DEBUG; the service has no lines of that level. */
function samplingRate(): number {
  const rate = Number(process.env['POWERTOOLS_LOGGER_SAMPLE_RATE']?.trim() || 0);
  return rate >= 0 && rate <= 1 ? rate : 0;
}

function traceId(): string | undefined {
  const trace = process.env['_X_AMZN_TRACE_ID']?.trim();
  return trace?.includes('=') ? /(?:^|;)Root=([^;]*)/.exec(trace)?.[1] : trace;
}
