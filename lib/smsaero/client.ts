import { VERSION } from '../version.ts';
import { readAnswer } from './answer.ts';
import { Connections } from './connections.ts';
import { exchange } from './exchange.ts';
import { Gates } from './gates.ts';
import { findInList } from './list.ts';
import type { SendAccepted, SendResult } from './send-result.ts';

/** Time for a gate to be connected to, in ms; a handshake from Frankfurt to Moscow takes about 150. */
const CONNECT_TIMEOUT = 700;

/** A request is only written while the gate has this long to answer, in ms: a shorter time would mostly buy unknown outcomes. */
const MIN_ANSWER_TIME = 200;

/** What SMS Aero knows an account by (https://smsaero.ru/cabinet/settings/apikey/). */
export interface Credentials {
  readonly email: string;
  readonly apiKey: string;
}

/** A message for SMS Aero. */
export interface GatewayMessage {
  /** Digits with the country code, no plus: `79031234567`. */
  readonly number: string;
  /** The sender name; SMS Aero calls it `sign`. */
  readonly senderName: string;
  readonly text: string;
}

/** A gate that was passed over, and why: an error code, never a text. */
export interface SkippedGate {
  readonly gate: string;
  readonly cause: string;
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
  /**
   * Looks for a message whose outcome is unknown in SMS Aero's own list (`sms/list`, filtered by number and text).
   *
   * @param since when it was sent, in ms of the Unix epoch
   * @returns the message as if it had been answered; undefined if it is not there, or nothing could be asked. Never throws
   */
  find(
    credentials: Credentials,
    message: GatewayMessage,
    since: number,
    deadline: number,
  ): Promise<SendAccepted | undefined>;
}

/** Options of the client. */
export interface SmsAeroClientOptions {
  /** Base URLs in the order of trying, `https://gate.smsaero.org/v2`. */
  readonly gates: readonly string[];
  /** Certificates to trust instead of the well-known ones, in PEM. */
  readonly ca?: string;
}

/**
 * The client of SMS Aero's HTTP API v2.
 *
 * The first gate that can be connected to gets the request. The next one is tried only if not a byte of it was written, for
 * SMS Aero has no idempotency key: a second request is a second, paid message.
 */
export class SmsAeroClient implements SmsGateway {
  readonly #connections: Connections;
  readonly #gates: Gates;

  constructor(options: SmsAeroClientOptions) {
    this.#connections = new Connections(options.ca);
    this.#gates = new Gates(options.gates);
  }

  async send(credentials: Credentials, message: GatewayMessage, deadline: number): Promise<GatewayReport> {
    const { number, senderName, text } = message;
    const { answer, ...way } = await this.#ask(
      credentials,
      'sms/send',
      { number, sign: senderName, text },
      deadline,
    );
    if (!answer) {
      return { result: UNAVAILABLE, ...way };
    }
    return answer.kind === 'answered'
      ? { result: readAnswer(answer), answer: answer.statusCode, ...way }
      : { result: NO_ANSWER, answer: answer.cause, ...way };
  }

  async find(
    credentials: Credentials,
    message: GatewayMessage,
    since: number,
    deadline: number,
  ): Promise<SendAccepted | undefined> {
    const { number, text } = message;
    const { answer } = await this.#ask(credentials, 'sms/list', { number, text }, deadline);
    return answer?.kind === 'answered' ? findInList(answer, message, since) : undefined;
  }

  /** Posts to the first gate that can be connected to. `answer` is undefined if not a byte was written to any. */
  async #ask(credentials: Credentials, method: string, parameters: object, deadline: number) {
    const body = JSON.stringify(parameters);
    const headers = headersFor(credentials);
    const skipped: SkippedGate[] = [];
    for (const base of this.#gates.inOrder()) {
      const timeout = deadline - Date.now();
      if (timeout <= MIN_ANSWER_TIME) {
        break;
      }
      const url = new URL(`${base}/${method}`);
      const connectTimeout = Math.min(CONNECT_TIMEOUT, timeout - MIN_ANSWER_TIME);
      const answer = await exchange(this.#connections, { url, headers, body, connectTimeout, timeout });
      if (answer.kind !== 'not_written') {
        this.#gates.reached(base);
        return { answer, gate: url.hostname, skipped };
      }
      if (connectTimeout === CONNECT_TIMEOUT || answer.cause !== 'CONNECT_TIMEOUT') {
        this.#gates.unreachable(base); // a gate that had no time is not to blame
      }
      skipped.push({ gate: url.hostname, cause: answer.cause });
    }
    return { skipped };
  }

  /** Closes idle connections. */
  close(): void {
    this.#connections.close();
  }
}

const NO_ANSWER: SendResult = { status: 'unknown', reason: 'no_answer' };
const UNAVAILABLE: SendResult = { status: 'failed', reason: 'unavailable' };

function headersFor({ email, apiKey }: Credentials): Record<string, string> {
  return {
    Authorization: `Basic ${Buffer.from(`${email}:${apiKey}`).toString('base64')}`,
    Accept: 'application/json',
    'Content-Type': 'application/json',
    'User-Agent': `smsaero-lambda/${VERSION}`,
  };
}
