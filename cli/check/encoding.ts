import { countSegments, type Encoding } from '../../lib/templates/segments.ts';

/** What a text costs, and why. */
export interface TextCost {
  readonly encoding: Encoding;
  readonly segments: number;
  /** Units of the encoding: septets or UTF-16 units. */
  readonly used: number;
  /** Units that one segment holds. */
  readonly room: number;
  /** What is not in GSM-7, in words: `Cyrillic letters, ’ (U+2019)`; empty for a text in GSM-7. */
  readonly culprits: string;
  /** For a text that is UCS-2 only for signs with a GSM-7 look-alike: what to write instead, `’ as '`. */
  readonly replacements: string;
}

/** What one segment holds (GSM 03.38, GSM 03.40). */
const ROOM = { 'GSM-7': 160, 'UCS-2': 70 } as const;

/** GSM 03.38 extension table: two septets each. */
const EXTENSION = /[\f^{}\\[~\]|€]/g;

/** Signs that text editors put in, and what is in GSM-7 for them. */
const LOOK_ALIKES = new Map([
  ...[...'’‘‛`´'].map((sign) => [sign, "'"] as const),
  ...[...'“”„«»'].map((sign) => [sign, '"'] as const),
  ...[...'–—−‑'].map((sign) => [sign, '-'] as const),
  ...[...'\u00a0\u202f\t'].map((sign) => [sign, 'a space'] as const),
  ['…', '...'],
  ['№', 'No.'],
]);

/** Writing systems that a culprit is named by. */
const SCRIPTS = 'Cyrillic Latin Greek Arabic Hebrew Armenian Georgian Han Hangul'.split(' ');

/** Counts a text as it is sent, and finds what makes it UCS-2. */
export function costOf(text: string): TextCost {
  const { encoding, segments } = countSegments(text);
  const outside = [...new Set(text)].filter((sign) => countSegments(sign).encoding === 'UCS-2');
  const septets = Array.from(text).length + (text.match(EXTENSION)?.length ?? 0);
  const replaceable = outside.every((sign) => LOOK_ALIKES.has(sign));
  return {
    encoding,
    segments,
    used: encoding === 'GSM-7' ? septets : text.length,
    room: ROOM[encoding],
    culprits: nameAll(outside),
    replacements: replaceable
      ? outside.map((sign) => `${nameOf(sign)} as ${LOOK_ALIKES.get(sign)}`).join(', ')
      : '',
  };
}

/** Writing systems first, then what is in none of them. */
function nameAll(signs: readonly string[]): string {
  const named = signs.map((sign) => {
    const script = SCRIPTS.find((name) => new RegExp(`\\p{Script=${name}}`, 'u').test(sign));
    return script ? { script: `${script} letters` } : { sign: nameOf(sign) };
  });
  const scripts = new Set(named.flatMap(({ script }) => script ?? []));
  return [...scripts, ...named.flatMap(({ sign }) => sign ?? [])].join(', ');
}

function nameOf(sign: string): string {
  const code = `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return /[\p{L}\p{P}\p{S}]/u.test(sign) ? `${sign} (${code})` : code;
}
