import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type * as z from 'zod/mini';
import type { ErrorCode } from '../http/error-codes.ts';
import type { HttpReply } from '../http/reply.ts';
import type { Outcome } from '../outcome.ts';
import type { SmsRequest } from '../sms-request.ts';

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
