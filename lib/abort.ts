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
    work.then(
      (result) => {
        signal.removeEventListener('abort', abort);
        resolve(result);
      },
      (error: unknown) => {
        signal.removeEventListener('abort', abort);
        reject(error);
      },
    );
  });
}

/**
 * Does work under a signal as `AbortSignal.timeout` gives it, whose timer is stopped when the work ends: the one of `AbortSignal.timeout`
 * fires later all the same and makes an error with a stack, which takes 25 us.
 *
 * @param ms time for the work
 */
export async function within<Result>(
  ms: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(timeoutError()), ms);
  timer.unref(); // what is waited for keeps the process
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** The reason that `AbortSignal.timeout` has. */
function timeoutError(): DOMException {
  return new DOMException('The operation was aborted due to timeout', 'TimeoutError');
}
