import { EventEmitter } from 'node:events';
import { countSegments } from '../../lib/templates/segments.ts';
import {
  type Message,
  type MessageStatus,
  messageAt,
  type Step,
  type StoredMessage,
  type Submission,
} from './message.ts';
import { Reports } from './reports/index.ts';
import type { ReportPlan } from './reports/options.ts';

/** Spellings of SMS Aero's shared sender name that its clients use. */
const sharedSenderNames: readonly string[] = ['SMS Aero', 'SMSAero', 'Sms Aero'];

/** One `sms/send` or `telegram/send` that reached a gate, however it ended: the truth that tests judge by. */
export interface LedgerEntry {
  /** Position in the ledger, from 1, over all gates of the account. */
  sequence: number;
  /** Name of the gate that received it. */
  gate: string;
  /** Epoch milliseconds at which the whole request had arrived. */
  at: number;
  /** Recipient, text and sender name (`sign`) as they were sent; empty when the request had none. */
  number: string;
  text: string;
  from: string;
  /** The code of a `telegram/send`, whose `text` is that of the SMS behind it; an `sms/send` has none. */
  telegramCode?: string;
  /** `lost`: it arrived, and a fault dropped it before the account accepted or refused it. */
  outcome: 'accepted' | 'refused' | 'lost';
  messageId?: number;
  /** Name of the fault that was played on this request. */
  fault?: string;
  /** True once a complete HTTP answer was written back (complete as HTTP: its JSON may be cut). */
  answered: boolean;
}

/** Where one message goes: `frozen` leaves it queued, `{sentAfterMs, deliveredAfterMs}` has it delivered. */
type Course = 'frozen' | { sentAfterMs: number; deliveredAfterMs: number } | readonly Step[];

/** How statuses move with the clock: one course for all messages, or a function that is asked once for each. */
export type Progress = Course | ((message: Message) => Course);

/** What an account starts with. */
export type AccountOptions = Pick<Account, 'email' | 'apiKey'> &
  Partial<Pick<Account, 'balance' | 'telegramAfterMs' | 'progress' | 'now'>> & {
    /** Default: SMS Aero's shared one. */
    readonly senderNames?: readonly string[];
    readonly reports?: ReportPlan;
  };

/** An SMS Aero account: the one state behind all gates. Its settings may be changed while gates run. */
export class Account {
  /** E-mail and key: user name and password of HTTP Basic. */
  email: string;
  apiKey: string;
  /** Roubles. */
  balance: number;
  /** Those that are approved. */
  senderNames: string[];
  /** Roubles for one segment. */
  readonly price = 4.19;
  /** Roubles for a code in Telegram. It is not paid back if an SMS takes over: no source says that it is. */
  readonly telegramPrice = 1;
  /** Milliseconds after which Telegram has delivered a code. */
  telegramAfterMs: number;
  /** Numbers (digits) that SMS Aero refuses to send to. */
  readonly blacklist = new Set<string>();
  /** How the statuses of messages move that are accepted from now on. */
  progress: Progress;
  /** Every `sms/send` and `telegram/send` that reached a gate, in order of arrival over all gates. */
  readonly ledger: LedgerEntry[] = [];
  /** `accepted` when a message is taken, `changed` when its status moves. Test messages raise none. */
  readonly events = new EventEmitter<{ accepted: [Message]; changed: [Message] }>();
  /** The clock, epoch milliseconds; `changed` events need it to run at the pace of the real one. */
  readonly now: () => number;
  /** Delivery reports: what was sent, and how the next ones go, or go wrong, for messages with a `callbackUrl`. */
  readonly reports: Reports;
  readonly #messages = new Map<number, StoredMessage>();
  /** By message, what plays its next step. */
  readonly #timers = new Map<number, NodeJS.Timeout>();
  // The two id sequences are apart and of these magnitudes on the real service.
  #nextId = 539_820_001;
  #nextTestId = 686_325;

  constructor(options: AccountOptions) {
    this.email = options.email;
    this.apiKey = options.apiKey;
    this.balance = options.balance ?? 1000;
    this.senderNames = [...(options.senderNames ?? sharedSenderNames)];
    this.telegramAfterMs = options.telegramAfterMs ?? 1000;
    this.now = options.now ?? Date.now;
    this.progress = options.progress ?? { sentAfterMs: 1000, deliveredAfterMs: 2000 };
    this.reports = new Reports(options.reports ?? {});
    // Every open page of the phone is one listener: no number of them is a leak.
    this.events.setMaxListeners(0);
  }

  /** Roubles for a message: a code in Telegram has its price, a text to one recipient that of its segments, in whole kopecks. */
  costOf({ text, telegramCode }: Pick<Submission, 'text' | 'telegramCode'>): number {
    if (telegramCode !== undefined) return this.telegramPrice;
    return Math.round(countSegments(text).segments * this.price * 100) / 100;
  }

