import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Configuration } from '../config/configuration.ts';
import { HttpError } from '../http/error.ts';
import type { Platform } from './platform.ts';

/** Where the callers' secrets come from. */
export interface SecretsSource {
  get(): Promise<Configuration>;
  /** The configuration, at most a few minutes old. */
  getFresh(): Promise<Configuration>;
}

/**
 * Lets a request in if it knows a secret of its platform.
 *
 * A "no" is said by a fresh configuration alone: a secret that was put into Parameter Store a moment ago works at once on a function that
 * has slept for a while.
 *
 * @throws HttpError `not_found` for a platform without a secret, so that nobody learns which are on, `unauthorized` for a wrong one
 * @throws ConfigurationError if there is no configuration
 */
export async function admit(
  platform: Platform,
  event: APIGatewayProxyEventV2,
  configuration: SecretsSource,
): Promise<void> {
  const check = ({ platforms }: Configuration) => {
    const secrets = Object.hasOwn(platforms, platform.name) ? platforms[platform.name] : undefined;
    if (!secrets) {
      return 'not_found';
    }
    return platform.authenticate(event, secrets) ? undefined : 'unauthorized';
  };
  const refused = check(await configuration.get()) && check(await configuration.getFresh());
  if (refused) {
    throw new HttpError(refused);
  }
}
