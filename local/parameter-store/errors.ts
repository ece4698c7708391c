import { AwsError } from '../aws-json.ts';

/** `ValidationException`, what AWS answers to malformed input. */
export function validation(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

/** `ValidationException` in the words of AWS's own checks of a member's length, range or choice. */
export function constraint(member: string, value: unknown, rule: string): AwsError {
  return validation(
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: ${rule}`,
  );
}
