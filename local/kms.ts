import { randomBytes, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { AwsError, type AwsJsonServer, arn, type Input, requiredText, startAwsJson } from './aws-json.ts';

/** A data key that was made, by its ciphertext. */
interface DataKey {
  readonly KeyId: string;
  readonly Plaintext: string;
  readonly context: unknown;
}

export interface Kms extends AwsJsonServer {
  /** Makes a symmetric key. @returns its ARN */
  createKey(): string;
}

/**
 * Starts KMS (AWS Key Management Service API, version 2014-11-01) with GenerateDataKey and Decrypt, which is what a message with one data
 * key takes, for the AWS Encryption SDK with an `endpoint` or `AWS_ENDPOINT_URL_KMS`. It remembers what it made: a ciphertext is random, and
 * means nothing to another process.
 *
 * @param options `keys`: ARNs of keys that exist at first
 */
export async function startKms(options: { readonly keys?: readonly string[] } = {}): Promise<Kms> {
  const keys = new Set(options.keys);
  const made = new Map<string, DataKey>();

  const operations: Readonly<Record<string, (input: Input) => object>> = {
    GenerateDataKey(input) {
      const KeyId = requiredText(input, 'KeyId');
      if (!keys.has(KeyId)) throw new AwsError('NotFoundException', `Key '${KeyId}' does not exist`);
      const Plaintext = randomBytes(Number(input['NumberOfBytes'])).toString('base64');
      const CiphertextBlob = randomBytes(64).toString('base64');
      made.set(CiphertextBlob, { KeyId, Plaintext, context: input['EncryptionContext'] ?? {} });
      return { KeyId, Plaintext, CiphertextBlob };
    },
    Decrypt(input) {
      const found = made.get(requiredText(input, 'CiphertextBlob'));
      // Changed bytes and another encryption context look the same to a caller.
      if (!found || !isDeepStrictEqual(found.context, input['EncryptionContext'] ?? {})) {
        throw new AwsError('InvalidCiphertextException');
      }
      const { KeyId, Plaintext } = found;
      return { KeyId, Plaintext, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },
  };

  const server = await startAwsJson({
    service: 'kms',
    target: 'TrentService',
    serverError: 'KMSInternalException',
    run: (operation, input) => operations[operation]?.(input),
  });
  const createKey = () => {
    const keyArn = arn('kms', `key/${randomUUID()}`);
    keys.add(keyArn);
    return keyArn;
  };
  return { ...server, createKey };
}
