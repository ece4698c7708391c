import { EventEmitter } from 'node:events';
import {
  type AccountOptions,
  type Submission,
  sharedSenderNames,
  type TelegramSubmission,
} from './account-options.ts';
import type { LedgerEntry } from './ledger.ts';
import { type Message, type MessageStatus, messageAt, type StoredMessage } from './message.ts';
import { type Progress, playSteps, stepsOf } from './progress.ts';
import { Reports } from './reports/index.ts';
import { countSegments } from './segments.ts';

/** An SMS Aero account: the one state behind all gates. Its settings may be changed while gates run. */
export class Account {
  email: string;
  apiKey: string;
  balance: number;
  senderNames: string[];
  price: number;
  telegramPrice: number;
  /** Numbers whose codes Telegram does not deliver. */
  withoutTelegram: Set<string>;
  telegramAfterMs: number;
  blacklist: Set<string>;
  allowedIps: Set<string> | undefined;
  /** How the statuses of messages move that are accepted from now on. */
  progress: Progress;
  /** Every `sms/send` and `telegram/send` that reached a gate, in order of arrival over all gates. */
  readonly ledger: LedgerEntry[] = [];
  /** `accepted` when a message is taken, `changed` when its status moves. Test messages raise none. */
  readonly events = new EventEmitter<{ accepted: [Message]; changed: [Message] }>();
  /** The clock, epoch milliseconds. */
  readonly now: () => number;
  /** Delivery reports: what was sent, and how the next ones go wrong. */
  readonly reports: Reports;
  readonly #sent = new Map<number, StoredMessage>();
  readonly #tests = new Map<number, StoredMessage>();
  // What stops the steps of a message that are still to come.
  readonly #stops = new Map<number, () => void>();
  // The two id sequences are apart and of these magnitudes on the real service.
  #nextId = 539_820_001;
  #nextTestId = 686_325;

