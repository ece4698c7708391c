import { type CountryCode, Metadata } from 'libphonenumber-js/mobile';

/** Mobile numbers of Russia and Kazakhstan without their +7, as libphonenumber's metadata has them. Made when first asked for. */
let patterns: readonly (readonly [country: CountryCode, pattern: RegExp])[] | undefined;

/**
 * The country of a mobile number of the zone +7 by one regular expression, where libphonenumber takes 20 us and runs through texts and
 * metadata for what any country might have. Nearly all messages go there. Tests hold it against libphonenumber.
 *
 * @param digits the number with its country code, digits alone
 * @returns undefined for what is to be read by libphonenumber itself
 */
export function countryInZoneSeven(digits: string): string | undefined {
  if (digits.length !== 11 || !digits.startsWith('7')) return undefined;
  patterns ??= (['RU', 'KZ'] as const).flatMap((country) => {
    const pattern = mobilePattern(country);
    return pattern ? [[country, new RegExp(`^7(?:${pattern})$`)] as const] : [];
  });
  return patterns.find(([, pattern]) => pattern.test(digits))?.[0];
}

/** Not in libphonenumber's types, so that it may go: then all numbers take the long way. */
function mobilePattern(country: CountryCode): string | undefined {
  const metadata: { type?: (name: string) => { pattern?: () => string } | undefined } & Metadata =
    new Metadata();
  metadata.selectNumberingPlan(country);
  return metadata.type?.('MOBILE')?.pattern?.();
}
