/**
 * A promise that does not outlive a signal: what an SDK does after the signal, or while a body trickles in, is not waited for.
 *
 * @param work goes on in the background after the abort; its result and its error are then dropped
 * @throws the signal's reason, if it comes first
 */
export function orAbort<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) {
      abort();
    }
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
