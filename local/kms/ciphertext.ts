import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { invalidCiphertext } from './errors.ts';

/** An encryption context: what must be told again to decrypt. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** What a ciphertext of KMS begins with, whatever key made it: `AQIDAH` in base64. */
const magic = Buffer.from('0102030078', 'hex');
const idLength = 16;
const ivLength = 12;
const tagLength = 16;
const headerLength = magic.length + idLength;

/** The context in one spelling: names in order, each text with its length before it, so that no two contexts are alike. */
function additionalData(header: Buffer, context: EncryptionContext): Buffer {
  const texts = Object.entries(context)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flat()
    .flatMap((text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    });
  return Buffer.concat([header, ...texts]);
}

/**
 * Encrypts with AES-256-GCM; key id and encryption context are authenticated.
 * @param id the key's UUID, which the ciphertext holds.
 * @param material 32 bytes.
 */
export function seal(id: string, material: Buffer, plaintext: Buffer, context: EncryptionContext): Buffer {
  const header = Buffer.concat([magic, Buffer.from(id.replaceAll('-', ''), 'hex')]);
  const iv = randomBytes(ivLength);
  const cipher = createCipheriv('aes-256-gcm', material, iv).setAAD(additionalData(header, context));
  return Buffer.concat([header, iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/**
 * The UUID of the key that made a ciphertext.
 * @throws AwsError `InvalidCiphertextException` for bytes that KMS did not make.
 */
export function keyIdOf(blob: Buffer): string {
  if (blob.length < headerLength + ivLength + tagLength || !blob.subarray(0, magic.length).equals(magic)) {
    throw invalidCiphertext();
  }
  return blob
    .subarray(magic.length, headerLength)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/**
 * Decrypts what `seal` made.
 * @throws AwsError `InvalidCiphertextException` for changed bytes or another encryption context.
 */
export function open(material: Buffer, blob: Buffer, context: EncryptionContext): Buffer {
  const header = blob.subarray(0, headerLength);
  const iv = blob.subarray(headerLength, headerLength + ivLength);
  const decipher = createDecipheriv('aes-256-gcm', material, iv, { authTagLength: tagLength })
    .setAAD(additionalData(header, context))
    .setAuthTag(blob.subarray(-tagLength));
  try {
    return Buffer.concat([
      decipher.update(blob.subarray(headerLength + ivLength, -tagLength)),
      decipher.final(),
    ]);
  } catch {
    throw invalidCiphertext();
  }
}
