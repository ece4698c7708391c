import { AwsError } from '../aws-json.ts';

/** `ValidationException`, what AWS answers to malformed input. */
export function validation(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

/** `NotFoundException` for a key that does not exist here. */
export function notFound(arn: string): AwsError {
  return new AwsError('NotFoundException', `Key '${arn}' does not exist`);
}

/** `InvalidCiphertextException`: bytes that are no ciphertext of KMS, or another encryption context. AWS gives no reason. */
export function invalidCiphertext(): AwsError {
  return new AwsError('InvalidCiphertextException');
}
