/** Public link shorteners, and messengers' short links; operators block them or hold them back. */
const SHORTENERS: ReadonlySet<string> = new Set([
  ...[
    'bit.ly',
    'tinyurl.com',
    'goo.gl',
    't.co',
    'ow.ly',
    'is.gd',
    'cutt.ly',
    'rb.gy',
    'rebrand.ly',
    'tiny.cc',
  ],
  ...['clck.ru', 'vk.cc', 'u.to', 'goo.su', 'qps.ru', 'surl.li', 't.me', 'wa.me'],
]);

/** A link with a scheme, or a name in a well-known domain; `@` before it makes it an e-mail address or a WebOTP line. */
const LINK =
  /https?:\/\/[^\s<>"«»]+|(?<![@\p{L}\p{N}.-])(?:[\p{L}\p{N}-]+\.)+(?:ru|рф|su|com|org|net|info|biz|io|me|app|dev|link|ly|cc|gl|gd|to|gy|su|li|kz|by|ua|co|pro|site|online|store)(?![\p{L}\p{N}-])(?:\/[^\s<>"«»]*)?/giu;

/** A link in a text, and what keeps it from arriving. */
export interface FoundLink {
  readonly link: string;
  /** Rest of a sentence that begins with the link. */
  readonly why: string;
}

/**
 * Finds links. A code needs none, and a link beside a code is what phishing looks like: operators and SMS Aero's moderators hold such
 * messages back. Shortened ones hide where they lead, which operators forbid (Twilio's error 30963 says so of theirs).
 */
export function findLinks(text: string): FoundLink[] {
  const withoutBoundLine = text.replace(/^@.*#.*$/gm, '');
  return Array.from(withoutBoundLine.matchAll(LINK), ([match]) => {
    const link = match.replace(/[.,;:!?)\]]+$/, '');
    const host =
      link
        .replace(/^https?:\/\//i, '')
        .split(/[/?#:]/, 1)[0]
        ?.toLowerCase() ?? '';
    const why = SHORTENERS.has(host.replace(/^www\./, ''))
      ? 'is a shortened link: operators block those, because they hide where they lead'
      : 'is a link: beside a code it looks like phishing, and operators and moderation hold the message back';
    return { link, why };
  });
}
