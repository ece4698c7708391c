const SECOND = 1_000;

/** The first pause in ms, how much longer each following one is, and the longest. */
const FIRST = 5 * SECOND;
const FACTOR = 3;
const LONGEST = 3_600 * SECOND;

/** A try that would begin later than this before the command expires is not worth beginning, in ms: SMS Aero takes a second at times. */
const TIME_TO_SEND = 2 * SECOND;

/**
 * When a command is tried again: after 5, 15, 45, 135, 405, 1,215, then 3,600 s, each up to a quarter less so that commands which failed together do
 * not come back together; not before `retryAfter`; and the last time just before it expires.
 *
 * @param tries how often it has been tried
 * @param retryAfter s, if somebody said when another try makes sense
 * @param expiresAt ms of the Unix epoch
 * @param now ms of the Unix epoch
 * @param chance a number in [0, 1)
 * @returns whole seconds, at least 1; undefined if no try is left before it expires
 */
export function pauseBefore(
  tries: number,
  retryAfter: number | undefined,
  expiresAt: number,
  now: number,
  chance = Math.random(),
): number | undefined {
  const usual = Math.min(FIRST * FACTOR ** (tries - 1), LONGEST) * (1 - chance / 4);
  const earliest = (retryAfter ?? 0) * SECOND;
  const latest = expiresAt - TIME_TO_SEND - now;
  if (latest < Math.max(SECOND, earliest)) {
    return undefined;
  }
  // Up to an hour at once: a limit that says "in five hours" may have been raised by then.
  const pause = Math.min(Math.max(usual, Math.min(earliest, LONGEST)), latest);
  return Math.max(1, Math.floor(pause / SECOND));
}
