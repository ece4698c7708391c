import { VERSION } from '../version.ts';
import { readAnswer } from './answer.ts';
import { Connections } from './connections.ts';
import { exchange } from './exchange.ts';
import { Gates } from './gates.ts';
import type { SendResult } from './send-result.ts';

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
    const body = JSON.stringify({
      number: message.number,
      sign: message.senderName,
      text: message.text,
    });
    const headers = headersFor(credentials);
    const skipped: SkippedGate[] = [];
    for (const gate of this.#gates.inOrder()) {
      const timeout = deadline - Date.now();
      if (timeout <= MIN_ANSWER_TIME) {
        break;
      }
      const url = new URL(`${gate}/sms/send`);
      const connectTimeout = Math.min(CONNECT_TIMEOUT, timeout - MIN_ANSWER_TIME);
      const answer = await exchange(this.#connections, { url, headers, body, connectTimeout, timeout });
      if (answer.kind === 'not_written') {
        this.#gates.unreachable(gate);
        skipped.push({ gate: url.hostname, cause: answer.cause });
        continue;
      }
      this.#gates.reached(gate);
      return answer.kind === 'answered'
        ? { result: readAnswer(answer), gate: url.hostname, answer: answer.statusCode, skipped }
        : { result: NO_ANSWER, gate: url.hostname, answer: answer.cause, skipped };
    }
    return { result: UNAVAILABLE, skipped };
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
