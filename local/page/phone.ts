import { EventEmitter } from 'node:events';
import { parseRecipient } from '../../lib/message/recipient.ts';
import type { Template } from '../../lib/templates/template.ts';
import type { Account, Message } from '../simulator/index.ts';
import type { PhoneMessage, ReadOff } from './contract.ts';
import { readMessage } from './read-message.ts';

/** The digits of a number however it is written. */
const digitsOf = (written: string): string =>
  (parseRecipient(written.trim(), ['RU'])?.number ?? written).replace(/\D/g, '');

/** The phone: the messages that an account took, until somebody clears them. The account itself forgets nothing, so reports still come. */
export class Phone {
  /** `accepted`: a new message. `changed`: its status moved. `cleared`: look again at what is there. */
  readonly events = new EventEmitter<{ accepted: [PhoneMessage]; changed: [PhoneMessage]; cleared: [] }>();
  readonly #account: Account;
  readonly #templates: () => readonly Template[];
  readonly #readOff = new Map<number, ReadOff>();
  /** Up to which id messages are cleared, by number; by undefined those to all numbers. */
  readonly #cleared = new Map<string | undefined, number>();
  /** By number, the last message that a call of `latest` which waits was answered with. */
  readonly #given = new Map<string, number>();

  constructor(account: Account, templates: () => readonly Template[]) {
    this.#account = account;
    this.#templates = templates;
    this.events.setMaxListeners(0); // each page and each waiting test is one
    for (const event of ['accepted', 'changed'] as const) {
      account.events.on(event, (message) => {
        if (this.#isThere(message)) this.events.emit(event, this.#view(message));
      });
    }
  }

  /** Messages, newest first. @param to a number however it is written; all numbers without it */
  messages(to?: string): PhoneMessage[] {
    const number = to === undefined ? undefined : digitsOf(to);
    return this.#account
      .messages()
      .filter((message) => this.#isThere(message) && (number === undefined || message.number === number))
      .map((message) => this.#view(message));
  }

  /** Forgets the messages that are there now. @param to those to one number; all without it */
  clear(to?: string): void {
    const last = this.#account.messages()[0]?.id ?? 0;
    this.#cleared.set(to === undefined ? undefined : digitsOf(to), last);
    this.events.emit('cleared');
  }

  /**
   * The newest message to a number.
   *
   * With `waitMs` it is one that no earlier call with `waitMs` was answered with, so that a test which signs in twice never gets the first
   * code again; if there is none yet, the next to come. With `after` it is one that came after the message of that id.
   *
   * @param signal ends the wait
   * @returns undefined if there was none in time
   */
  async latest(
    to: string,
    { after, waitMs }: { after?: number | undefined; waitMs?: number | undefined },
    signal: AbortSignal,
  ): Promise<PhoneMessage | undefined> {
    const number = digitsOf(to);
    const take = () => {
      const since = after ?? (waitMs === undefined ? 0 : (this.#given.get(number) ?? 0));
      const found = this.messages(number).find(({ id }) => id > since);
      if (found && waitMs !== undefined) this.#given.set(number, found.id);
      return found;
    };
    const found = take();
    if (found || !waitMs) return found;
    const { promise, resolve } = Promise.withResolvers<PhoneMessage | undefined>();
    const end = (message?: PhoneMessage) => {
      this.events.off('accepted', look);
      resolve(message);
    };
    const look = () => {
      const message = take();
      if (message) end(message);
    };
    this.events.on('accepted', look);
    AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(waitMs))]).addEventListener('abort', () => end());
    return promise;
  }

  #isThere({ id, number }: Message): boolean {
    return [undefined, number].every((key) => id > (this.#cleared.get(key) ?? 0));
  }

  #view(message: Message): PhoneMessage {
    const known = this.#readOff.get(message.id) ?? readMessage(message, this.#templates());
    this.#readOff.set(message.id, known);
    const { callbackUrl: _, ...shown } = message; // its token says who may report
    return { ...shown, ...known };
  }
}
