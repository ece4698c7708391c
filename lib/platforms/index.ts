import { auth0 } from './auth0.ts';
import { authentik } from './authentik.ts';
import { direct } from './direct.ts';
import { fusionauth } from './fusionauth.ts';
import { keycloak } from './keycloak.ts';
import { kratos } from './kratos.ts';
import { logto } from './logto.ts';
import { okta } from './okta.ts';
import type { Platform } from './platform.ts';
import { supabase } from './supabase.ts';
import { webhook } from './webhook.ts';
import { zitadel } from './zitadel.ts';

/** All identity platforms that the service knows. To add one, add its file and a line here. */
export const PLATFORMS: readonly Platform[] = [
  auth0,
  authentik,
  direct,
  fusionauth,
  keycloak,
  kratos,
  logto,
  okta,
  supabase,
  webhook,
  zitadel,
];

/** The platform of a name: the last part of `/sms/{platform}`. */
export function platformNamed(name: string): Platform | undefined {
  return PLATFORMS.find((platform) => platform.name === name);
}

/** @throws Error on a name that no platform has: its text would not be sent, and nobody would notice */
export function assertPlatforms(names: readonly string[]): void {
  if (!names.every((name) => platformNamed(name))) {
    const known = PLATFORMS.map(({ name }) => name).join(', ');
    throw new Error(`Bad environment: SMSAERO_PLATFORM_TEXT must be names of platforms (${known})`);
  }
}

/**
 * What is wrong with the form of a platform's secrets, for those who write or check them; undefined if nothing is, or there is no such
 * platform. The functions do not ask: with a secret of another form nothing is signed that they would accept.
 */
export function problemOfSecrets(name: string, secrets: readonly string[]): string | undefined {
  const form = platformNamed(name)?.contract().secret;
  const problem = secrets.map((secret) => form?.problemOf(secret)).find((found) => found !== undefined);
  return problem && `has a secret that ${problem}`;
}
