import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/mobile';

/** A phone number as people write one: digits with spaces, hyphens, dots, slashes or brackets between, a plus at most in front. */
const WRITTEN_NUMBER = /^\s*\+?[\d\s().\-/\u00a0\u2010-\u2015]{5,40}$/;

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
 * Platforms drop the plus (Logto, Supabase), keep typed punctuation (Auth0, Descope) or hand over a national number. So digits
 * without a plus are read as an international number first, then as a national one: `79031234567`, `8 (903) 123-45-67` and
 * `9031234567` are all +79031234567 in Russia.
 *
 * @param written the number as it came
 * @param homeCountry ISO 3166 code of the country whose national numbers are understood
 * @returns the mobile number; undefined for a landline, a short, premium or impossible number and for what is no number at all
 */
export function parseRecipient(written: string, homeCountry: string): Recipient | undefined {
  if (!WRITTEN_NUMBER.test(written)) {
    return undefined;
  }
  const digits = written.replace(/\D/g, '');
  const international = parseMobile(`+${digits}`);
  return international || written.includes('+') ? international : parseMobile(digits, homeCountry);
}

function parseMobile(text: string, homeCountry?: string): Recipient | undefined {
  // The /mobile metadata knows mobile patterns alone, so "valid" means "a valid mobile number".
  const options = homeCountry
    ? { defaultCountry: homeCountry as CountryCode, extract: false }
    : { extract: false };
  const parsed = parsePhoneNumberFromString(text, options);
  return parsed?.isValid() && parsed.country ? { number: parsed.number, country: parsed.country } : undefined;
}
