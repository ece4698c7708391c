/** The longest text that SMS Aero takes, in characters (Unicode code points) (SMS Aero API v2, sms/send: 2 to 640). */
export const MAX_TEXT_CHARACTERS = 640;

/** How a text travels: GSM 7-bit (GSM 03.38) or, if one character is outside of that alphabet, UCS-2 for the whole text. */
export type Encoding = 'GSM-7' | 'UCS-2';

/** What a text costs on the air. */
export interface SegmentCount {
  readonly encoding: Encoding;
  /** Billed parts: 1 up to 160 septets or 70 UCS-2 units, else parts of 153 or 67 (GSM 03.40: 6 octets of user data header). */
  readonly segments: number;
}

/** GSM 03.38 basic character set; every character takes one septet. */
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);

/** GSM 03.38 extension table; every character takes two septets, an escape and itself. */
const EXTENSION = new Set('\f^{}\\[~]|€');

/**
 * Counts the segments that a text is sent (and billed) in.
 *
 * A character of two units, an extension character or a surrogate pair, is never split between two segments, so the count can
 * be higher than units divided by the segment's size.
 *
 * @param text the message as it is sent
 */
export function countSegments(text: string): SegmentCount {
  const characters = Array.from(text);
  return characters.every((character) => BASIC.has(character) || EXTENSION.has(character))
    ? {
        encoding: 'GSM-7',
        segments: fill(
          characters.map((each) => (EXTENSION.has(each) ? 2 : 1)),
          160,
          153,
        ),
      }
    : {
        encoding: 'UCS-2',
        segments: fill(
          characters.map(({ length }) => length),
          70,
          67,
        ),
      };
}

/** Segments needed for characters of these widths: one that holds `single` units, or as many as it takes of `part` units. */
function fill(widths: readonly number[], single: number, part: number): number {
  const total = widths.reduce((sum, width) => sum + width, 0);
  if (total <= single) {
    return 1;
  }
  let segments = 1;
  let free = part;
  for (const width of widths) {
    if (width > free) {
      segments += 1;
      free = part;
    }
    free -= width;
  }
  return segments;
}

export function isTooLong(text: string): boolean {
  return text.length > MAX_TEXT_CHARACTERS && Array.from(text).length > MAX_TEXT_CHARACTERS;
}
