import type { HttpReply } from '../http/reply.ts';
import type { HttpRequest } from '../http/request.ts';
import type { Outcome } from '../outcome.ts';
import type { SmsRequest } from '../sms-request.ts';

/** What a platform's request says of the message to send; the door adds the rest. */
export type PlatformMessage = Omit<SmsRequest, 'platform' | 'deadline'>;

/** An identity platform that hands over codes by HTTP: how it proves itself, what it sends, what it wants to hear. */
export interface Platform {
  /** The last part of its URL, `/sms/{name}`, and of the parameter with its secrets, `platforms/{name}`. */
  readonly name: string;
  /**
   * Whether the request comes from a caller that knows one of the secrets; takes the same time whatever is wrong.
   *
   * @param secrets the lines of the platform's parameter
   */
  authenticate(request: HttpRequest, secrets: readonly string[]): boolean;
  /**
   * Reads the request.
   *
   * @throws HttpError `invalid_request`
   */
  parse(request: HttpRequest): PlatformMessage;
  /**
   * Answers as the platform expects.
   *
   * @param requestId the id that the log lines carry
   */
  reply(outcome: Outcome, requestId: string): HttpReply;
}
