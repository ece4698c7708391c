/** The usage types that a configuration must have a template for, as Logto's SMS Aero connector requires them. */
export const REQUIRED_USAGE_TYPES = ['Register', 'SignIn', 'ForgotPassword', 'Generic'] as const;

/** The usage type that stands in for every type without a template of its own. */
export const GENERIC = 'Generic';

/** A message template, as in the `templates` of the Logto connector's JSON, with an optional locale. */
export interface Template {
  /** Logto's `TemplateType`, or any other name; a request for a type without a template gets `Generic`. */
  readonly usageType: string;
  /** The text with placeholders; `{{code}}` is always among them. */
  readonly content: string;
  /** BCP 47 language tag (`ru`, `pt-BR`); a template without one serves everybody else. */
  readonly locale?: string | undefined;
}

/**
 * Chooses the template for a usage type and a person's language.
 *
 * For the type, then for `Generic`: the template of exactly this locale (`ru-RU`), of one of its parents (`ru`), the one without
 * a locale. Case and `_` for `-` make no difference.
 *
 * @param templates all templates of the configuration; of equals the first counts
 * @param usageType the type that the platform asked for
 * @param locale the wanted language tag
 * @returns the template; undefined if there is not even a `Generic` one without a locale
 */
export function chooseTemplate(
  templates: readonly Template[],
  usageType: string,
  locale = '',
): Template | undefined {
  const wanted = withParents(locale);
  const chooseFor = (type: string) => {
    const ofType = templates.filter((template) => template.usageType === type);
    const ofLocale = (tag: string | undefined) =>
      ofType.find((template) => (template.locale && normalise(template.locale)) === tag);
    return wanted.map(ofLocale).find((template) => template !== undefined) ?? ofLocale(undefined);
  };
  return chooseFor(usageType) ?? chooseFor(GENERIC);
}

/** Subtags of a locale that are looked at; `zh-Hant-TW` has three. What comes from outside may have any number. */
const MAX_SUBTAGS = 8;

/** `zh-Hant-TW` gives `zh-hant-tw`, `zh-hant`, `zh` (the lookup of RFC 4647, section 3.4). */
function withParents(locale: string): string[] {
  const parts = normalise(locale).split('-', MAX_SUBTAGS);
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'));
}

function normalise(locale: string): string {
  return locale.trim().replaceAll('_', '-').toLowerCase();
}
