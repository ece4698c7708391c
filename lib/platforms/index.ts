import { direct } from './direct.ts';
import { logto } from './logto.ts';
import { okta } from './okta.ts';
import type { Platform } from './platform.ts';
import { supabase } from './supabase.ts';
import { webhook } from './webhook.ts';
import { zitadel } from './zitadel.ts';

/** All identity platforms that the service knows. To add one, add its file and a line here. */
export const PLATFORMS: readonly Platform[] = [logto, direct, supabase, okta, zitadel, webhook];

/** The platform of a name: the last part of `/sms/{platform}`. */
export function platformNamed(name: string): Platform | undefined {
  return PLATFORMS.find((platform) => platform.name === name);
}

/** @throws Error on a name that no platform has: its text would not be sent, and nobody would notice */
export function assertPlatforms(names: readonly string[]): void {
  if (!names.every((name) => platformNamed(name))) {
    throw new Error('Bad environment: SMSAERO_PLATFORM_TEXT must be names of platforms');
  }
}