  /**
   * Takes a message and charges for it (a test message costs nothing). If Telegram does not deliver a code, the account itself sends the SMS
   * behind it. The caller has checked the balance.
   *
   * @param status to pin instead of the clock's
   */
  accept(submission: Submission, status?: MessageStatus): Message {
    const { text, from, telegramCode, test = false } = submission;
    const nowMs = this.now();
    const isTelegram = telegramCode !== undefined;
    const stored: StoredMessage = {
      ...submission,
      id: test ? this.#nextTestId++ : this.#nextId++,
      channel: isTelegram ? 'TELEGRAM' : sharedSenderNames.includes(from) ? 'FREE SIGN' : 'PAY SIGN',
      cost: this.costOf(submission),
      segments: isTelegram ? 0 : countSegments(text).segments,
      dateCreate: Math.floor(nowMs / 1000),
      startMs: nowMs,
      steps: [],
    };
    // Test messages answer `delivery` at once (SMS Aero API v2, sms/testsend).
    if (status !== undefined || test) stored.steps = [{ status: status ?? 1, afterMs: 0 }];
    else if (isTelegram) stored.steps = [{ status: 1, afterMs: this.telegramAfterMs }];
    else stored.steps = stepsOf(this.progress, messageAt(stored, nowMs));
    this.#messages.set(stored.id, stored);
    const message = this.#view(stored, nowMs);
    if (test) return message;
    this.balance = Math.round((this.balance - stored.cost) * 100) / 100;
    // Before the listeners, which may set another status.
    this.#announceChanges(stored, message, nowMs);
    this.events.emit('accepted', message);
    return message;
  }

  /** Pins a message's status, as an operator's late answer would; unknown ids give undefined. */
  setStatus(id: number, status: MessageStatus): Message | undefined {
    const stored = this.#messages.get(id);
    if (!stored) return undefined;
    clearTimeout(this.#timers.get(id));
    stored.steps = [{ status, afterMs: this.now() - stored.startMs }];
    const message = this.#view(stored);
    this.reports.change(message, 0);
    this.events.emit('changed', message);
    return message;
  }

  find(id: number, test = false): Message | undefined {
    const stored = this.#messages.get(id);
    return stored && (stored.test ?? false) === test ? this.#view(stored) : undefined;
  }

  /** Messages as they are now, newest first; with `test` those of the test modes. */
  messages(test = false): Message[] {
    for (const stored of this.#messages.values()) this.#view(stored); // an SMS that takes over now is among them
    const ids = [...this.#messages.keys()].reverse();
    return ids.flatMap((id) => this.find(id, test) ?? []);
  }

  /** Ends the changes and reports that are still to come; the account itself may be asked on. */
  async close(): Promise<void> {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await this.reports.close();
  }

  #view(stored: StoredMessage, nowMs = this.now()): Message {
    const message = messageAt(stored, nowMs);
    const { number, telegramCode, status, smsFrom: from = '', smsText: text, idSms, gate } = message;
    const isUndelivered = telegramCode !== undefined && (status === 2 || status === 6);
    if (!isUndelivered || text === undefined || idSms !== undefined) return message;
    // As if SMS Aero had asked itself: it is in no ledger, and nothing reports on it.
    stored.idSms = this.accept({ number, from, text, gate }).id;
    return messageAt(stored, nowMs);
  }

  // The status itself follows the clock: these timers only tell listeners and callback URLs. Each starts the next, since timers
  // that wait side by side come in any order on a busy event loop. They hold no process open.
  #announceChanges(stored: StoredMessage, born: Message, nowMs: number): void {
    const dues = stored.steps
      .map(({ afterMs }) => stored.startMs + afterMs)
      .filter((dueMs) => dueMs > nowMs && Number.isFinite(dueMs)); // a timer takes Infinity for 1 ms
    const start = performance.now();
    const arm = (index: number) => {
      const dueMs = dues[index];
      if (dueMs === undefined) return;
      const play = () => {
        // First, so that a listener who sets another status stops this one too.
        arm(index + 1);
        // The message as it was due: a late timer skips no status.
        const message = this.#view(stored, dueMs);
        this.reports.change(message, dues.length - index - 1);
        this.events.emit('changed', message);
      };
      // Timers and Date.now() know whole milliseconds: with one more, a listener finds the new status in sms/status.
      const wait = Math.max(0, Math.ceil(start + dueMs - nowMs - performance.now())) + 1;
      this.#timers.set(stored.id, setTimeout(play, wait).unref());
    };
    this.reports.begin(born, dues.length);
    arm(0);
  }
}

/** The steps of a message, earliest first. */
function stepsOf(progress: Progress, message: Message): readonly Step[] {
  const course = typeof progress === 'function' ? progress(message) : progress;
  if (course === 'frozen') return [];
  if (!('sentAfterMs' in course)) return [...course].sort((one, other) => one.afterMs - other.afterMs);
  return [
    { status: 3, afterMs: course.sentAfterMs },
    { status: 1, afterMs: course.deliveredAfterMs },
  ];
}

export function createAccount(options: AccountOptions): Account {
  return new Account(options);
}
