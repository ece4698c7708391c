import type { Message } from '../message.ts';
import { Courier, type Report } from './courier.ts';
import { draftReports, type ReportOptions, type ReportPlan } from './options.ts';

/** The reports of one message. */
interface MessageReports {
  readonly options: ReportOptions;
  /** Statuses that wait until the last has come. */
  held: Message[];
  /** Changes that are still to come, reports not yet tried, changes whose reports are under way. */
  left: number;
  untried: number;
  underWay: number;
  hasTried: boolean;
  /** Ends with the last report that has set out. */
  turn: Promise<unknown>;
  /** Resolves when the gate may answer `sms/send`. */
  readonly answer: PromiseWithResolvers<void>;
}

/**
 * Delivery reports of an account (SMS Aero API v2, `callbackUrl` of `sms/send`): each change of a message's status is
 * reported to its URL, and so is the status that it begins with, except `queue`.
 */
export class Reports {
  /** How the reports go of messages that are accepted from now on. */
  options: ReportPlan;
  readonly #courier = new Courier();
  readonly #messages = new Map<number, MessageReports>();
  readonly #busy = new Set<MessageReports>();
  #settling = Promise.withResolvers<void>();

  constructor(options: ReportPlan) {
    this.options = options;
  }

  /** Every report that has set out, in that order. Entries change while they are on their way. */
  get log(): readonly Report[] {
    return this.#courier.log;
  }

  /** Takes a message that was just accepted, with the number of changes to come. The account calls it. */
  begin(message: Message, left: number): void {
    if (message.callbackUrl === undefined || this.#courier.isClosed) return;
    const options = typeof this.options === 'function' ? this.options(message) : this.options;
    const counts = { left, untried: 0, underWay: 0, hasTried: false };
    const later = { held: [], turn: Promise.resolve(), answer: Promise.withResolvers<void>() };
    const reports: MessageReports = { options, ...counts, ...later };
    this.#messages.set(message.id, reports);
    this.#take(reports, message.status === 0 ? undefined : message, left);
  }

  /** Takes a change, with the number of those to come. The account calls it. */
  change(message: Message, left: number): void {
    const reports = this.#messages.get(message.id);
    if (reports && !this.#courier.isClosed) this.#take(reports, message, left);
  }

  /** Waits as long as the `early` reports of a message have it. The gate calls it before it answers. */
  async beforeAnswer(id: number): Promise<void> {
    const reports = this.#messages.get(id);
    if (reports?.options.early) await reports.answer.promise;
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
    for (const reports of [...this.#busy]) this.#take(reports, undefined, 0);
    await this.settled();
  }

  /** Takes a status to report, if there is one, and sends what is due. */
  #take(reports: MessageReports, message: Message | undefined, left: number): void {
    if (this.#busy.size === 0) this.#settling = Promise.withResolvers();
    this.#busy.add(reports);
    reports.left = left;
    if (message) reports.held.push(message);
    if (!reports.options.reorder || left === 0) {
      for (const due of reports.held.splice(0).reverse()) this.#send(reports, due);
    }
    this.#note(reports);
  }

  #send(reports: MessageReports, message: Message): void {
    const { options } = reports;
    const drafts = draftReports(message, options);
    reports.untried += drafts.length;
    reports.underWay += 1;
    const onTried = () => {
      reports.untried -= 1;
      reports.hasTried = true;
      this.#note(reports);
    };
    reports.turn = reports.turn
      .then(() => Promise.all(drafts.map((draft) => this.#courier.deliver(draft, options, onTried))))
      .then(() => {
        reports.underWay -= 1;
        this.#note(reports);
      });
  }

  /** Looks what a message no longer waits for. */
  #note(reports: MessageReports): void {
    const { left, untried, underWay, hasTried, options, answer } = reports;
    const isAllTried = left === 0 && untried === 0;
    if (isAllTried || (options.early === 'first' && hasTried)) answer.resolve();
    if (left > 0 || underWay > 0) return;
    this.#busy.delete(reports);
    if (this.#busy.size === 0) this.#settling.resolve();
  }
}
