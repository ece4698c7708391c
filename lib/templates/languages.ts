import { literalText } from './placeholders.ts';

/** Characters of a list, and languages in it, that are looked at; what comes from outside may have any number. */
const MAX_LIST_CHARACTERS = 1_000;
const MAX_LANGUAGES = 16;

/** Subtags of a locale that are looked at; `zh-Hant-TW` has three. */
const MAX_SUBTAGS = 8;

/**
 * Reads a list of languages: one tag (`ru`, `pt_BR`), OpenID's `ui_locales` (`fr-CA fr en`), `Accept-Language` (`fr-CA,en;q=0.8,ru;q=0.5`),
 * or several of them, the best first. A quality that is not a number counts as 1 (RFC 9110, section 12.4.2).
 *
 * @returns tags, or `*` for any, the best first; and tags in lower case that are refused: `en;q=0`
 */
export function parseLanguages(list: string | readonly string[]) {
  const items = [list]
    .flat()
    .flatMap(
      (text) =>
        text
          .slice(0, MAX_LIST_CHARACTERS)
          .replace(/\s*([;=])\s*/g, '$1')
          .match(/[^\s,]+/g) ?? [],
    )
    .slice(0, MAX_LANGUAGES)
    .map((item) => {
      const quality = Number(/;q=([\d.]+)/i.exec(item)?.[1] ?? 1);
      return { tag: item.split(';', 1)[0] ?? '', quality: Number.isNaN(quality) ? 1 : quality };
    });
  return {
    wanted: items
      .filter(({ quality }) => quality > 0)
      .toSorted((a, b) => b.quality - a.quality)
      .map(({ tag }) => tag),
    excluded: new Set(
      items.filter(({ quality }) => quality === 0).flatMap(({ tag }) => parentsOf(tag)[0] ?? []),
    ),
  };
}

/** `zh_Hant_TW` gives `zh-hant-tw`, `zh-hant`, `zh` (the lookup of RFC 4647, section 3.4). */
export function parentsOf(tag: string): string[] {
  const normal = tag.trim().replace(/[.@].*$/s, ''); // POSIX has ru_RU.UTF-8
  const parts = normal.toLowerCase().split(/[-_]/, MAX_SUBTAGS);
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'));
}

/**
 * Whether a text that says nothing of its language may be in this one: it is written in its script. `Код` may be Russian or Ukrainian, and
 * is not English. Without this the second choice of `ru, en` would win over a Russian text for everybody.
 *
 * @param content a template's text
 * @param language a tag, or `*`
 */
export function mayBeIn(content: string, language: string): boolean {
  const letters = literalText(content).match(/\p{L}/gu) ?? [];
  // A Latin name in a Cyrillic text makes it no Latin one.
  const telling = letters.find((letter) => !/\p{Script=Latin}/u.test(letter)) ?? letters[0];
  if (telling === undefined || language === '*') {
    return true;
  }
  try {
    const { script } = new Intl.Locale(parentsOf(language)[0] ?? '').maximize();
    return new RegExp(`\\p{Script=${script}}`, 'u').test(telling);
  } catch {
    return false; // not a tag, or a writing system of several scripts, as Japanese has
  }
}
