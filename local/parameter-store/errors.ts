/** An error as Parameter Store answers it: HTTP status, `__type`, message. */
export class ParameterStoreError extends Error {
  override name = 'ParameterStoreError';
  /** The error's `__type`, as in the service model of AWS Systems Manager. */
  readonly type: string;
  /** HTTP status. */
  readonly status: number;

  constructor(type: string, message = '', status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

/** `ValidationException`, what AWS answers to malformed input. */
export function validation(message: string): ParameterStoreError {
  return new ParameterStoreError('ValidationException', message);
}

/** `ValidationException` in the words of AWS's own checks of a member's length, range or choice. */
export function constraint(member: string, value: unknown, rule: string): ParameterStoreError {
  return validation(
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: ${rule}`,
  );
}
