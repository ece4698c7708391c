import { randomInt } from 'node:crypto';
import { plainText } from '../../plain-text.ts';
import { isOneOf } from '../../platforms/authentication.ts';

/** How long a code may be answered, in ms. */
export const CODE_LIFETIME = 5 * 60_000;

/** Wrong answers that a code may get, and that end a sign-in: a code is guessed with a probability of 3 in a million. */
export const MAX_WRONG_ANSWERS = 3;

/** The longest answer that is looked at, in UTF-16 units; six digits with spaces and marks between them have about 20. */
const MAX_ANSWER_LENGTH = 100;

/** A code that a person is to send back. */
export interface Code {
  /** Six digits. */
  readonly digits: string;
  /** ms of the Unix epoch. */
  readonly expiresAt: number;
  /** Whether SMS Aero took the message. A code that is not known to have been sent is never answered rightly. */
  readonly sent: boolean;
}

/** A new code that nobody was sent yet, every one of the million equally likely. */
export function newCode(now: number): Code {
  const digits = String(randomInt(1_000_000)).padStart(6, '0');
  return { digits, expiresAt: now + CODE_LIFETIME, sent: false };
}

/** The code as text: for what Cognito keeps of a challenge, which only the triggers see, and for the table. */
export function codeToText({ digits, expiresAt, sent }: Code): string {
  // Two words of one length: Cognito keeps it encrypted where the client sees how long it is.
  return `${sent ? 'SENT' : 'HELD'}-CODE-${digits}-${expiresAt}`;
}

/** The code of a text; undefined if the text is not one. */
export function codeFromText(text: unknown): Code | undefined {
  const [, state, digits, expiresAt] =
    /^(SENT|HELD)-CODE-(\d{6})-(\d{13})$/.exec(typeof text === 'string' ? text : '') ?? [];
  return digits && expiresAt ? { digits, expiresAt: Number(expiresAt), sent: state === 'SENT' } : undefined;
}

/**
 * An answer as people type it, in the form of a code: without white space, hyphens and invisible characters, digits of every script as
 * ASCII digits.
 *
 * @returns an empty string for what is not a text, or too long for a code
 */
export function typedDigits(answer: unknown): string {
  if (typeof answer !== 'string' || answer.length > MAX_ANSWER_LENGTH) {
    return '';
  }
  return plainText(answer).replaceAll(/[\s\p{Z}\p{M}\p{Pd}\u2212]/gu, ''); // U+2212 is the minus sign, for Unicode not a dash
}

/** Whether an answer, in the form of {@link typedDigits}, is the code, in a time that does not depend on how much of it is right. */
export function isAnswer(given: string, code: Code, now: number): boolean {
  return isOneOf(given, [code.digits]) && code.sent && now < code.expiresAt;
}
