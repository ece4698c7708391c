import { ServiceError } from '../lib/errors.ts';
import { distance } from '../lib/plain-text.ts';

/** How the command line is called, for hints. */
export const RUN = 'npm run smsaero --';

export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** Options that are wrong together, or wrong where the command runs: exit code 2, and a hint which help to read. */
export class UsageError extends ServiceError {
  override readonly name = 'UsageError';
}

export interface StageOptions {
  readonly stage: string;
}

/** What commands take that write. */
export interface WriteOptions extends StageOptions {
  readonly yes?: boolean;
  /** KMS key that encrypts secrets: `alias/mine`. */
  readonly keyAlias?: string;
}

/**
 * Suggests what was probably meant by an unknown word: the same in another writing (`signin`, `api_key`), or within two typing errors (one
 * in a word of four letters or fewer).
 *
 * @returns `: did you mean SignIn?`, or nothing
 */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? '' : `: did you mean ${meant}?`;
}

/** The candidate that a word was probably meant to be; undefined if none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  const limit = plain(word).length <= 4 ? 1 : 2;
  const [best] = candidates
    .map((candidate) => ({ candidate, errors: distance(plain(word), plain(candidate)) }))
    .sort((a, b) => a.errors - b.errors);
  return best && best.errors <= limit ? best.candidate : undefined;
}
