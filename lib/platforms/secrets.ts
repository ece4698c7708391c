import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Known to this process alone, so that nobody can work out what digest a guess is compared with. */
const PREFIX = randomBytes(32).toString('hex');

/** The digests of a platform's secrets, as long as its configuration is kept. */
const known = new WeakMap<readonly string[], readonly Buffer[]>();

/**
 * Whether a value is one of the secrets. The time it takes tells nothing of any: equally long digests are compared in constant
 * time, and always with every secret.
 */
export function isOneOf(given: string, secrets: readonly string[]): boolean {
  const digest = digestOf(given);
  let digests = known.get(secrets);
  if (!digests) {
    digests = secrets.map(digestOf);
    known.set(secrets, digests);
  }
  return digests.map((each) => timingSafeEqual(digest, each)).includes(true);
}

/** One call of OpenSSL: 1 us in a warm process, where an HMAC takes 15. No digest leaves this file, so that a prefix does for a key. */
function digestOf(value: string): Buffer {
  return hash('sha256', PREFIX + value, 'buffer');
}
