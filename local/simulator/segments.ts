// GSM 03.38 basic alphabet: one septet each. The escape character itself (0x1B) is not a character of it.
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
// Its extension table: two septets each.
const extension = new Set('\f^{}\\[~]|€');

function pack(units: readonly number[], single: number, part: number): number {
  const total = units.reduce((sum, size) => sum + size, 0);
  if (total <= single) return 1;
  let segments = 1;
  let used = 0;
  for (const size of units) {
    // A character never straddles two parts: an escape sequence or a surrogate pair moves to the next one.
    if (used + size > part) {
      segments += 1;
      used = 0;
    }
    used += size;
  }
  return segments;
}

/**
 * Segments that a text takes, which is what SMS Aero charges for.
 * GSM 03.38: 160 septets in one part, 153 in each of several; anything else UCS-2: 70 code units, 67 in each of several.
 * @param text the whole message.
 * @returns 1 or more (an empty text is one segment).
 */
export function countSegments(text: string): number {
  const characters = [...text];
  const septets = characters.map((character) =>
    basic.has(character) ? 1 : extension.has(character) ? 2 : 0,
  );
  if (!septets.includes(0)) return pack(septets, 160, 153);
  return pack(
    characters.map((character) => character.length),
    70,
    67,
  );
}
