/** An error that a service answered. */
export class AwsError extends Error {
  /** HTTP status. */
  readonly status: number;
  /** The answer, parsed. */
  readonly output: Readonly<Record<string, unknown>>;

  constructor(name: string, message: string, status: number, output: Readonly<Record<string, unknown>>) {
    super(message);
    this.name = name;
    this.status = status;
    this.output = output;
  }
}

/** From the SDK's own lists (`@smithy/core/retry`, service-error-classification). */
const THROTTLED = new Set([
  'BandwidthLimitExceeded',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
]);
const PASSING = new Set([
  'ReplicatedWriteConflictException',
  'TimeoutError',
  'RequestTimeout',
  'RequestTimeoutException',
]);
const PASSING_STATUS = new Set([500, 502, 503, 504]);
const PASSING_CODES = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Whether the service was asked too often. */
export function isThrottled(error: unknown): boolean {
  return error instanceof AwsError && (THROTTLED.has(error.name) || error.status === 429);
}

/** Whether another try may go well. */
export function isPassing(error: unknown): boolean {
  if (error instanceof AwsError) {
    return isThrottled(error) || PASSING.has(error.name) || PASSING_STATUS.has(error.status);
  }
  const { name, code } = error as NodeJS.ErrnoException;
  return PASSING.has(name) || PASSING_CODES.has(code ?? '');
}
