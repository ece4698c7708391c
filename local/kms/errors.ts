/** An error as KMS answers it: HTTP status, `__type`, message. */
export class KmsError extends Error {
  override name = 'KmsError';
  /** The error's `__type`, as in the service model of AWS Key Management Service. */
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
export function validation(message: string): KmsError {
  return new KmsError('ValidationException', message);
}

/** `NotFoundException` for a key that does not exist here. */
export function notFound(arn: string): KmsError {
  return new KmsError('NotFoundException', `Key '${arn}' does not exist`);
}

/** `AccessDeniedException` in the words of IAM. */
export function accessDenied(operation: string, resource: string): KmsError {
  const caller = 'User: arn:aws:sts::000000000000:assumed-role/local/local';
  return new KmsError(
    'AccessDeniedException',
    `${caller} is not authorized to perform: kms:${operation} on resource: ${resource} because no identity-based policy allows the kms:${operation} action`,
  );
}

/** `InvalidCiphertextException`: bytes that are no ciphertext of KMS, or another encryption context. AWS gives no reason. */
export function invalidCiphertext(): KmsError {
  return new KmsError('InvalidCiphertextException');
}
