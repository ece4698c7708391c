import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';

/** Known to this process alone, so that nobody can work out what digest a guess is compared with. */
const KEY = createSecretKey(randomBytes(32)); // an object: 2 us an HMAC, where a buffer takes 12 us

/**
 * Whether a value is one of the secrets. The time it takes tells nothing of any: equally long digests are compared in constant
 * time, and always with every secret.
 */
export function isOneOf(given: string, secrets: readonly string[]): boolean {
  const digest = digestOf(given);
  return secrets.map((secret) => timingSafeEqual(digest, digestOf(secret))).includes(true);
}

function digestOf(value: string): Buffer {
  return createHmac('sha256', KEY).update(value).digest();
}
