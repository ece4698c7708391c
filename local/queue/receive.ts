import type { ReceivedMessage } from './message.ts';
import type { Queue } from './queue.ts';

/**
 * Long polling: takes what is there, or the first that comes within so many seconds.
 *
 * @param signal ends the wait: a caller that has gone away takes no message with it
 * @param take receives what is visible now
 */
export function receiveWithin(
  queue: Queue,
  seconds: number,
  signal: AbortSignal,
  take: () => ReceivedMessage[],
): ReceivedMessage[] | Promise<ReceivedMessage[]> {
  const now = take();
  if (now.length > 0 || seconds === 0 || signal.aborted) return now;
  return new Promise((resolve) => {
    // What woke it runs in a microtask, which may come after the end; a message that it took then would be lost.
    let over = false;
    const end = (messages: ReceivedMessage[]) => {
      over = true;
      stopListening();
      stopWaiting();
      signal.removeEventListener('abort', giveUp);
      resolve(messages);
    };
    const giveUp = () => end([]);
    const stopListening = queue.onVisible(() => {
      const messages = over ? [] : take();
      if (messages.length > 0) end(messages);
    });
    const stopWaiting = queue.clock.at(queue.clock.now() + seconds * 1000, giveUp);
    signal.addEventListener('abort', giveUp);
  });
}
