import { AwsError, type Input } from '../aws-json.ts';

export type { Input };

import type { EncryptionContext } from './ciphertext.ts';
import { validation } from './errors.ts';

/** A member that is a text if it is there. */
export function text(input: Input, member: string): string | undefined {
  const value = input[member] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw new AwsError('SerializationException', `${member} is not a string`);
}

/** A member that must be a text. */
export function requiredText(input: Input, member: string): string {
  const value = text(input, member);
  if (value) return value;
  const camel = `${member[0]?.toLowerCase()}${member.slice(1)}`;
  throw validation(
    `1 validation error detected: Value ${value === undefined ? 'null' : "''"} at '${camel}' failed to satisfy constraint: Member must ${value === undefined ? 'not be null' : 'have length greater than or equal to 1'}`,
  );
}

/** A member of bytes, which travel in base64: 1 to `most` of them. */
export function requiredBytes(input: Input, member: string, most: number): Buffer {
  const bytes = Buffer.from(requiredText(input, member), 'base64');
  if (bytes.length >= 1 && bytes.length <= most) return bytes;
  const camel = `${member[0]?.toLowerCase()}${member.slice(1)}`;
  throw validation(
    `1 validation error detected: Value at '${camel}' failed to satisfy constraint: Member must have length less than or equal to ${most}`,
  );
}

/** `EncryptionContext`: texts by name, none unless told. */
export function encryptionContext(input: Input): EncryptionContext {
  const context = input['EncryptionContext'] ?? {};
  const isMap = typeof context === 'object' && !Array.isArray(context);
  if (isMap && Object.values(context).every((value) => typeof value === 'string')) {
    return context as EncryptionContext;
  }
  throw new AwsError('SerializationException', 'EncryptionContext is not a map of strings');
}

/**
 * Length of a data key in bytes: either `NumberOfBytes` (1 to 1024) or `KeySpec` (`AES_128`, `AES_256`).
 * @throws AwsError `ValidationException`.
 */
export function dataKeyLength(input: Input): number {
  const { NumberOfBytes: bytes, KeySpec: spec } = input;
  if ((bytes ?? spec) === undefined || (bytes !== undefined && spec !== undefined)) {
    throw validation('Please specify either number of bytes or key spec.');
  }
  const length = { AES_128: 16, AES_256: 32 }[String(spec)] ?? bytes;
  if (Number.isInteger(length) && Number(length) >= 1 && Number(length) <= 1024) return Number(length);
  throw validation(
    `1 validation error detected: Value '${String(bytes ?? spec)}' at '${bytes === undefined ? 'keySpec' : 'numberOfBytes'}' failed to satisfy constraint`,
  );
}
