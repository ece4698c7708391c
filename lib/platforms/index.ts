import { direct } from './direct.ts';
import { logto } from './logto.ts';
import type { Platform } from './platform.ts';

/** All identity platforms that the service knows. To add one, add its file and a line here. */
export const PLATFORMS: readonly Platform[] = [logto, direct];

/**
 * The platform that a path belongs to.
 *
 * @param path `/sms/{name}`, also behind a stage or a base path: `/dev/sms/{name}`
 */
export function platformOf(path: string): Platform | undefined {
  const name = /(?:^|\/)sms\/([^/]+)\/?$/.exec(path)?.[1];
  return PLATFORMS.find((platform) => platform.name === name);
}
