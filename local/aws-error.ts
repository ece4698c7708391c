import { ServiceError } from '../lib/errors.ts';
/** An error as an AWS service answers it: HTTP status, `__type`, message. */
export class AwsError extends ServiceError {
  override name = 'AwsError';
  /** The error's `__type`, as in the service's model. */
  readonly type: string;
  readonly status: number;

  constructor(type: string, message = '', status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

/** `AccessDeniedException` in the words of IAM. */
export function accessDenied(service: string, operation: string, resource: string): AwsError {
  const caller = 'User: arn:aws:sts::000000000000:assumed-role/local/local';
  const action = `${service}:${operation}`;
  return new AwsError(
    'AccessDeniedException',
    `${caller} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
  );
}
