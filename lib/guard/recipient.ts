import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/mobile';
import { countryInZoneSeven } from './zone-seven.ts';

/** A phone number as people write one: digits with spaces, hyphens, dots, slashes or brackets between, a plus at most in front. */
const WRITTEN_NUMBER = /^\s*\+?[\d\s().\-/\u00a0\u2010-\u2015]{5,40}$/;

/** How Russians and Kazakhs write their numbers at home: `8 903 123-45-67`. */
const TRUNK_8 = /^8\d{10}$/;

/** A mobile number. */
export interface Recipient {
  /** E.164 with the plus: `+79031234567`. */
  readonly number: string;
  /** ISO 3166 code; `RU` and `KZ` are told apart though they share +7. */
  readonly country: string;
}

/**
 * Reads a phone number, however an identity platform wrote it.
 *
 * With a plus it is international. Without one it may be international with the plus dropped (Logto, Supabase), or a national one of
 * the home country: `79031234567`, `8 (903) 123-45-67` and `9031234567` are all +79031234567 in Russia. Some digits can be read both
 * ways: 8 495 123-45-67 is a landline in Moscow and +84 951 234 567 a mobile in Vietnam. A code must not go to a stranger, so
 *
 * - eleven digits that begin with 8 are national where the home country writes its numbers so,
 * - of two readings the one in an allowed country counts, and if both are allowed, none.
 *
 * @param written the number as it came
 * @param countries ISO 3166 codes of allowed countries; the first is the home country
 * @returns the mobile number, which may be of a country that is not allowed; undefined for a landline, a short, premium or impossible
 *   number, for one that can be read in two ways, and for what is no number at all
 */
export function parseRecipient(written: string, countries: readonly string[]): Recipient | undefined {
  if (!WRITTEN_NUMBER.test(written)) {
    return undefined;
  }
  const home = countries[0] ?? 'RU';
  const digits = written.replace(/\D/g, '');
  // Both readings of such digits are one number at home in that zone, whose national numbers have ten digits, or eleven after an 8.
  const country = written.includes('+') || isZoneSeven(home) ? countryInZoneSeven(digits) : undefined;
  return country ? { number: `+${digits}`, country } : parseByLibrary(written, digits, home, countries);
}

/** {@link parseRecipient} of what looks like a number, without its short cut. */
export function parseByLibrary(
  written: string,
  digits: string,
  home: string,
  countries: readonly string[],
): Recipient | undefined {
  const international = parseMobile(`+${digits}`);
  if (written.includes('+')) {
    return international;
  }
  const national = parseMobile(digits, home);
  if (TRUNK_8.test(digits) && isZoneSeven(home)) {
    return national;
  }
  if (!international || !national || international.number === national.number) {
    return international ?? national;
  }
  const allowed = [international, national].filter(({ country }) => countries.includes(country));
  return allowed.length === 2 ? undefined : (allowed[0] ?? international);
}

/** Whether a country's numbers begin with +7. */
function isZoneSeven(country: string): boolean {
  return country === 'RU' || country === 'KZ';
}

function parseMobile(text: string, homeCountry?: string): Recipient | undefined {
  // The /mobile metadata knows mobile patterns alone, so "valid" means "a valid mobile number".
  const options = homeCountry
    ? { defaultCountry: homeCountry as CountryCode, extract: false }
    : { extract: false };
  const parsed = parsePhoneNumberFromString(text, options);
  return parsed?.isValid() && parsed.country ? { number: parsed.number, country: parsed.country } : undefined;
}
