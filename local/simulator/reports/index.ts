import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Message } from '../message.ts';
import { type Draft, draftReports, type ReportOptions, type ReportPlan } from './options.ts';

/** One try to deliver a report: an HTTP status, or what went wrong (a system error's code, or its message). */
type ReportAttempt = { status: number } | { error: string };

/** A report that was sent, and its result. */
interface Report extends Draft {
  attempts: ReportAttempt[];
  /** `waiting` for an answer or the next repeat; `given_up` also when the account was closed meanwhile. */
  outcome: 'waiting' | 'delivered' | 'given_up';
}

// Each takes two file descriptors when the receiver is in the same process, of 1,024 that a shell often grants; the
// rest waits in line.
const MOST_AT_ONCE = 64;

const ANSWER_TIMEOUT_MS = 5_000;

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
  /** Every report that has set out, in that order. Entries change while they are on their way. */
  readonly log: Report[] = [];
  readonly #limit = pLimit(MOST_AT_ONCE);
  readonly #closing = new AbortController();
  readonly #messages = new Map<number, MessageReports>();
  readonly #busy = new Set<MessageReports>();
  #settling = Promise.withResolvers<void>();

  constructor(options: ReportPlan) {
    this.options = options;
    // Each report under way listens to it.
    setMaxListeners(0, this.#closing.signal);
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Takes a message that was just accepted, with the number of changes to come. The account calls it. */
  begin(message: Message, left: number): void {
    if (message.callbackUrl === undefined || this.#isClosed) return;
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
    if (reports && !this.#isClosed) this.#take(reports, message, left);
  }

  /** Waits as long as the `early` reports of a message have it. The gate calls it before it answers. */
  async beforeAnswer(id: number): Promise<void> {
    const reports = this.#messages.get(id);
    if (reports?.options.early) await reports.answer.promise;
  }

  /**
   * Waits until every message that has been accepted made all its changes, and every report of them is delivered or
   * given up. A change that `Account.setStatus` may still make is not waited for.
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
    this.#closing.abort();
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
      .then(() => Promise.all(drafts.map((draft) => this.#deliver(draft, options, onTried))))
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

  /** Sends a report until it is answered with 200 or given up. @param onTried called once, when the first attempt has ended */
  async #deliver(draft: Draft, options: ReportOptions, onTried: () => void): Promise<void> {
    const { repeats = 3, pauseMs = 50 } = options;
    const report: Report = { ...draft, attempts: [], outcome: 'waiting' };
    this.log.push(report);
    for (let tries = 1; report.outcome === 'waiting'; tries += 1) {
      const attempt = await this.#limit(() => (this.#isClosed ? undefined : this.#attempt(draft)));
      if (attempt) report.attempts.push(attempt);
      if (attempt && 'status' in attempt && attempt.status === 200) report.outcome = 'delivered';
      else if (this.#isClosed || tries > repeats) report.outcome = 'given_up';
      if (tries === 1) onTried();
      // A pause is outside of the limit: a receiver that fails does not keep the others waiting.
      if (report.outcome === 'waiting') {
        await sleep(pauseMs, undefined, { signal: this.#closing.signal, ref: false }).catch(() => {});
      }
    }
  }

  async #attempt({ url, method, contentType, body }: Draft): Promise<ReportAttempt> {
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
    const headers = contentType === undefined ? {} : { 'Content-Type': contentType };
    try {
      const response = await fetch(url, { method, headers, body: body ?? null, signal, redirect: 'manual' });
      await response.arrayBuffer(); // to its end, or the connection could not be used again
      return { status: response.status };
    } catch (error) {
      const { code, message } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
      return { error: String(code ?? message) };
    }
  }
}
