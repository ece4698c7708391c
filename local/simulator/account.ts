import { EventEmitter } from 'node:events';
import { type AccountOptions, type Submission, sharedSenderNames } from './account-options.ts';
import type { LedgerEntry } from './ledger.ts';
import { type Message, type MessageStatus, messageAt, type Progress, type StoredMessage } from './message.ts';
import { countSegments } from './segments.ts';

/** An SMS Aero account: the one state behind all gates. Its settings may be changed while gates run. */
export class Account {
  email: string;
  apiKey: string;
  balance: number;
  senderNames: string[];
  price: number;
  blacklist: Set<string>;
  allowedIps: Set<string> | undefined;
  /** Every `sms/send` that reached a gate, in order of arrival over all gates. */
  readonly ledger: LedgerEntry[] = [];
  /** `accepted` when a message is taken, `changed` when its status moves. Test messages raise none. */
  readonly events = new EventEmitter<{ accepted: [Message]; changed: [Message] }>();
  /** The clock, epoch milliseconds. */
  readonly now: () => number;
  readonly #progress: Progress;
  readonly #sent = new Map<number, StoredMessage>();
  readonly #tests = new Map<number, StoredMessage>();
  // The two id sequences are apart and of these magnitudes on the real service.
  #nextId = 539_820_001;
  #nextTestId = 686_325;

  constructor(options: AccountOptions) {
    this.email = options.email;
    this.apiKey = options.apiKey;
    this.balance = options.balance ?? 1000;
    this.senderNames = [...(options.senderNames ?? sharedSenderNames)];
    this.price = options.price ?? 4.19;
    this.blacklist = new Set(options.blacklist);
    this.allowedIps = options.allowedIps && new Set(options.allowedIps);
    this.now = options.now ?? Date.now;
    this.#progress = options.progress ?? { sentAfterMs: 1000, deliveredAfterMs: 2000 };
    // Every open inbox page is one listener: no number of them is a leak.
    this.events.setMaxListeners(0);
  }

  /** Roubles for a text to one recipient: segments times price, whole kopecks. */
  costOf(text: string): number {
    return Math.round(countSegments(text) * this.price * 100) / 100;
  }

  /** Takes a message and charges for it (a test message costs nothing). The caller has checked the balance. */
  accept({ status, test = false, dateSend, shortLink = false, ...submission }: Submission): Message {
    const nowMs = this.now();
    const dateCreate = Math.floor(nowMs / 1000);
    const cost = this.costOf(submission.text);
    const stored: StoredMessage = {
      ...submission,
      id: test ? this.#nextTestId++ : this.#nextId++,
      channel: submission.channel ?? (sharedSenderNames.includes(submission.from) ? 'FREE SIGN' : 'PAY SIGN'),
      cost,
      segments: countSegments(submission.text),
      dateCreate,
      dateSend: dateSend ?? dateCreate,
      shortLink,
      test,
      startMs: dateSend === undefined ? nowMs : Math.max(nowMs, dateSend * 1000),
      ...(status === undefined ? {} : { pinned: { status, atMs: nowMs } }),
    };
    (test ? this.#tests : this.#sent).set(stored.id, stored);
    const message = messageAt(stored, nowMs, this.#progress);
    if (test) return message;
    this.balance = Math.round((this.balance - cost) * 100) / 100;
    this.events.emit('accepted', message);
    this.#announceChanges(stored);
    return message;
  }

  /** Pins a message's status, as an operator's late answer would; unknown ids give undefined. */
  setStatus(id: number, status: MessageStatus): Message | undefined {
    const stored = this.#sent.get(id);
    if (!stored) return undefined;
    stored.pinned = { status, atMs: this.now() };
    const message = this.#view(stored);
    this.events.emit('changed', message);
    return message;
  }

  /** A message as it is now, from `sms/send` or (`test`) from `sms/testsend`. */
  find(id: number, test = false): Message | undefined {
    const stored = (test ? this.#tests : this.#sent).get(id);
    return stored && this.#view(stored);
  }

  /** Messages as they are now, newest first. */
  messages(test = false): Message[] {
    return [...(test ? this.#tests : this.#sent).values()].reverse().map((stored) => this.#view(stored));
  }

  #view(stored: StoredMessage): Message {
    return messageAt(stored, this.now(), this.#progress);
  }

  // The status itself follows the clock: these timers only tell listeners, and hold no process open.
  #announceChanges(stored: StoredMessage): void {
    if (this.#progress === 'frozen' || stored.pinned) return;
    const waitMs = stored.startMs - this.now();
    for (const afterMs of [this.#progress.sentAfterMs, this.#progress.deliveredAfterMs]) {
      const announce = () => {
        // The message as it was due: a late timer skips no status.
        const message = messageAt(stored, stored.startMs + afterMs, this.#progress);
        if (!stored.pinned) this.events.emit('changed', message);
      };
      setTimeout(announce, waitMs + afterMs).unref();
    }
  }
}

/** Opens an account for the simulator's gates to share. */
export function createAccount(options: AccountOptions): Account {
  return new Account(options);
}
