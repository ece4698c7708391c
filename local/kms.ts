import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { AwsError, type AwsJsonServer, arn, type Input, requiredText, startAwsJson } from './aws-json.ts';
import type { Address } from './loopback.ts';

/** What each ciphertext of KMS begins with, whatever key made it: `AQIDAH` in base64. The key's id follows. */
const MAGIC = Buffer.from('0102030078', 'hex');
const HEADER_BYTES = MAGIC.length + 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A symmetric key. Its UUID, the end of its ARN, is in each ciphertext that it makes. */
interface Key {
  readonly arn: string;
  readonly id: string;
  /** 32 bytes. */
  readonly material: Buffer;
}

/** A running stand-in. */
export interface Kms extends AwsJsonServer {
  /** Makes a symmetric key. @returns its ARN */
  createKey(): string;
}

/**
 * Starts KMS (AWS Key Management Service API, version 2014-11-01) with GenerateDataKey and Decrypt,
 * which is what a message with one data key takes, for the AWS Encryption SDK with an `endpoint` or `AWS_ENDPOINT_URL_KMS`. The ciphertexts are real; the keys live
 * as long as the process.
 *
 * @param options `keys`: ARNs of keys that exist at first, each with a UUID at its end
 * @throws the system's error when the port is in use
 */
export async function startKms(options: Address & { readonly keys?: readonly string[] } = {}): Promise<Kms> {
  const keys = new Map<string, Key>();
  const create = (keyArn: string): string => {
    const id = keyArn.slice(keyArn.lastIndexOf('/') + 1);
    keys.set(id, { arn: keyArn, id, material: randomBytes(32) });
    return keyArn;
  };
  const named = (input: Input): Key => {
    const keyArn = requiredText(input, 'KeyId');
    const key = [...keys.values()].find((each) => each.arn === keyArn);
    if (!key) throw new AwsError('NotFoundException', `Key '${keyArn}' does not exist`);
    return key;
  };

  const operations: Readonly<Record<string, (input: Input) => object>> = {
    GenerateDataKey(input) {
      const key = named(input);
      const plaintext = randomBytes(Number(input['NumberOfBytes']));
      return {
        KeyId: key.arn,
        CiphertextBlob: seal(key, plaintext, input),
        Plaintext: plaintext.toString('base64'),
      };
    },
    Decrypt(input) {
      const blob = Buffer.from(requiredText(input, 'CiphertextBlob'), 'base64');
      const isSealed = blob.length >= HEADER_BYTES + IV_BYTES + TAG_BYTES && blob.indexOf(MAGIC) === 0;
      if (!isSealed) throw new AwsError('InvalidCiphertextException');
      const key = keys.get(uuidOf(blob.subarray(MAGIC.length, HEADER_BYTES)));
      if (input['KeyId'] !== undefined && named(input) !== key) {
        const message = 'The key ID in the request does not identify a CMK that can perform this operation.';
        throw new AwsError('IncorrectKeyException', message);
      }
      // AWS does not say whether a key exists that the caller has not named.
      if (!key) {
        throw new AwsError('AccessDeniedException', 'The ciphertext refers to a key that does not exist.');
      }
      return { KeyId: key.arn, Plaintext: open(key, blob, input).toString('base64'), ...ALGORITHM };
    },
  };

  for (const keyArn of options.keys ?? []) create(keyArn);
  const server = await startAwsJson({
    ...options,
    service: 'kms',
    target: 'TrentService',
    serverError: 'KMSInternalException',
    run: (operation, input) => operations[operation]?.(input),
  });
  return { ...server, createKey: () => create(arn('kms', `key/${randomUUID()}`)) };
}

const ALGORITHM = { EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };

/** What is authenticated beside the plaintext: the header, and the encryption context with its names in order. */
function additionalData(header: Buffer, input: Input): Buffer {
  const context = Object.entries(input['EncryptionContext'] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat([header, Buffer.from(JSON.stringify(context))]);
}

function seal({ id, material }: Key, plaintext: Buffer, input: Input): string {
  const header = Buffer.concat([MAGIC, Buffer.from(id.replaceAll('-', ''), 'hex')]);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', material, iv).setAAD(additionalData(header, input));
  const parts = [header, iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(parts).toString('base64');
}

/** @throws AwsError `InvalidCiphertextException` for changed bytes or another encryption context */
function open({ material }: Key, blob: Buffer, input: Input): Buffer {
  const iv = blob.subarray(HEADER_BYTES, HEADER_BYTES + IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', material, iv, { authTagLength: TAG_BYTES })
    .setAAD(additionalData(blob.subarray(0, HEADER_BYTES), input))
    .setAuthTag(blob.subarray(-TAG_BYTES));
  try {
    const sealed = blob.subarray(HEADER_BYTES + IV_BYTES, -TAG_BYTES);
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  } catch {
    throw new AwsError('InvalidCiphertextException');
  }
}

function uuidOf(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
