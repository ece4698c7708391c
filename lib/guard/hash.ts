import { createHmac } from 'node:crypto';
import { derivedKey } from '../derived-key.ts';

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
  const key = derivedKey(apiKey, 'smsaero-lambda guard table');
  return (kind, ...parts) =>
    `${kind}#${createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url')}`;
}
