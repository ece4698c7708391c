import type { Channel } from '../smsaero/message-status.ts';
import { mayBeIn, parentsOf, parseLanguages } from './languages.ts';

/** The usage types that a configuration must have a template for, as Logto's SMS Aero connector requires them. */
export const REQUIRED_USAGE_TYPES = ['Register', 'SignIn', 'ForgotPassword', 'Generic'] as const;

/** All usage types that a platform asks for: those of Logto (`TemplateType` of @logto/connector-kit), and Cognito's temporary password. */
export const USAGE_TYPES = [
  ...REQUIRED_USAGE_TYPES,
  'OrganizationInvitation',
  'UserPermissionValidation',
  'BindNewIdentifier',
  'MfaVerification',
  'BindMfa',
  'AdminCreateUser',
] as const;

/** The usage type that stands in for every type without a template. */
export const GENERIC = 'Generic';

/** A message template, as in the `templates` of the Logto connector's JSON, with an optional locale. */
export interface Template {
  /** Logto's `TemplateType`, or any other name; a request for a type without a template gets `Generic`. */
  readonly usageType: string;
  /** The text with placeholders; `{{code}}` is always among them. */
  readonly content: string;
  /** BCP 47 language tag (`ru`, `pt-BR`); a template without one serves everybody else. */
  readonly locale?: string | undefined;
  /** Whether values other than the code may have links; without it such a value is left out. */
  readonly links?: boolean | undefined;
  /** `telegram`: the code is shown in Telegram, and the text is the SMS that is sent if Telegram does not deliver it. By SMS without. */
  readonly channel?: Channel | undefined;
}

/**
 * Chooses the template for a usage type and a person's languages.
 *
 * For the type, then for `Generic`, language by language, the best first: the template of exactly this locale (`ru-RU`), of one of its
 * parents (`ru`), the one without a locale if it may be in this language. For none of them: the one without a locale.
 *
 * @param templates all templates of the configuration; of equals the first counts
 * @param usageType the type that the platform asked for
 * @param locale the wanted languages as {@link parseLanguages} takes them: a tag, or a list of them
 * @returns the template; undefined if there is not even a `Generic` one without a locale
 */
export function chooseTemplate(
  templates: readonly Template[],
  usageType: string,
  locale: string | readonly string[] = '',
): Template | undefined {
  const { wanted, excluded } = parseLanguages(locale);
  const chooseFor = (type: string) => {
    const ofType = templates.filter((template) => template.usageType === type);
    const forAll = ofType.find((template) => !template.locale);
    for (const language of wanted) {
      const tags = parentsOf(language).filter((tag) => !excluded.has(tag));
      const found = tags
        .map((tag) => ofType.find((template) => template.locale && parentsOf(template.locale)[0] === tag))
        .find((template) => template !== undefined);
      if (found) return found;
      if (forAll && mayBeIn(forAll.content, language)) return forAll;
    }
    return forAll;
  };
  return chooseFor(usageType) ?? chooseFor(GENERIC);
}

/**
 * Whether the code may be shown in Telegram. With `AdminCreateUser` Cognito sends a temporary password, which may be of digits.
 *
 * @param usageType the type that the platform asked for, which may have got the template of `Generic`
 */
export function isForTelegram({ channel }: Template, usageType: string): boolean {
  return channel === 'telegram' && usageType !== 'AdminCreateUser';
}
