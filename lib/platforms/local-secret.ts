import { hash } from 'node:crypto';
import type { Platform } from './platform.ts';

/**
 * The secret of a platform at `npm start`: the documented one, or that of `LOCAL_SECRET`, from which a platform with keys of Standard
 * Webhooks gets a key.
 *
 * @throws Error for a platform whose secrets have another form
 */
export function localSecretOf({ name, contract }: Platform, chosen = process.env['LOCAL_SECRET']): string {
  const { secret } = contract();
  if (!chosen) return secret.local;
  const key = `whsec_${hash('sha256', chosen, 'base64')}`;
  const found = [chosen, key, `v1,${key}`].find((candidate) => secret.problemOf(candidate) === undefined);
  if (found === undefined) throw new Error(`LOCAL_SECRET makes no secret for ${name}`);
  return found;
}
