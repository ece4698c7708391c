import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type * as z from 'zod/mini';
import type { Cache } from '../config/cache.ts';
import type { Configuration } from '../config/configuration.ts';
import { type ErrorCode, HttpError } from '../http/errors.ts';
import type { Reply } from '../http/reply.ts';
import type { Idempotency, SmsRequest } from '../message/sms-request.ts';

/**
 * What a platform's request says of the message to send; the handler adds the rest. `variables.code` is the code, `text` the text that the
 * platform made itself: {@link readMessage} says which of them is sent.
 */
export type PlatformMessage = Omit<SmsRequest, 'platform' | 'deadline'>;

/**
 * What identifies a message to which its platform gives no name.
 *
 * @param ttlS how long a repeat is recognised, in s
 * @param parts what a repeat has in common with it, beside the recipient's number
 */
export const sameFor = (ttlS: number, ...parts: readonly unknown[]): Idempotency => ({
  key: JSON.stringify(parts),
  perRecipient: true,
  ttlS,
});

/** What proves that a request comes from the platform. Only the command line, `npm start`, the documents and tests read it. */
export interface SecretForm {
  /** The request header that carries the secret or what is made with it. */
  readonly header: string;
  /** Where the secret stands at the platform, as its console says it. */
  readonly setting: string;
  /** Makes one; absent if the platform makes its secret itself and shows it. */
  readonly make?: () => string;
  /** What is wrong with one, in words that go on after its name; undefined if nothing is. */
  readonly problemOf: (secret: string) => string | undefined;
  /** The documented one of `npm start`. It protects nothing there: the stack listens on loopback only. See lib/platforms/local-secret.ts. */
  readonly local: string;
  /**
   * The headers by which a request is known.
   *
   * @param now ms of the Unix epoch
   */
  readonly headersFor: (secret: string, body: string, now: number) => Readonly<Record<string, string>>;
}

/** A message that a platform could ask for. */
export interface SampleMessage {
  /** Digits with the country code. */
  readonly to: string;
  readonly code: string;
  /** Names the message, for a platform that does: a UUID. */
  readonly id: string;
  /** Usage type, for a platform that has ours; the others choose one themselves. */
  readonly type?: string | undefined;
  /** The person's language, for a platform that tells any. */
  readonly locale?: string | undefined;
}

/** The body with which a platform asks that sends what `smsCommandSchema` says. */
export const commandFor = ({ to, code, type, locale }: SampleMessage) => ({
  to,
  type,
  payload: { code },
  locale,
  ip: '203.0.113.24',
});

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
  /** The body with which the platform asks for a code. */
  readonly request: (message: SampleMessage) => object;
  /** Whether `parse` takes forms as well as JSON. */
  readonly forms?: true;
  /** Further bodies by name, for what each shows. */
  readonly examples?: Readonly<Record<string, object>>;
  readonly secret: SecretForm;
  /** Request headers that `parse` reads, by name; none is required. */
  readonly headers?: Readonly<Record<string, z.ZodMiniType>>;
  /** The body of a success, if it is not the common one. */
  readonly accepted?: z.ZodMiniType;
  /** The body of an error, if it is not the common one; an answer without a body needs none. */
  readonly failure?: z.ZodMiniType;
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
  /** Answers as the platform expects: messages that were sent, and every error from a wrong secret on. */
  readonly reply: Reply;
  /** Describes the platform for documents and tools. A function, so that it costs no time at start: the service never calls it. */
  contract(): PlatformContract;
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
  configuration: Pick<Cache<Configuration>, 'get' | 'getRefreshed'>,
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

/**
 * Reads a request, and decides what is sent: our template with the code, or the platform's text as it is.
 *
 * @param textPlatforms names of the platforms whose text is sent; that of another one only if it has no code
 * @throws HttpError `invalid_request`, also for a message with neither
 */
export function readMessage(
  platform: Platform,
  event: APIGatewayProxyEventV2,
  textPlatforms: readonly string[],
): PlatformMessage {
  const { text, ...message } = platform.parse(event);
  const hasCode = message.variables['code'] !== undefined;
  if (text !== undefined && (!hasCode || textPlatforms.includes(platform.name))) {
    return { ...message, text };
  }
  if (!hasCode) {
    throw new HttpError('invalid_request', [{ path: '', code: 'missing_code' }]);
  }
  return message;
}