  constructor(options: AccountOptions) {
    this.email = options.email;
    this.apiKey = options.apiKey;
    this.balance = options.balance ?? 1000;
    this.senderNames = [...(options.senderNames ?? sharedSenderNames)];
    this.price = options.price ?? 4.19;
    this.telegramPrice = options.telegramPrice ?? 1;
    this.withoutTelegram = new Set(options.withoutTelegram);
    this.telegramAfterMs = options.telegramAfterMs ?? 1000;
    this.blacklist = new Set(options.blacklist);
    this.allowedIps = options.allowedIps && new Set(options.allowedIps);
    this.now = options.now ?? Date.now;
    this.progress = options.progress ?? { sentAfterMs: 1000, deliveredAfterMs: 2000 };
    this.reports = new Reports(options.reports ?? {}, this.now);
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
      startMs: dateSend === undefined || test ? nowMs : Math.max(nowMs, dateSend * 1000),
      // Test messages answer `delivery` at once (SMS Aero API v2, sms/testsend).
      steps: test ? [{ status: 1, afterMs: 0 }] : [],
      ...(status === undefined ? {} : { pinned: { status, atMs: nowMs } }),
    };
    if (!test && !stored.pinned) stored.steps = stepsOf(this.progress, messageAt(stored, nowMs));
    return this.#take(stored, nowMs);
  }

  /**
   * Takes a code for Telegram and charges for it. Telegram delivers it, or not, after `telegramAfterMs`; if not, the account itself sends the
   * SMS behind it. The caller has checked the balance.
   */
  acceptTelegram({ number, code, gate, status, test = false, ...sms }: TelegramSubmission): Message {
    const nowMs = this.now();
    const dateCreate = Math.floor(nowMs / 1000);
    const end = this.withoutTelegram.has(number) ? 2 : 1;
    const stored: StoredMessage = {
      ...sms,
      id: test ? this.#nextTestId++ : this.#nextId++,
      number,
      from: 'Telegram',
      text: code,
      telegramCode: code,
      channel: 'TELEGRAM',
      cost: this.telegramPrice,
      segments: 0,
      dateCreate,
      dateSend: dateCreate,
      shortLink: false,
      gate,
      test,
      startMs: nowMs,
      steps: test ? [{ status: 1, afterMs: 0 }] : [{ status: end, afterMs: this.telegramAfterMs }],
      ...(status === undefined ? {} : { pinned: { status, atMs: nowMs }, steps: [] }),
    };
    return this.#take(stored, nowMs);
  }

  #take(stored: StoredMessage, nowMs: number): Message {
    (stored.test ? this.#tests : this.#sent).set(stored.id, stored);
    const message = this.#view(stored, nowMs);
    if (stored.test) return message;
    this.balance = Math.round((this.balance - stored.cost) * 100) / 100;
    // Before the listeners, which may set another status.
    this.#announceChanges(stored, message, nowMs);
    this.events.emit('accepted', message);
    return message;
  }

  /** Pins a message's status, as an operator's late answer would; unknown ids give undefined. */
  setStatus(id: number, status: MessageStatus): Message | undefined {
    const stored = this.#sent.get(id);
    if (!stored) return undefined;
    this.#stop(id);
    stored.pinned = { status, atMs: this.now() };
    const message = this.#view(stored);
    this.reports.change(message, 0);
    this.events.emit('changed', message);
    return message;
  }

  /** A message as it is now, SMS or for Telegram; with `test` one of `sms/testsend` or `telegram/testsend`. */
  find(id: number, test = false): Message | undefined {
    const stored = (test ? this.#tests : this.#sent).get(id);
    return stored && this.#view(stored);
  }

  /** Messages as they are now, newest first. */
  messages(test = false): Message[] {
    const all = test ? this.#tests : this.#sent;
    for (const stored of all.values()) this.#view(stored); // an SMS that takes over now is among them
    return [...all.values()].reverse().map((stored) => this.#view(stored));
  }

  /** Ends the changes and reports that are still to come; the account itself may be asked on. */
  async close(): Promise<void> {
    for (const id of this.#stops.keys()) this.#stop(id);
    await this.reports.close();
  }

  #view(stored: StoredMessage, nowMs = this.now()): Message {
    const message = messageAt(stored, nowMs);
    if (!isUndelivered(message) || message.smsText === undefined || message.idSms !== undefined)
      return message;
    // As if SMS Aero had asked itself: it is in no ledger, and nothing reports on it.
    const { number, smsFrom: from = '', smsText: text, gate } = message;
    stored.idSms = this.accept({ number, from, text, gate }).id;
    return messageAt(stored, nowMs);
  }

  #stop(id: number): void {
    this.#stops.get(id)?.();
    this.#stops.delete(id);
  }

  // The status itself follows the clock: these timers only tell listeners and callback URLs.
  #announceChanges(stored: StoredMessage, born: Message, nowMs: number): void {
    const dues = stored.steps.map(({ afterMs }) => stored.startMs + afterMs).filter((dueMs) => dueMs > nowMs);
    const waits = dues.map((dueMs) => dueMs - nowMs);
    this.reports.begin(born, dues.length);
    const stop = playSteps(waits, (index) => {
      const left = dues.length - index - 1;
      if (left === 0) this.#stops.delete(stored.id);
      // The message as it was due: a late timer skips no status.
      const message = this.#view(stored, dues[index] ?? nowMs);
      this.reports.change(message, left);
      this.events.emit('changed', message);
    });
    if (dues.length > 0) this.#stops.set(stored.id, stop);
  }
}

/** Whether Telegram did not deliver a message that was for it. */
function isUndelivered({ telegramCode, status }: Message): boolean {
  return telegramCode !== undefined && (status === 2 || status === 6);
}

/** Opens an account for the simulator's gates to share. */
export function createAccount(options: AccountOptions): Account {
  return new Account(options);
}
