import { createHmac, createSecretKey } from 'node:crypto';

/** Makes table keys of what must not be read there. */
export type Hash = (kind: string, ...parts: string[]) => string;

/**
 * A keyed hash: whoever reads the table cannot work out a phone number or a code by trying all of them.
 *
 * The key is derived from SMS Aero's API key, the one secret that every deployment has. A new API key makes the table forget:
 * counts begin again, and a request that is repeated across the change is not recognised.
 *
 * @param apiKey the secret
 */
export function keyedHash(apiKey: string): Hash {
  // A key object: from a buffer Node 24 makes one anew for each HMAC, which takes six times as long (12 us in place of 2).
  const key = createSecretKey(createHmac('sha256', apiKey).update('smsaero-lambda guard table').digest());
  return (kind, ...parts) =>
    `${kind}#${createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url')}`;
}
