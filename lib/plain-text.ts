/** ASCII that can be seen, and the space: nothing of it changes. Nearly all numbers and addresses are that. */
const PLAIN = /^[\x20-\x7e]*$/;

/** What NFKC may change. Numbers that are not digits (², ①, ½) stay: whoever pastes a footnote's mark with a phone number means none of it. */
const COMPOSABLE = /[^\p{No}\p{Nl}]+/gu;

/**
 * What nobody sees: format characters (bidi marks, zero widths, soft hyphen) and what is ignored where there is no glyph (variation
 * selectors, fillers). Contacts of Apple, Windows and Signal, PDF and Word put them into what people copy.
 */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

const DIGITS = /\p{Nd}/gu;
const DIGIT = /^\p{Nd}$/u;

/**
 * A short text as a person sees it, in the characters that code works with: NFKC, without what is invisible, the digits of every script as
 * ASCII. Control characters stay.
 *
 * @param text bounded by whoever calls: NFKC can make 18 characters of one
 */
export function plainText(text: string): string {
  if (PLAIN.test(text)) {
    return text;
  }
  return text
    .replace(COMPOSABLE, (run) => run.normalize('NFKC'))
    .replace(INVISIBLE, '')
    .replace(DIGITS, asciiDigit);
}

/** Unicode keeps decimal digits in runs of ten, each from 0 to 9 (The Unicode Standard, section 4.6). */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let first = code;
  while (DIGIT.test(String.fromCodePoint(first - 1))) first -= 1;
  return String((code - first) % 10);
}

/** Characters to insert, delete or replace between two words (Levenshtein). */
export function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, character] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const [replaced = 0, deleted = 0] = [row[column], row[column + 1]];
      next.push(Math.min(replaced + (character === other ? 0 : 1), deleted + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
