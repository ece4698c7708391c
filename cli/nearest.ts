/**
 * The candidate that a word was probably meant to be.
 *
 * @returns undefined if none is within two slips of the pen (one in a word of four letters or less)
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const limit = word.replace(/^-+/, '').length <= 4 ? 1 : 2;
  const byDistance = candidates
    .map((candidate) => ({ candidate, slips: distance(word, candidate) }))
    .sort((a, b) => a.slips - b.slips);
  const [best] = byDistance;
  return best && best.slips <= limit ? best.candidate : undefined;
}

/** Letters to insert, delete or replace between two words (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const [replaced = 0, deleted = 0] = [row[column], row[column + 1]];
      next.push(Math.min(replaced + (letter === other ? 0 : 1), deleted + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
