import { randomBytes } from 'node:crypto';
import { AwsError } from '../aws-json.ts';
import { keyIdOf, open, seal } from './ciphertext.ts';
import { dataKeyLength, encryptionContext, type Input, requiredBytes, requiredText, text } from './input.ts';
import type { Keys } from './keys.ts';

/** What an operation works on. */
export interface Context {
  keys: Keys;
  /** Region of the caller's signature. */
  region: string;
}

type Operation = (context: Context, input: Input) => object;

const symmetric = { EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };

const dataKey =
  (operation: string, withPlaintext: boolean): Operation =>
  ({ keys, region }, input) => {
    const key = keys.use(requiredText(input, 'KeyId'), region, operation);
    const plaintext = randomBytes(dataKeyLength(input));
    return {
      CiphertextBlob: seal(key.id, key.material, plaintext, encryptionContext(input)).toString('base64'),
      KeyId: key.arn,
      ...(withPlaintext ? { Plaintext: plaintext.toString('base64') } : {}),
    };
  };

const encrypt: Operation = ({ keys, region }, input) => {
  const key = keys.use(requiredText(input, 'KeyId'), region, 'Encrypt');
  const plaintext = requiredBytes(input, 'Plaintext', 4096);
  const blob = seal(key.id, key.material, plaintext, encryptionContext(input));
  return { CiphertextBlob: blob.toString('base64'), KeyId: key.arn, ...symmetric };
};

const decrypt: Operation = ({ keys, region }, input) => {
  const blob = requiredBytes(input, 'CiphertextBlob', 6144);
  const wanted = text(input, 'KeyId');
  const asked = wanted === undefined ? undefined : keys.use(wanted, region, 'Decrypt');
  const id = keyIdOf(blob);
  if (asked && asked.id !== id) {
    throw new AwsError(
      'IncorrectKeyException',
      'The key ID in the request does not identify a CMK that can perform this operation.',
    );
  }
  const made = keys.byId(id);
  if (!made || made.region !== region) {
    // AWS does not tell whether a key exists that the caller has not named.
    throw new AwsError(
      'AccessDeniedException',
      'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
    );
  }
  const key = asked ?? keys.use(made.arn, region, 'Decrypt');
  const plaintext = open(key.material, blob, encryptionContext(input));
  return { KeyId: key.arn, Plaintext: plaintext.toString('base64'), ...symmetric };
};

/** The operations that the stand-in knows (AWS Key Management Service API, version 2014-11-01). */
export const operations: ReadonlyMap<string, Operation> = new Map([
  ['GenerateDataKey', dataKey('GenerateDataKey', true)],
  ['GenerateDataKeyWithoutPlaintext', dataKey('GenerateDataKeyWithoutPlaintext', false)],
  ['Encrypt', encrypt],
  ['Decrypt', decrypt],
]);
