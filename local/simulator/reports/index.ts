import type { Message } from '../message.ts';
import { Courier, type Report } from './courier.ts';
import { draftReports } from './draft.ts';
import type { ReportOptions, ReportPlan } from './options.ts';

export type { Report, ReportAttempt } from './courier.ts';
export type { ReportOptions, ReportPlan } from './options.ts';

/**
 * Delivery reports of an account (SMS Aero API v2, `callbackUrl` of `sms/send`): each change of a message's status is
 * reported to its URL, and so is the status that it begins with, except `queue`.
 */
export class Reports {
  /** How the reports go of messages that are accepted from now on. */
  options: ReportPlan;
  readonly #courier: Courier;
  readonly #messages = new Map<number, MessageReports>();
  readonly #busy = new Set<MessageReports>();
  #settling = Promise.withResolvers<void>();

  /** @param now the clock of the log, epoch milliseconds. */
  constructor(options: ReportPlan, now: () => number) {
    this.options = options;
    this.#courier = new Courier(now);
  }

  /** Every report that has set out, in that order. Entries change while they are on their way. */
  get log(): readonly Report[] {
    return this.#courier.log;
  }

  /** Takes a message that was just accepted, with the number of changes to come. The account calls it. */
  begin(message: Message, left: number): void {
    if (message.callbackUrl === undefined || this.#courier.isClosed) return;
    const options = typeof this.options === 'function' ? this.options(message) : this.options;
    const reports: MessageReports = new MessageReports(this.#courier, message.callbackUrl, options, () => {
      this.#busy.delete(reports);
      if (this.#busy.size === 0) this.#settling.resolve();
    });
    this.#messages.set(message.id, reports);
    this.#tell(reports, message.status === 0 ? undefined : message, left);
  }

  /** Takes a change, with the number of those to come. The account calls it. */
  change(message: Message, left: number): void {
    const reports = this.#messages.get(message.id);
    if (reports && !this.#courier.isClosed) this.#tell(reports, message, left);
  }

  /** Waits as long as `early` reports of these messages have it. The gate calls it before it answers. */
  async beforeAnswer(ids: readonly number[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#messages.get(id)?.mayAnswer));
  }

  /**
   * Waits until every message that has been accepted made all its changes, and every report of them is delivered,
   * given up or abandoned. A change that `Account.setStatus` may still make is not waited for.
   */
  async settled(): Promise<void> {
    if (this.#busy.size === 0) return;
    // Nothing here holds a process open by itself, but somebody who waits is there to see the end.
    const presence = setInterval(() => {}, 60_000);
    await this.#settling.promise;
    clearInterval(presence);
  }

  /** Abandons what is under way and sends nothing more. */
  async close(): Promise<void> {
    this.#courier.close();
    for (const reports of [...this.#busy]) reports.end();
    await this.settled();
  }

  #tell(reports: MessageReports, message: Message | undefined, left: number): void {
    if (this.#busy.size === 0) this.#settling = Promise.withResolvers();
    this.#busy.add(reports);
    reports.tell(message, left);
  }
}

/** The reports of one message: when each sets out, and which of them the gate's answer waits for. */
class MessageReports {
  readonly #courier: Courier;
  readonly #callbackUrl: string;
  readonly #options: ReportOptions;
  readonly #onDone: () => void;
  readonly #answer = Promise.withResolvers<void>();
  #held: Message[] = [];
  // Changes that are still to come, reports not yet tried, changes whose reports are under way.
  #left = 0;
  #untried = 0;
  #underWay = 0;
  #hasTried = false;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param onDone called whenever nothing is under way or to come; another change may still come. */
  constructor(courier: Courier, callbackUrl: string, options: ReportOptions, onDone: () => void) {
    this.#courier = courier;
    this.#callbackUrl = callbackUrl;
    this.#options = options;
    this.#onDone = onDone;
  }

  /** When the gate may answer `sms/send`: at once unless the options say `early`. */
  get mayAnswer(): Promise<void> {
    return this.#options.early === undefined ? Promise.resolve() : this.#answer.promise;
  }

  /**
   * Takes a status to report (none for a message that is born queued).
   * @param left changes that are still to come.
   */
  tell(message: Message | undefined, left: number): void {
    this.#left = left;
    if (message) this.#held.push(message);
    if (!this.#options.reorder || left === 0) this.#release();
    this.#note();
  }

  /** No change comes any more. */
  end(): void {
    this.tell(undefined, 0);
  }

  #release(): void {
    const due = this.#options.reorder ? this.#held.reverse() : this.#held;
    this.#held = [];
    for (const message of due) {
      const drafts = draftReports(message, this.#callbackUrl, this.#options);
      this.#untried += drafts.length;
      this.#underWay += 1;
      const onTried = () => {
        this.#untried -= 1;
        this.#hasTried = true;
        this.#note();
      };
      this.#turn = this.#turn
        .then(() => Promise.all(drafts.map((draft) => this.#courier.deliver(draft, this.#options, onTried))))
        .then(() => {
          this.#underWay -= 1;
          this.#note();
        });
    }
  }

  #note(): void {
    const isAllTried = this.#left === 0 && this.#untried === 0;
    if (isAllTried || (this.#options.early === 'first' && this.#hasTried)) this.#answer.resolve();
    if (this.#left === 0 && this.#underWay === 0) this.#onDone();
  }
}
