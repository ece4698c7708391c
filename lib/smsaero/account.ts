import { asNumber, asObject, type Fields } from '../json.ts';
import { readSenderNames, type SenderName } from './account-lists.ts';
import { envelopeOf, refusalReason } from './answer.ts';
import { type Credentials, GateCaller } from './gate-caller.ts';
import type { FailureReason } from './send-result.ts';

export type AccountAnswer<Value> =
  | { readonly status: 'known'; readonly value: Value; readonly gate: string }
  /** SMS Aero said no, of the account or of who asks. */
  | { readonly status: 'refused'; readonly reason: FailureReason; readonly gate: string }
  /**
   * Nothing was learned. `cause` is a code: that of the connection (`ECONNREFUSED`, `CONNECT_TIMEOUT`, `TIMEOUT`), `HTTP_502` for an answer
   * that is not a word of SMS Aero's, `MALFORMED_ANSWER` for one that is not understood. `gate` is absent if none could be reached.
   */
  | { readonly status: 'unavailable'; readonly cause: string; readonly gate?: string | undefined };

/** Pages of sender names that are read at most; a page has some twenty. */
const MAX_PAGES = 10;

/**
 * Questions about the account: SMS Aero API v2, `auth`, `balance`, `sign/list`. They cost nothing and send nothing.
 *
 * To ask about one gate, make one with only that gate.
 */
export class SmsAeroAccount extends GateCaller {
  /**
   * Whether SMS Aero takes the credentials (`auth`).
   *
   * @param deadline when the answer must be there, in ms of the Unix epoch
   * @returns `known` if it does, `refused` with `unauthorized` or `ip_not_allowed` if not; never throws
   */
  auth(credentials: Credentials, deadline: number): Promise<AccountAnswer<true>> {
    return this.#ask(credentials, 'auth', {}, deadline, () => true);
  }

  /** The balance in roubles (`balance`); never throws. */
  balance(credentials: Credentials, deadline: number): Promise<AccountAnswer<number>> {
    return this.#ask(credentials, 'balance', {}, deadline, ({ data }) =>
      asNumber(asObject(data)?.['balance']),
    );
  }

  /** The account's sender names, all pages (`sign/list`); the shared ones are in nobody's list. Never throws. */
  async senderNames(
    credentials: Credentials,
    deadline: number,
  ): Promise<AccountAnswer<readonly SenderName[]>> {
    const names = new Map<string, SenderName>();
    for (let page = 1; ; page += 1) {
      const answer = await this.#ask(credentials, 'sign/list', { page }, deadline, readSenderNames);
      if (answer.status !== 'known') {
        return answer;
      }
      const before = names.size;
      for (const name of answer.value.names) names.set(name.id, name);
      // A page too far may be empty or the last one again.
      if (names.size >= answer.value.total || names.size === before || page === MAX_PAGES) {
        return { ...answer, value: [...names.values()] };
      }
    }
  }

  async #ask<Value>(
    credentials: Credentials,
    method: string,
    parameters: Fields,
    deadline: number,
    read: (envelope: Fields) => Value | undefined,
  ): Promise<AccountAnswer<Value>> {
    const { answer, gate, skipped } = await this.call(credentials, method, parameters, deadline);
    if (!answer || gate === undefined) {
      return { status: 'unavailable', cause: skipped.at(-1)?.cause ?? 'TIMEOUT' };
    }
    if (answer.kind === 'no_answer') {
      return { status: 'unavailable', cause: answer.cause, gate };
    }
    const { statusCode } = answer;
    const envelope = envelopeOf(answer);
    if (statusCode < 300 && envelope?.['success'] === true) {
      const value = read(envelope);
      return value === undefined
        ? { status: 'unavailable', cause: 'MALFORMED_ANSWER', gate }
        : { status: 'known', value, gate };
    }
    // The page of a proxy is not SMS Aero's word: only its envelope, or a status that says all by itself, is a refusal.
    const reason = refusalReason(answer);
    if (statusCode < 500 && reason !== 'malformed_answer') {
      return { status: 'refused', reason, gate };
    }
    return {
      status: 'unavailable',
      cause: statusCode < 300 ? 'MALFORMED_ANSWER' : `HTTP_${statusCode}`,
      gate,
    };
  }
}
