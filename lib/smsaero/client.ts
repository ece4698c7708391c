import { readAnswer, readStatus, type StatusAnswer } from './answer.ts';
import { type Call, type Credentials, GateCaller, type GateCallerOptions } from './gate-caller.ts';
import { type Channel, roubles } from './message-status.ts';
import type { SendResult } from './send-result.ts';

export interface GatewayMessage {
  /** Digits with the country code, no plus: `79031234567`. */
  readonly number: string;
  /** The sender name; SMS Aero calls it `sign`. */
  readonly senderName: string;
  readonly text: string;
  /**
   * The code, for a message that SMS Aero shows in Telegram, and sends as SMS with `text` if Telegram does not deliver it: see
   * `telegramCodeOf`. By SMS at once without.
   */
  readonly telegramCode?: number | undefined;
  /** Where SMS Aero reports each change of an SMS's status; it is asked for none without. `telegram/send` has no such parameter. */
  readonly reportUrl?: string | undefined;
}

/**
 * The code as `telegram/send` takes it.
 *
 * SMS Aero's clients (Python, Go, Java, Node, TypeScript) take 4 to 8 digits and send them as a number, which has no leading zero: of
 * `012345` Telegram would show `12345`.
 *
 * @returns undefined for any other code, which can only go by SMS
 */
export function telegramCodeOf(code: unknown): number | undefined {
  return typeof code === 'string' && /^[1-9]\d{3,7}$/.test(code) ? Number(code) : undefined;
}

/** The result of a send, with the way it took. */
export interface GatewayReport extends Omit<Call, 'answer'> {
  readonly result: SendResult;
  /** HTTP status of the answer, or the error code that stood in for one. */
  readonly answer?: number | string | undefined;
}

/**
 * The client of SMS Aero's HTTP API v2.
 *
 * The first gate that can be connected to gets the request. The next one is tried only if not a byte of it was written, or if what answered
 * was a refusal that is not SMS Aero's, for there is no idempotency key: a second request that is accepted is a second, paid message.
 */
export class SmsAeroClient extends GateCaller {
  readonly #mode: '' | 'test';

  /** @param options `test`: SMS Aero checks messages (`sms/testsend`), but neither sends them nor takes money for them */
  constructor({ test = false, ...options }: GateCallerOptions & { readonly test?: boolean }) {
    super(options);
    this.#mode = test ? 'test' : '';
  }

  /**
   * Sends one message, at most once; never throws.
   *
   * @param deadline when the outcome must be known, in ms of the Unix epoch
   */
  async send(credentials: Credentials, message: GatewayMessage, deadline: number): Promise<GatewayReport> {
    const { number, senderName, text, telegramCode, reportUrl } = message;
    const channel: Channel = telegramCode === undefined ? 'sms' : 'telegram';
    const { answer, ...way } = await this.call(
      credentials,
      `${channel}/${this.#mode}send`,
      // What is undefined is not written.
      {
        number,
        code: telegramCode,
        sign: senderName,
        text,
        callbackUrl: channel === 'sms' ? reportUrl : undefined,
      },
      deadline,
    );
    if (!answer) {
      return { result: UNAVAILABLE, ...way };
    }
    return answer.kind === 'answered'
      ? { result: readAnswer(answer, channel), answer: answer.statusCode, ...way }
      : { result: NO_ANSWER, answer: answer.cause, ...way };
  }

  /**
   * Asks for the status of a message (`sms/status`).
   *
   * @param messageId SMS Aero's id
   * @returns its status, or why there is none; never throws
   */
  status(credentials: Credentials, messageId: string, deadline: number): Promise<StatusAnswer> {
    return this.#statusOf('sms', credentials, messageId, deadline);
  }

  /**
   * Asks for the status of a message that was sent to Telegram (`telegram/status`), and for that of the SMS if one took over (`sms/status`).
   *
   * @param messageId SMS Aero's id of the Telegram message
   * @returns the status of what reached the phone, or is on its way to it; never throws
   */
  async telegramStatus(credentials: Credentials, messageId: string, deadline: number): Promise<StatusAnswer> {
    const telegram = await this.#statusOf('telegram', credentials, messageId, deadline);
    if (telegram.status !== 'known' || telegram.smsMessageId === undefined) return telegram;
    const sms = await this.status(credentials, telegram.smsMessageId, deadline);
    const isDelivered = sms.status === 'known' && sms.message === 'delivered';
    if (sms.status !== 'refused' && telegram.message === 'delivered' && !isDelivered) {
      return { ...telegram, smsMessageId: undefined }; // both may be under way, and one has arrived
    }
    return sms.status === 'known'
      ? { ...sms, smsMessageId: telegram.smsMessageId, cost: sumOf(telegram.cost, sms.cost) }
      : sms;
  }

  async #statusOf(
    channel: Channel,
    credentials: Credentials,
    messageId: string,
    deadline: number,
  ): Promise<StatusAnswer> {
    const method = `${channel}/${this.#mode}status`;
    const { answer } = await this.call(credentials, method, { id: messageId }, deadline);
    return answer?.kind === 'answered' ? readStatus(answer, messageId) : { status: 'unavailable' };
  }
}

const NO_ANSWER: SendResult = { status: 'unknown', reason: 'no_answer' };
const UNAVAILABLE: SendResult = { status: 'failed', reason: 'unavailable' };

/** Roubles of both messages; undefined if neither is known. */
function sumOf(...costs: readonly (number | undefined)[]): number | undefined {
  const known = costs.filter((cost) => cost !== undefined);
  return known.length > 0 ? roubles(known.reduce((sum, cost) => sum + cost, 0)) : undefined;
}
