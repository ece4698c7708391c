import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { SecretForm } from './platform.ts';

/** Known only to this process, so that nobody can work out what digest a guess is compared with. */
const PREFIX = randomBytes(32).toString('hex');

/**
 * Whether a value is one of the secrets. The time it takes tells nothing of any: equally long digests are compared in constant
 * time, and always with every secret.
 */
export function isOneOf(given: string, secrets: readonly string[]): boolean {
  const digest = digestOf(given);
  return secrets.map((secret) => timingSafeEqual(digest, digestOf(secret))).includes(true);
}

/** No digest leaves this file, so that a prefix does for a key. */
function digestOf(value: string): Buffer {
  return hash('sha256', PREFIX + value, 'buffer');
}

/** Whether the `Authorization` header is one of the secrets, word for word: `Bearer …`, `Basic …`, or without a scheme. */
export function hasAuthorization({ headers }: APIGatewayProxyEventV2, secrets: readonly string[]): boolean {
  return isOneOf(headers['authorization'] ?? '', secrets);
}

/** A secret that the platform sends in the `Authorization` header, word for word. */
export const authorizationSecret = (setting: string): SecretForm => ({
  header: 'Authorization',
  setting,
  make: () => `Bearer ${randomBytes(24).toString('base64url')}`, // 192 bits
  problemOf: () => undefined,
  local: 'Bearer local-development',
  headersFor: (secret) => ({ Authorization: secret }),
});
