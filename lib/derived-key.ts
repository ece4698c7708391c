import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** Keys by purpose and secret; more than one secret only while the API key changes. */
const keys = new Map<string, KeyObject>();
const MOST_KEYS = 8;

/**
 * A key for one purpose, derived from a secret and kept: to derive it takes 15 us.
 *
 * It is an object: from a buffer Node 24 makes one anew for each HMAC, which takes six times as long (12 us instead of 2).
 */
export function derivedKey(secret: string, purpose: string): KeyObject {
  const name = `${purpose} ${secret}`;
  let key = keys.get(name);
  if (!key) {
    key = createSecretKey(createHmac('sha256', secret).update(purpose).digest());
    if (keys.size >= MOST_KEYS) keys.clear();
    keys.set(name, key);
  }
  return key;
}

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
