import { createHash } from 'node:crypto';
import { secretsSchema } from '../lib/config/configuration.ts';
import { describeIssue } from '../lib/config/parameters.ts';
import type { StageParameters } from './aws/stage-parameters.ts';
import { assertType } from './stored-type.ts';
import { UsageError } from './usage.ts';

/** Secrets that a platform may have at the same time: the old one and the new one, while it is rotated. */
export const MAX_SECRETS = 2;

/** What stands before a platform in the name of its parameter. */
export const PLATFORM_PREFIX = 'platforms/';

/** The secrets of a platform. */
export interface PlatformSecrets {
  /** The parameter below the stage's path: `platforms/logto`. */
  readonly name: string;
  /** Oldest first. */
  readonly current: readonly string[];
}

/** The parameter of a platform's secrets, below the stage's path. @throws UsageError for what can be no platform's name */
export function parameterOf(platform: string): string {
  if (!/^[a-z][a-z0-9-]*$/.test(platform)) {
    throw new UsageError(`"${platform}" is no platform's name`);
  }
  return PLATFORM_PREFIX + platform;
}

/** @throws UsageError for what can be no platform's name, Error for secrets that are stored in the clear */
export async function secretsOf(platform: string, parameters: StageParameters): Promise<PlatformSecrets> {
  const name = parameterOf(platform);
  const stored = await parameters.read(name);
  assertType(parameters.path, { name, type: 'SecureString' }, stored);
  return { name, current: splitSecrets(stored?.value ?? '') };
}

/**
 * A platform with one line that cannot be used is off, also for the others.
 *
 * @returns what is wrong with the value of a parameter; undefined if the functions take it
 */
export function problemOf(value: string): string | undefined {
  const result = secretsSchema.safeParse(value);
  return result.success ? undefined : [...new Set(result.error.issues.map(describeIssue))].join(', ');
}

/** The secrets in a parameter's value: one a line. */
export function splitSecrets(value: string): string[] {
  return value.split(/\r?\n/).filter((line) => line.trim() !== '');
}

/**
 * What tells secrets apart without giving them away: the first 32 bits of a SHA-256. A secret that `secret add` made has 192 bits of chance,
 * which no fingerprint leads back to.
 */
export function fingerprint(secret: string): string {
  return createHash('sha256').update(secret.trim()).digest('hex').slice(0, 8);
}
