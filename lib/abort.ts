import { setMaxListeners } from 'node:events';

/**
 * A promise that does not outlive a signal: what an SDK does after the signal, or while a body trickles in, is not waited for.
 *
 * @param work goes on in the background after the abort; its result and its error are then dropped
 * @throws the signal's reason, if it comes first
 */
export async function orAbort<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/**
 * A signal that aborts after so many ms. Unlike that of `AbortSignal.timeout` it first lets the process take what lies in its sockets: one
 * that was stalled for as long has its answers there.
 */
export function timeoutSignal(ms: number): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(new DOMException('The operation timed out', 'TimeoutError'));
  const timer = setTimeout(() => setImmediate(() => setImmediate(abort)), ms);
  timer.unref(); // what is waited for keeps the process
  setMaxListeners(0, controller.signal); // more than ten calls may listen
  return controller.signal;
}

/** The least time for what is written after the outcome of a message is known, in ms: the answer waits for it. */
export const COMPLETION_TIMEOUT_MS = 400;

/** A signal for such a write: what is left until the deadline (ms of the Unix epoch), but at least {@link COMPLETION_TIMEOUT_MS}. */
export function completionSignal(deadline: number): AbortSignal {
  return timeoutSignal(Math.max(COMPLETION_TIMEOUT_MS, deadline - Date.now()));
}

/** The least time for a call, in ms, also past its deadline. */
const LEAST_CALL_TIME_MS = 100;

/** A signal for one call: until its time or the deadline ends, whichever is earlier (ms of the Unix epoch). */
export function callSignal(deadline: number, end: number): AbortSignal {
  return timeoutSignal(Math.max(LEAST_CALL_TIME_MS, Math.min(end, deadline) - Date.now()));
}
