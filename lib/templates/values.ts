/** The longest value other than the code, in characters (Unicode code points): a long name fits, an advertisement does not. */
const MAX_VALUE_CHARACTERS = 64;

/** What nobody sees, or what turns the writing around: format and ignorable characters, private ones, halves of pairs, controls. */
const UNSEEN =
  /[\p{Cf}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]|(?![\s\u0085])\p{Cc}/gu;

/** Marks above and below one of the letters of an alphabet: no writing system needs more than three. */
const PILE_OF_MARKS = /(\p{M}{3})\p{M}+/gu;

/** Marks would change the template's character before them, and a line of a text that begins with @ binds its code to a website. */
const BEGINNING = /^[\s\p{M}@]+/u;

/**
 * Makes a value that a stranger wrote fit for a text: one line of visible characters, at most 64 of them. Whoever signs up chooses a name,
 * and the text goes out under our sender name.
 *
 * @param value the value of any placeholder except `{{code}}`
 * @param links whether a link in it may go out
 * @returns the value; empty if it has a link that may not go out, or one that would have to be cut and lead elsewhere
 */
export function cleanValue(value: string, links: boolean): string {
  const line = value
    .replace(UNSEEN, '')
    .replace(/[\s\u0085]+/g, ' ')
    .replace(PILE_OF_MARKS, '$1')
    .replace(BEGINNING, '')
    .trimEnd();
  const short = shorten(line);
  const isLink = hasLink(line) || hasLink(short); // what is cut off can make one of the rest: `shop.com1`
  return isLink && (!links || short !== line) ? '' : short;
}

/** Cuts between two signs as people see them, so that no accent or half of a sign is left over. */
function shorten(line: string): string {
  if (line.length <= MAX_VALUE_CHARACTERS) {
    return line;
  }
  let kept = '';
  let characters = 0;
  for (const { segment } of new Intl.Segmenter().segment(line)) {
    characters += Array.from(segment).length;
    if (characters > MAX_VALUE_CHARACTERS) break;
    kept += segment;
  }
  return kept.trimEnd();
}

/** `https://…`, `hxxp://…`, `http:\\…`: any scheme, since a phone opens what some app has registered. */
const SCHEME = /[\p{L}\p{N}+.-]:[\\/]{2}/u;

/** Schemes without slashes that phones make tappable, or that name an app to call with, whatever is behind them. */
const SHORT_SCHEME =
  /(?<![\p{L}\p{N}])(?:mailto|tel|sms|smsto|facetime|geo|skype|callto|tg|viber|whatsapp):/iu;

const WWW = /(?<![\p{L}\p{N}])www\.\S/iu;

/**
 * Android's Linkify makes an address of four numbers tappable, whatever is around it. A version of five parts counts as well: it cannot be
 * told from an address with one more number in front.
 */
const IP_ADDRESS = /(?<!\p{Nd})(?:\d{1,3}\.){3}\d{1,3}(?!\d)/u;

/**
 * What people write between the digits of a phone number: white space, dashes, dots, slashes, brackets, and marks (the emoji of a digit has
 * one). At most six in a row, so that the search takes linear time.
 */
const BETWEEN_DIGITS = String.raw`[\s().\-\/\[\]~\p{Pd}\p{M}\u2212\u2796\u30fc\u2800\u2053\u223c]{0,6}`;

/** Digits that are read as one number. */
const NUMBER = new RegExp(String.raw`(?:\+${BETWEEN_DIGITS})?\p{Nd}(?:${BETWEEN_DIGITS}\p{Nd})*`, 'gu');

/** A number within a city has up to seven digits. Six would take dates (`26.11.26`) and sums (`150 000`) along. */
const MIN_PHONE_DIGITS = 7;

/** Digits with nothing between them: the number of an order may have nine, a Russian mobile number without its 8 has ten. */
const MIN_BARE_PHONE_DIGITS = 10;

const ISO_DATE = String.raw`(?:19|20)\d\d([-./])(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])`;
const DATE = String.raw`(?:0?[1-9]|[12]\d|3[01])[./](?:0?[1-9]|1[0-2])[./](?:19|20)\d\d`;
const YEARS = String.raw`(?:19|20)\d\d ?[-–/] ?(?:19|20)\d\d`;

/** A date, perhaps with a part of the time beside it (a colon ends a number: `26.11.2026 14:05`), or two years (`2025/2026`). */
const DATE_OR_YEARS = new RegExp(
  String.raw`^(?:(?:[0-5]\d )?(?:${ISO_DATE}|${DATE})(?: (?:[01]\d|2[0-3]))?|${YEARS})$`,
);

