import { direct } from './direct.ts';
import { logto } from './logto.ts';
import type { Platform } from './platform.ts';

/** All identity platforms that the service knows. To add one, add its file and a line here. */
export const PLATFORMS: readonly Platform[] = [logto, direct];

/** The platform of a name: the last part of `/sms/{platform}`. */
export function platformNamed(name: string): Platform | undefined {
  return PLATFORMS.find((platform) => platform.name === name);
}
