import { randomBytes } from 'node:crypto';
import type { StageParameters } from './store.ts';

/** Secrets that a platform may have at the same time: the old one and the new one, while it is rotated. */
const MAX_SECRETS = 2;

/**
 * `secret add <platform>`: makes a secret for a platform's calls and adds it to those that are accepted.
 *
 * @returns the new secret, what the platform must send as `Authorization`; it can be read again in Parameter Store alone
 * @throws Error if there are two already
 */
export async function secretAdd(platform: string, parameters: StageParameters): Promise<string> {
  const { name, current } = await secretsOf(platform, parameters);
  if (current.length >= MAX_SECRETS) {
    throw new Error(
      `${parameters.path}/${name} has ${current.length} secrets already: secret remove ${platform} takes the older one away`,
    );
  }
  const secret = `Bearer ${randomBytes(24).toString('base64url')}`; // 192 bits
  await parameters.put({ name, type: 'SecureString', value: [...current, secret].join('\n') });
  return secret;
}

/**
 * `secret remove <platform>`: takes the older of two secrets away, when the platform uses the new one.
 *
 * @throws Error if there are not two: a platform without a secret would be off
 */
export async function secretRemove(platform: string, parameters: StageParameters): Promise<void> {
  const { name, current } = await secretsOf(platform, parameters);
  const [, ...newer] = current;
  if (newer.length === 0) {
    throw new Error(
      `${parameters.path}/${name} has ${current.length} secret${current.length === 1 ? '' : 's'}: only the older of two is removed`,
    );
  }
  await parameters.put({ name, type: 'SecureString', value: newer.join('\n') });
}

async function secretsOf(platform: string, parameters: StageParameters) {
  if (!/^[a-z][a-z0-9-]*$/.test(platform)) {
    throw new Error(`${platform} is no platform's name`);
  }
  const name = `platforms/${platform}`;
  const lines = ((await parameters.get(name)) ?? '').split('\n');
  return { name, current: lines.filter((line) => line.trim() !== '') };
}
