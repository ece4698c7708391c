import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { keyedHash } from '../../derived-key.ts';
import { type Table, updateIf } from '../../dynamodb.ts';
import { type Code, codeFromText, codeToText } from './code.ts';

/**
 * Keeps codes for seconds: the first of several equal questions sets the code, the others get it, also in another process.
 *
 * A code is encrypted (AES-256-GCM) under a key derived from the stage's `hashKey`, so that who reads the table reads nothing.
 */
export class SharedCodes {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /**
   * The code that belongs to a question. How many answers it gets is counted elsewhere, however many questions share it.
   *
   * @param hashKey what the keys are derived from
   * @param question what the question and its repeats have in common
   * @param proposed the code to set if there is none
   * @param sharedFor how long it is kept, in ms
   * @returns the proposed code, or the one that an earlier question set
   * @throws the table's error if it cannot be asked
   */
  async share(
    hashKey: string,
    question: readonly string[],
    proposed: Code,
    sharedFor: number,
    signal?: AbortSignal,
  ): Promise<Code> {
    const key = Buffer.from(hkdfSync('sha256', hashKey, '', 'smsaero-lambda sealed memory', 32));
    const pk = keyedHash(hashKey)('sealed', ...question);
    const now = Date.now();
    const update = {
      key: pk,
      expression: 'SET #sealed = :sealed, #valid = :valid, #expires = :expires',
      condition: 'attribute_not_exists(#sealed) OR #valid <= :now',
      names: { '#sealed': 'sealed', '#valid': 'validUntil', '#expires': 'expiresAt' },
      values: {
        ':sealed': { B: seal(key, codeToText(proposed), pk) },
        ':valid': { N: String(now + sharedFor) },
        ':expires': { N: String(Math.ceil((now + sharedFor) / 1000)) },
        ':now': { N: String(now) },
      },
    };
    const { held, item } = await updateIf(this.#table, update, signal);
    if (held) return proposed;
    const code = codeFromText(open(key, item?.['sealed']?.B, pk));
    if (!code) throw new Error('The shared code cannot be read');
    return code;
  }
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** @param name what the text belongs to: under another one it cannot be opened */
function seal(key: Buffer, text: string, name: string): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
}

function open(key: Buffer, sealed: Uint8Array | undefined, name: string): string | undefined {
  if (!sealed || sealed.length < IV_BYTES + TAG_BYTES) {
    return undefined;
  }
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES));
  decipher.setAAD(Buffer.from(name));
  decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  const body = sealed.subarray(IV_BYTES + TAG_BYTES);
  return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
}
