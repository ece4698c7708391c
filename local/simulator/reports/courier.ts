import { setMaxListeners } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Draft } from './draft.ts';
import type { ReportOptions } from './options.ts';

/** How a receiver answered: an HTTP status, or what went wrong (a system error's code, or its message). */
type Outcome = { status: number } | { error: string };

/** One try to deliver a report; `at` is epoch milliseconds of its end. */
export type ReportAttempt = { at: number } & Outcome;

/** A report that was sent, and its result. */
export interface Report extends Draft {
  /** Position in the log, from 1: the order in which reports set out. */
  sequence: number;
  attempts: ReportAttempt[];
  /** `waiting` for an answer or the next repeat; `abandoned` when the account was closed meanwhile. */
  outcome: 'waiting' | 'delivered' | 'given_up' | 'abandoned';
}

// Each takes two file descriptors when the receiver is in the same process, of 1,024 that a shell often grants; the
// rest waits in line.
const mostAtOnce = 64;

function once(call: () => void): () => void {
  let isCalled = false;
  return () => {
    if (!isCalled) call();
    isCalled = true;
  };
}

/** Delivers reports, at most 64 at a time, and keeps the log. */
export class Courier {
  readonly log: Report[] = [];
  readonly #limit = pLimit(mostAtOnce);
  readonly #lines = new Lines(mostAtOnce);
  readonly #closing = new AbortController();
  readonly #now: () => number;

  /** @param now the clock of the log, epoch milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
    // Each report under way listens to it.
    setMaxListeners(0, this.#closing.signal);
  }

  /** True once `close` was called: nothing is sent any more. */
  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /**
   * Sends a report until it is answered with 200 or given up. Never rejects.
   * @param onTried called once, when the first attempt has ended.
   */
  async deliver(draft: Draft, options: ReportOptions, onTried: () => void): Promise<void> {
    const { repeats = 3, pauseMs = 50, timeoutMs = 5000, ca } = options;
    const { signal } = this.#closing;
    const report: Report = { sequence: this.log.length + 1, ...draft, attempts: [], outcome: 'waiting' };
    this.log.push(report);
    const tried = once(onTried);
    do {
      const outcome = await this.#limit(() =>
        this.isClosed ? undefined : this.#lines.attempt(draft, { timeoutMs, ca, signal }),
      );
      if (outcome) report.attempts.push({ at: this.#now(), ...outcome });
      if (outcome && 'status' in outcome && outcome.status === 200) report.outcome = 'delivered';
      else if (this.isClosed) report.outcome = 'abandoned';
      else if (report.attempts.length > repeats) report.outcome = 'given_up';
      tried();
      // A pause is outside of the limit: a receiver that fails does not keep the others waiting.
      if (report.outcome === 'waiting')
        await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => {});
    } while (report.outcome === 'waiting');
  }

  /** Stops at once: what is under way is abandoned. */
  close(): void {
    this.#closing.abort();
    this.#lines.close();
  }
}

/** Connections to receivers. The caller bounds how many reports are under way; idle ones hold no process open. */
class Lines {
  readonly #plain: http.Agent;
  readonly #tls: https.Agent;

  /** @param most idle connections to keep to one receiver. */
  constructor(most: number) {
    const options = { keepAlive: true, maxFreeSockets: most };
    this.#plain = new http.Agent(options);
    this.#tls = new https.Agent(options);
  }

  /** Sends a report once. Gives the outcome, and never rejects. */
  async attempt(
    { url, method, contentType, body }: Draft,
    { timeoutMs, ca, signal }: { timeoutMs: number; ca?: string | undefined; signal: AbortSignal },
  ): Promise<Outcome> {
    const isTls = url.startsWith('https:');
    const content =
      contentType === undefined
        ? {}
        : { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) };
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Outcome>((resolve, reject) => {
        const request = (isTls ? https : http).request(url, {
          method,
          headers: { Accept: '*/*', ...content },
          agent: isTls ? this.#tls : this.#plain,
          signal,
          ...(ca === undefined ? {} : { ca }),
        });
        const late = () => {
          const error = new Error('No answer in time');
          request.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
        };
        timer = setTimeout(late, timeoutMs).unref();
        request.once('socket', (socket) => socket.unref());
        request.on('error', reject);
        request.once('response', (response) => {
          // Read to its end, or the connection could not be used again.
          response.resume();
          response.on('error', reject);
          response.once('end', () => resolve({ status: response.statusCode ?? 0 }));
        });
        request.end(body);
      });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return { error: code ?? message };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Drops the idle connections. */
  close(): void {
    this.#plain.destroy();
    this.#tls.destroy();
  }
}
