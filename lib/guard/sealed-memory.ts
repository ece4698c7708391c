import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { ConditionFailed, type Table } from '../table.ts';
import { keyedHash } from './hash.ts';

/**
 * Remembers a short secret for seconds: the first of several equal requests sets it, the others get it.
 *
 * It is encrypted (AES-256-GCM) under a key derived from the stage's `hashKey`, so that who reads the table reads nothing.
 */
export class SealedMemory {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /**
   * The secret that belongs to a request.
   *
   * @param hashKey what the keys are derived from
   * @param name what the request and its repeats have in common
   * @param proposed the secret to set if there is none
   * @param remember how long it is remembered, in ms
   * @param uses how many requests may have it, the first one among them: who knows the question could else try the secret without end
   * @returns the proposed secret, or the one that an earlier request set; the proposed one, for nobody else, if that is used up
   * @throws the table's error if it cannot be asked
   */
  async share(
    hashKey: string,
    name: readonly string[],
    proposed: string,
    remember: number,
    uses: number,
  ): Promise<string> {
    const pk = keyedHash(hashKey)('sealed', ...name);
    const key = Buffer.from(hkdfSync('sha256', hashKey, '', 'smsaero-lambda sealed memory', 32));
    const now = Date.now();
    const sealed = seal(key, proposed);
    try {
      await this.#table.update({
        key: pk,
        expression: 'SET #sealed = :sealed, #fresh = :fresh, #expires = :expires, #uses = :one',
        condition: 'attribute_not_exists(#sealed) OR #fresh <= :now',
        names: { '#sealed': 'sealed', '#fresh': 'freshUntil', '#expires': 'expiresAt', '#uses': 'uses' },
        values: {
          ':sealed': { B: sealed },
          ':fresh': { N: String(now + remember) },
          ':expires': { N: String(Math.ceil((now + remember) / 1000)) },
          ':one': { N: '1' },
          ':now': { N: String(now) },
        },
      });
      return proposed;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) {
        throw error;
      }
    }
    try {
      const item = await this.#table.update({
        key: pk,
        expression: 'ADD #uses :one',
        condition: '#uses < :uses',
        names: { '#uses': 'uses' },
        values: { ':one': { N: '1' }, ':uses': { N: String(uses) } },
      });
      return open(key, item['sealed']?.B) ?? proposed;
    } catch (error) {
      if (error instanceof ConditionFailed) {
        return proposed;
      }
      throw error;
    }
  }
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

function seal(key: Buffer, secret: string): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
}

function open(key: Buffer, sealed: Uint8Array | undefined): string | undefined {
  if (!sealed || sealed.length < IV_BYTES + TAG_BYTES) {
    return undefined;
  }
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES));
  decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString(
    'utf8',
  );
}