/** The phone numbers in a text: what a phone makes tappable, and what a person may call. */
function phoneNumbers(text: string): string[] {
  return (text.match(NUMBER) ?? []).filter((written) => {
    const digits = written.match(/\p{Nd}/gu)?.length ?? 0;
    const isBare = digits === Array.from(written).length;
    return digits >= (isBare ? MIN_BARE_PHONE_DIGITS : MIN_PHONE_DIGITS) && !DATE_OR_YEARS.test(written);
  });
}

/**
 * Whether a value is the phone number of the message's recipient, and nothing else: Cognito's user name is one in pools that sign in by phone.
 *
 * @param value the value as it came
 * @param recipient E.164 with the plus
 */
export function isNumberOf(value: string, recipient: string): boolean {
  const digits = value.replace(/\D/g, '').replace(/^0+/, '');
  const national = digits.replace(/^8(?=\d{10}$)/, ''); // Russia's trunk prefix
  // Without its calling code (+1 and +7 have one digit, others up to three), and no shorter: a part of it may be another's number.
  const missing = recipient.length - 1 - national.length;
  return (
    /^\+?[\d ()-]{7,20}$/.test(value) &&
    (recipient === `+${digits}` ||
      (!value.startsWith('+') &&
        missing <= (/^\+[17]/.test(recipient) ? 1 : 3) &&
        recipient.endsWith(national)))
  );
}

/**
 * A dot behind a name, and what may be a top-level domain: two or more letters, or one in Punycode. It takes nothing of the name, so that
 * every dot of `a.b.c` is found. A footnote's mark behind it (²) does not belong to it.
 */
const DOMAIN = /(?<=[^\s!-,./:-@[-^`{-~])\.(xn--[a-z0-9-]+|\p{L}[\p{L}\p{M}]+)(?![\p{L}\p{M}\p{Nd}])/giu;

/**
 * Scripts in which people write names with dots (А.С.Пушкин), and all top-level domains in them (IANA root zone, 2025). `г.Москва` is
 * how a city is written, so they are not domains behind a single letter either.
 */
const NAMES_WITH_DOTS = /^[\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Georgian}\p{M}]+$/u;
const THEIR_DOMAINS: ReadonlySet<string> = new Set(
  'бг бел дети ею католик ком мкд мон москва онлайн орг рус рф сайт срб укр қаз հայ გე'.split(' '),
);

/** A single letter, as far as the last characters of a text tell. */
const ABBREVIATION = /(?<![\p{L}\p{M}\p{N}\p{S}_.-])\p{L}$/u;

/**
 * Whether a text has something that a phone makes tappable as a link: a scheme, `www.`, an address of four numbers, a phone number, or a
 * domain without any of them (`example.com`, also in an e-mail address). It counts whatever it is written in: full-width, with ideographic
 * dots, in Punycode, percent-encoded. `3.14` and `Иван И.` are none; `St.Petersburg` is one, as it is for a phone that does not know every domain.
 */
export function hasLink(text: string): boolean {
  const plain = text.normalize('NFKC').replaceAll('\u3002', '.');
  const decoded = plain.replace(/%([2-7][0-9a-f])/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return [...new Set([text, plain, decoded])].some(hasPlainLink);
}

function hasPlainLink(text: string): boolean {
  return (
    [SCHEME, SHORT_SCHEME, WWW, IP_ADDRESS].some((form) => form.test(text)) ||
    phoneNumbers(text).length > 0 ||
    Array.from(text.matchAll(DOMAIN)).some(
      ({ 1: domain = '', index }) =>
        !NAMES_WITH_DOTS.test(domain) ||
        (THEIR_DOMAINS.has(domain.toLowerCase()) &&
          !ABBREVIATION.test(text.slice(Math.max(0, index - 4), index))),
    )
  );
}

/**
 * Whether values make a link where they touch each other or the text of the template: `evil.` and `com` side by side, or two halves of a
 * phone number.
 *
 * @param text the text with the values
 * @param without the same text without them: its links are the author's
 */
export function makesLink(text: string, without: string): boolean {
  const words = new Set(without.split(/\s/));
  // A phone number goes on over spaces, so that no word of it has to be one.
  const numbers = new Set(phoneNumbers(without.normalize('NFKC')));
  return (
    text.split(/\s/).some((word) => !words.has(word) && hasLink(word)) ||
    phoneNumbers(text.normalize('NFKC')).some((number) => !numbers.has(number))
  );
}
