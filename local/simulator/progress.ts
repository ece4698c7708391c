import type { Message, Step } from './message.ts';

/** Where one message goes: `frozen` leaves it queued, `{sentAfterMs, deliveredAfterMs}` has it delivered. */
type Course = 'frozen' | { sentAfterMs: number; deliveredAfterMs: number } | readonly Step[];

/** How statuses move with the clock: one course for all messages, or a function that is asked once for each. */
export type Progress = Course | ((message: Message) => Course);

/** The steps of a message, earliest first. */
export function stepsOf(progress: Progress, message: Message): readonly Step[] {
  const course = typeof progress === 'function' ? progress(message) : progress;
  if (course === 'frozen') return [];
  if (!('sentAfterMs' in course)) return [...course].sort((one, other) => one.afterMs - other.afterMs);
  return [
    { status: 3, afterMs: course.sentAfterMs },
    { status: 1, afterMs: course.deliveredAfterMs },
  ];
}

/**
 * Plays a message's steps one after another, which a timer for each would not promise on a busy event loop.
 *
 * @param waits milliseconds from now for each step, ascending
 * @returns stops what has not been played
 */
export function playSteps(waits: readonly number[], play: (index: number) => void): () => void {
  const start = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const arm = (index: number) => {
    const wait = waits[index];
    if (wait === undefined) return;
    const onTimer = () => {
      // First, so that a listener who stops the steps stops this one too.
      arm(index + 1);
      play(index);
    };
    // Timers and Date.now() know whole milliseconds: with one more, a listener finds the new status in sms/status.
    timer = setTimeout(onTimer, Math.max(0, Math.ceil(start + wait - performance.now())) + 1).unref();
  };
  arm(0);
  return () => clearTimeout(timer);
}
