/** Public link shorteners, and messengers' short links; operators block them or hold them back. */
const SHORTENERS: ReadonlySet<string> = new Set(
  [
    'bit.ly tinyurl.com goo.gl t.co ow.ly is.gd cutt.ly rb.gy rebrand.ly tiny.cc t.ly lnkd.in shorturl.at v.gd',
    's.id bl.ink clc.li tg.me clck.ru vk.cc u.to goo.su qps.ru surl.li t.me wa.me',
  ].flatMap((names) => names.split(' ')),
);

/** Domains that make a word a link although nothing stands behind it. */
const DOMAINS = [
  'ru su com org net info biz io me app dev link ly cc gl gd to gy li kz by ua co pro site online store shop xyz top club website click icu vip',
  'рф москва дети онлайн сайт орг ком рус бел қаз укр xn--[a-z0-9-]+',
].flatMap((names) => names.split(' '));

/** A name up to its domain; `г.Москва` is not one. */
const NAME = String.raw`(?<![@\p{L}\p{N}.-])(?!\p{Script=Cyrillic}\.)(?:[\p{L}\p{N}-]+\.)+`;

/**
 * A link with a scheme, a name in a well-known domain, or one in any domain of Latin letters with a path behind it; `@` before it makes it an
 * e-mail address or a WebOTP line.
 */
const LINK = new RegExp(
  `https?://[^\\s<>"«»]+|${NAME}(?:(?:${DOMAINS.join('|')})(?![\\p{L}\\p{N}-])(?:/[^\\s<>"«»]*)?|[a-z]{2,24}/[^\\s<>"«»]+)`,
  'giu',
);

/**
 * Finds links, each as the rest of a sentence. A code needs none, and a link beside a code is what phishing looks like: operators and SMS Aero's moderators hold such
 * messages back. Shortened ones hide where they lead, which operators forbid (Twilio's error 30963 says so of theirs).
 */
export function checkLinks(text: string): string[] {
  const withoutBoundLine = text.replace(/^@.*#.*$/gm, '');
  return Array.from(withoutBoundLine.matchAll(LINK), ([match]) => {
    const link = match.replace(/[.,;:!?)\]]+$/, '');
    const [host = ''] = link
      .toLowerCase()
      .replace(/^(https?:\/\/)?(www\.)?/, '')
      .split(/[/?#:]/);
    return SHORTENERS.has(host)
      ? `has ${link}, which is a shortened link: operators block those, because they hide where they lead`
      : `has ${link}, which is a link: beside a code it looks like phishing, and operators and moderation hold the message back`;
  });
}
