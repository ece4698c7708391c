import { createHash, randomInt, timingSafeEqual } from 'node:crypto';

/** How long a code may be answered, in ms. */
export const CODE_LIFETIME = 5 * 60_000;

/** A code that a person is to send back. */
export interface Code {
  /** Six digits. */
  readonly digits: string;
  /** ms of the Unix epoch. */
  readonly expiresAt: number;
}

/** A new code, every one of the million equally likely. */
export function newCode(now: number): Code {
  return { digits: String(randomInt(1_000_000)).padStart(6, '0'), expiresAt: now + CODE_LIFETIME };
}

/** The code as text: for the challenge metadata, which only our own triggers see, and for the guard's table. */
export function codeToText({ digits, expiresAt }: Code): string {
  return `CODE-${digits}-${expiresAt}`;
}

/** The code of a text; undefined if it is none. */
export function codeFromText(text: string | null | undefined): Code | undefined {
  const [, digits, expiresAt] = /^CODE-(\d{6})-(\d{13})$/.exec(text ?? '') ?? [];
  return digits && expiresAt ? { digits, expiresAt: Number(expiresAt) } : undefined;
}

/** Whether an answer is the code, in a time that does not depend on how much of it is right. */
export function isAnswer(answer: unknown, code: Code, now: number): boolean {
  const given = typeof answer === 'string' ? answer.replace(/\s/g, '') : '';
  const equal = timingSafeEqual(sha256(given), sha256(code.digits));
  return equal && now < code.expiresAt;
}

function sha256(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}
