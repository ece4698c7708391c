/**
 * Shows a phone number in logs: `+7903•••4567`. The operator's prefix and the last four digits are enough to find a complaint,
 * and never the whole number: at least three digits are hidden, and a short number shows two at its end.
 *
 * @param number E.164 with the plus
 */
export function maskPhone(number: string): string {
  const digits = number.replace(/\D/g, '');
  const tail = digits.length >= 11 ? 4 : 2;
  const head = Math.max(0, Math.min(4, digits.length - tail - 3));
  return `+${digits.slice(0, head)}•••${digits.slice(digits.length - tail)}`;
}

/** Four digits in a row, of any script and with single separators between: what codes and phone numbers look like. */
const DIGIT_RUN = /\p{Nd}(?:[\s().-]?\p{Nd}){3,}/gu;

/** A description of an error that is safe to log. */
export interface SafeError {
  readonly name: string;
  readonly code?: string | undefined;
  readonly message: string;
  /** Where it happened: the frames of the stack, without the message. */
  readonly stack?: readonly string[] | undefined;
  readonly cause?: SafeError | undefined;
}

/**
 * Describes an error without what it may quote: runs of four and more digits are struck out, the stack loses its first lines,
 * of other properties only a string `code` is kept.
 *
 * @param depth how many causes to follow
 */
export function describeError(error: unknown, depth = 2): SafeError {
  if (!(error instanceof Error)) {
    return { name: typeof error, message: 'A value that is not an error was thrown' };
  }
  const { code } = error as { code?: unknown };
  const frames =
    error.stack
      ?.replace(error.message, '') // a line of it may look like a frame
      .split('\n')
      .filter((line) => /^\s+at /.test(line)) ?? [];
  return {
    name: error.name,
    code: typeof code === 'string' ? strikeDigits(code) : undefined,
    message: strikeDigits(error.message),
    stack: frames.length > 0 ? frames.slice(0, 8).map((line) => line.trim()) : undefined,
    cause: error.cause !== undefined && depth > 0 ? describeError(error.cause, depth - 1) : undefined,
  };
}

function strikeDigits(text: string): string {
  return text.replace(DIGIT_RUN, '•••').slice(0, 500); // in this order: the cut may leave three digits of a code, which are not a run
}
