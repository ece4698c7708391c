import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { plainText } from '../plain-text.ts';
import { MAX_WRITTEN_NUMBER } from './sms-request.ts';

/**
 * A phone number as people write one, once it is plain text: perhaps a plus, and digits with spaces, hyphens, dashes, dots, slashes or brackets
 * between. Of dashes all that libphonenumber takes: U+2212 is the minus sign, U+30FC Japan's long vowel mark; U+2800 is a blank.
 */
const WRITTEN_NUMBER = /^[([]*[+\u2795]?[\d\s().\-/[\]\p{Pd}\u2212\u2796\u30fc\u2800]{5,64}$/u;

/** Parameters of a `tel:` URI that lead past the phone: to an extension, a subaddress, or what is dialled afterwards. */
const PAST_THE_PHONE = ['ext', 'isub', 'postd'];

/** A mobile number. */
export interface Recipient {
  /** E.164 with the plus: `+79031234567`. */
  readonly number: string;
  /** ISO 3166 code; `RU` and `KZ` are told apart though they share +7. */
  readonly country: string;
  /** `RU-903`: the country and the first three digits of the national number, which are an operator's, or a region's of an operator. */
  readonly range: string;
}

/**
 * Checks the countries that a variable names.
 *
 * @param countries ISO 3166 codes in capitals
 * @throws Error on one that there is not: nothing could be sent to it
 */
export function assertCountries(countries: readonly string[], variable = 'SMSAERO_COUNTRIES'): void {
  if (!countries.every((country) => isSupportedCountry(country))) {
    throw new Error(`Bad environment: ${variable} must have ISO 3166 codes of countries (GB, not UK)`);
  }
}

/**
 * Reads a phone number, however a platform, a backend or a person wrote it, or as a `tel:` URI.
 *
 * With a plus, or `00` for it, it is international. Without one, digits that are a valid international number are that number: Logto writes
 * `9613123456` for +961 3 123 456. Only others are national ones of the home country: `89031234567` and `9031234567` are +79031234567 in
 * Russia. A landline counts here as a mobile does, for its digits must not become a stranger's mobile number either.
 *
 * @param written the number as it came
 * @param countries ISO 3166 codes of allowed countries; the first is the home country
 * @returns the mobile number, which may be of a country that is not allowed; undefined for a landline, a short, premium or impossible
 *   number, and for what is not a phone number
 */
export function parseRecipient(written: string, countries: readonly string[]): Recipient | undefined {
  const read = readDigits(written);
  if (!read) {
    return undefined;
  }
  const { digits, hasPlus } = read;
  const international = parse(`+${digits}`);
  const isExact = international?.number === `+${digits}` && international.isValid();
  if (hasPlus || isExact) {
    return mobile(international, countries);
  }
  const national = parse(digits, countries[0] ?? 'RU');
  // What is neither may be international with a trunk prefix in it, as in 61 0412 345 678.
  return mobile(national?.isValid() ? national : international, countries);
}

/** The digits that are written; undefined for what is not a phone number. */
function readDigits(written: string): { digits: string; hasPlus: boolean } | undefined {
  if (written.length > MAX_WRITTEN_NUMBER) {
    return undefined;
  }
  const text = plainText(written).trim();
  const uri = /^tel:(.*)$/is.exec(text)?.[1];
  const number = uri === undefined ? text : numberOfUri(uri);
  if (number === undefined || !WRITTEN_NUMBER.test(number)) {
    return undefined;
  }
  const digits = number.replace(/\D/g, '');
  if (/[+\u2795]/.test(number)) {
    return { digits, hasPlus: true };
  }
  return digits.startsWith('00') ? { digits: digits.slice(2), hasPlus: true } : { digits, hasPlus: false };
}

/**
 * The number of a `tel:` URI (RFC 3966). A `phone-context` of digits completes a local number; one that is a domain means something that only
 * that domain knows. A mandatory parameter (`m-…`) that is not understood makes the whole URI unusable.
 *
 * @param uri what is behind `tel:`
 * @returns undefined if it leads to no mobile phone, or not to one that could be known
 */
function numberOfUri(uri: string): string | undefined {
  const [number = '', ...parameters] = plainText(decode(uri)).split(';');
  let context: string | undefined;
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.toLowerCase().split('=');
    if (PAST_THE_PHONE.includes(name.trim()) || name.trim().startsWith('m-')) {
      return undefined;
    }
    context = name.trim() === 'phone-context' ? value.trim() : context;
  }
  if (context === undefined) {
    return number.trim();
  }
  return context.startsWith('+') && !number.includes('+') ? `${context} ${number}` : undefined;
}

function decode(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri; // a stray percent sign, which no number has
  }
}

function parse(text: string, home?: string): PhoneNumber | undefined {
  return parsePhoneNumberFromString(text, {
    extract: false,
    ...(home === undefined ? {} : { defaultCountry: home as CountryCode }),
  });
}

/**
 * libphonenumber takes any +7 9… for a Russian mobile number. +7 940 is Abkhazia's (Wikipedia, Telephone numbers in Russia), which has no
 * ISO 3166 code that `SMSAERO_COUNTRIES` could allow; +7 954 belongs to GlobalTel's satellite telephones (Russia's numbering plan, DEF 954).
 */
const NOT_MOBILE_IN_RUSSIA = /^\+79(?:40|54)/;

function isMobile(number: PhoneNumber): boolean {
  if (NOT_MOBILE_IN_RUSSIA.test(number.number)) {
    return false;
  }
  const type = number.getType();
  return type === 'MOBILE' || type === 'FIXED_LINE_OR_MOBILE';
}

function mobile(number: PhoneNumber | undefined, countries: readonly string[]): Recipient | undefined {
  if (!number?.country || !isMobile(number)) {
    return undefined;
  }
  const country = allowedCountry(number, number.country, countries);
  return { number: number.number, country, range: `${country}-${number.nationalNumber.slice(0, 3)}` };
}

/**
 * The country of a number, an allowed one if it may be of several: some share a code and its mobile numbers, such as Finland and Åland, and
 * libphonenumber names the larger one.
 *
 * @param number is changed: what its type is asked by is its country
 */
function allowedCountry(number: PhoneNumber, country: string, countries: readonly string[]): string {
  if (countries.includes(country)) {
    return country;
  }
  const allowed = countries.find((other) => {
    if (getCountryCallingCode(other as CountryCode) !== number.countryCallingCode) return false;
    number.country = other as CountryCode;
    return isMobile(number);
  });
  return allowed ?? country;
}
