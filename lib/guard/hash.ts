import { createHmac } from 'node:crypto';
import { derivedKey } from '../derived-key.ts';

/** Makes table keys of what must not be read there. */
export type Hash = (kind: string, ...parts: string[]) => string;

/**
 * A keyed hash: whoever reads the table cannot work out a phone number or a code by trying all of them.
 *
 * @param hashKey the stage's `hashKey`. With another one the table forgets: counts begin again, and no earlier request is recognised
 */
export function keyedHash(hashKey: string): Hash {
  const key = derivedKey(hashKey, 'smsaero-lambda guard table');
  return (kind, ...parts) =>
    `${kind}#${createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url')}`;
}
