import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type * as z from 'zod/mini';
import type { Configuration } from '../config/configuration.ts';
import { type ErrorCode, HttpError } from '../http/errors.ts';
import type { HttpReply } from '../http/reply.ts';
import type { Outcome } from '../message/outcome.ts';
import type { SmsRequest } from '../message/sms-request.ts';

/** What a platform's request says of the message to send; the handler adds the rest. */
export type PlatformMessage = Omit<SmsRequest, 'platform' | 'deadline'>;

/** What docs/openapi.json says of a platform beside what all have in common. */
export interface PlatformContract {
  /** The platform's name as people write it. */
  readonly title: string;
  /** What the operation does, in a few words. */
  readonly summary: string;
  /** Who calls it, how, and what is particular. */
  readonly description: string;
  /** What `parse` reads of the body. */
  readonly body: z.ZodMiniType;
  /** Bodies by name, with what each shows. */
  readonly examples: Readonly<Record<string, object>>;
  /** Request headers that `parse` reads, by name; none is required. */
  readonly headers?: Readonly<Record<string, z.ZodMiniType>>;
  /** The body of a 200, and an example of it, if `reply` makes one of its own. */
  readonly accepted?: { readonly schema: z.ZodMiniType; readonly example: object };
  /** Error codes that no other platform answers. */
  readonly errors?: readonly ErrorCode[];
}

/** An identity platform that sends codes by HTTP: how it proves itself, what it sends, what answer it expects. */
export interface Platform {
  /** The last part of its URL, `/sms/{name}`, and of the parameter with its secrets, `platforms/{name}`. */
  readonly name: string;
  /**
   * Whether the request comes from a caller that knows one of the secrets; takes the same time whatever is wrong.
   *
   * @param secrets the lines of the platform's parameter
   */
  authenticate(event: APIGatewayProxyEventV2, secrets: readonly string[]): boolean;
  /**
   * Reads the request.
   *
   * @throws HttpError `invalid_request`
   */
  parse(event: APIGatewayProxyEventV2): PlatformMessage;
  /**
   * Answers as the platform expects.
   *
   * @param requestId the id that the log lines carry
   */
  reply(outcome: Outcome, requestId: string): HttpReply;
  /** Describes the platform for docs/openapi.json. A function, so that it costs no time at start: nothing of the service calls it. */
  contract(): PlatformContract;
}

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

/** Where the callers' secrets come from. */
export interface SecretsSource {
  get(): Promise<Configuration>;
  /** The configuration, at most a few minutes old. */
  getRefreshed(): Promise<Configuration>;
}

/**
 * Lets a request in if it knows a secret of its platform.
 *
 * Only a refreshed configuration refuses: a secret that was put into Parameter Store a moment ago works at once on a function that
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
  const refused = check(await configuration.get()) && check(await configuration.getRefreshed());
  if (refused) {
    throw new HttpError(refused);
  }
}
