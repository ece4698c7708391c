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
 * Chooses the template for a usage type and a person's languages.
 *
 * For the type, then for `Generic`: the first wanted locale that has a template, exactly (`ru-RU`) or by its parents (`ru`),
 * then the template without a locale. Case and `_` for `-` make no difference.
 *
 * @param templates all templates of the configuration; of equals the first counts
 * @param usageType the type that the platform asked for
 * @param locales wanted language tags, best first
 * @returns the template; undefined if there is not even a `Generic` one without a locale
 */
export function chooseTemplate(
  templates: readonly Template[],
  usageType: string,
  locales: readonly string[],
): Template | undefined {
  const wanted = locales.flatMap(withParents);
  return chooseByLocale(templates, usageType, wanted) ?? chooseByLocale(templates, GENERIC, wanted);
}

function chooseByLocale(
  templates: readonly Template[],
  usageType: string,
  wanted: readonly string[],
): Template | undefined {
  const ofType = templates.filter((template) => template.usageType === usageType);
  for (const locale of wanted) {
    const found = ofType.find(
      (template) => template.locale !== undefined && normalise(template.locale) === locale,
    );
    if (found) {
      return found;
    }
  }
  return ofType.find((template) => template.locale === undefined);
}

/** `zh-Hant-TW` gives `zh-hant-tw`, `zh-hant`, `zh` (the lookup of RFC 4647, section 3.4). */
function withParents(locale: string): string[] {
  const parts = normalise(locale).split('-');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'));
}

function normalise(locale: string): string {
  return locale.trim().replaceAll('_', '-').toLowerCase();
}
