import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Draft, ReportOptions } from './options.ts';

/** One try to deliver a report: an HTTP status, or what went wrong (a system error's code, or its message). */
type ReportAttempt = { status: number } | { error: string };

/** A report that was sent, and its result. */
export interface Report extends Draft {
  attempts: ReportAttempt[];
  /** `waiting` for an answer or the next repeat; `abandoned` when the account was closed meanwhile. */
  outcome: 'waiting' | 'delivered' | 'given_up' | 'abandoned';
}

// Each takes two file descriptors when the receiver is in the same process, of 1,024 that a shell often grants; the
// rest waits in line.
const MOST_AT_ONCE = 64;

const ANSWER_TIMEOUT_MS = 5_000;

/** Delivers reports, at most 64 at a time, and keeps the log. */
export class Courier {
  /** Every report that has set out, in that order. */
  readonly log: Report[] = [];
  readonly #limit = pLimit(MOST_AT_ONCE);
  readonly #closing = new AbortController();

  constructor() {
    // Each report under way listens to it.
    setMaxListeners(0, this.#closing.signal);
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Sends a report until it is answered with 200 or given up. @param onTried called once, when the first attempt has ended */
  async deliver(draft: Draft, options: ReportOptions, onTried: () => void): Promise<void> {
    const { repeats = 3, pauseMs = 50 } = options;
    const report: Report = { ...draft, attempts: [], outcome: 'waiting' };
    this.log.push(report);
    for (let tries = 1; report.outcome === 'waiting'; tries += 1) {
      const attempt = await this.#limit(() => (this.isClosed ? undefined : this.#attempt(draft)));
      if (attempt) report.attempts.push(attempt);
      if (attempt && 'status' in attempt && attempt.status === 200) report.outcome = 'delivered';
      else if (this.isClosed) report.outcome = 'abandoned';
      else if (tries > repeats) report.outcome = 'given_up';
      if (tries === 1) onTried();
      // A pause is outside of the limit: a receiver that fails does not keep the others waiting.
      if (report.outcome === 'waiting') {
        await sleep(pauseMs, undefined, { signal: this.#closing.signal, ref: false }).catch(() => {});
      }
    }
  }

  /** Stops at once: what is under way is abandoned. */
  close(): void {
    this.#closing.abort();
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
