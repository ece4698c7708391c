import { readAnswer, readStatus, type StatusAnswer } from './answer.ts';
import { type Credentials, GateCaller, type GateCallerOptions, type SkippedGate } from './gate-caller.ts';
import type { SendResult } from './send-result.ts';

/** A message for SMS Aero. */
export interface GatewayMessage {
  /** Digits with the country code, no plus: `79031234567`. */
  readonly number: string;
  /** The sender name; SMS Aero calls it `sign`. */
  readonly senderName: string;
  readonly text: string;
  /** Where SMS Aero reports each change of the message's status; it is asked for none without. */
  readonly reportUrl?: string | undefined;
}

/** The result of a send, with the way it took. */
export interface GatewayReport {
  readonly result: SendResult;
  /** Host name of the gate that took the request; absent if none did. */
  readonly gate?: string | undefined;
  /** HTTP status of the answer, or the error code that stood in for one. */
  readonly answer?: number | string | undefined;
  readonly skipped: readonly SkippedGate[];
}

/** The gateway as the rest of the service sees it. */
export interface SmsGateway {
  /**
   * Sends one message, at most once.
   *
   * @param deadline when the outcome must be known, in ms of the Unix epoch
   * @returns the result; never throws
   */
  send(credentials: Credentials, message: GatewayMessage, deadline: number): Promise<GatewayReport>;
}

/**
 * The client of SMS Aero's HTTP API v2.
 *
 * The first gate that can be connected to gets the request. The next one is tried only if not a byte of it was written, or if what answered
 * was a refusal that is not SMS Aero's, for there is no idempotency key: a second request that is accepted is a second, paid message.
 */
export class SmsAeroClient implements SmsGateway {
  readonly #caller: GateCaller;
  readonly #mode: '' | 'test';

  /** @param options `test`: SMS Aero checks messages (`sms/testsend`), but neither sends them nor takes money for them */
  constructor({ test = false, ...options }: GateCallerOptions & { readonly test?: boolean }) {
    this.#caller = new GateCaller(options);
    this.#mode = test ? 'test' : '';
  }

  /** Opens a connection to a gate while a function initialises: the first message then finds it ready. */
  prepare(): void {
    this.#caller.prepare();
  }

  async send(credentials: Credentials, message: GatewayMessage, deadline: number): Promise<GatewayReport> {
    const { number, senderName, text, reportUrl } = message;
    const { answer, ...way } = await this.#caller.call(
      credentials,
      `sms/${this.#mode}send`,
      { number, sign: senderName, text, callbackUrl: reportUrl },
      deadline,
    );
    if (!answer) {
      return { result: UNAVAILABLE, ...way };
    }
    return answer.kind === 'answered'
      ? { result: readAnswer(answer), answer: answer.statusCode, ...way }
      : { result: NO_ANSWER, answer: answer.cause, ...way };
  }

  /**
   * Asks for the status of a message (`sms/status`).
   *
   * @param messageId SMS Aero's id
   * @returns its status, or why there is none; never throws
   */
  async status(credentials: Credentials, messageId: string, deadline: number): Promise<StatusAnswer> {
    const method = `sms/${this.#mode}status`;
    const { answer } = await this.#caller.call(credentials, method, { id: messageId }, deadline);
    return answer?.kind === 'answered' ? readStatus(answer, messageId) : { status: 'unavailable' };
  }

  /** Closes idle connections. */
  close(): void {
    this.#caller.close();
  }
}

const NO_ANSWER: SendResult = { status: 'unknown', reason: 'no_answer' };
const UNAVAILABLE: SendResult = { status: 'failed', reason: 'unavailable' };
