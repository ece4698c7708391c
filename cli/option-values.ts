/** What the values of options are parsed by, as commander calls it. */
import { InvalidArgumentError } from 'commander';
import { isSecure } from '../lib/environment.ts';

/** Makes a parser. @param read its result is undefined for a text that is wrong @param rule a sentence that says what to write */
function parser<Value>(read: (text: string) => Value | undefined, rule: string) {
  return (text: string): Value => {
    const value = read(text);
    if (value === undefined) throw new InvalidArgumentError(rule);
    return value;
  };
}

const matching = (form: RegExp) => (text: string) => (form.test(text) ? text : undefined);

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

export const stageName = parser(
  matching(/^[a-z][\w-]*$/i),
  'Begin with a letter; write letters, digits, - and _.',
);

/** Only an alias: the roles of the functions know the key by that. */
export const keyAlias = parser(
  matching(/^alias\/[\w/-]+$/),
  'Write the alias of a KMS key, such as alias/mine.',
);

export const anyUrl = parser((text) => (URL.canParse(text) ? text : undefined), 'Write a URL.');

export const roubles = parser(
  (text) => (Number(text) >= 0 && text.trim() !== '' ? Number(text) : undefined),
  'Write an amount in roubles.',
);

export const wholeNumber = parser(
  (text) => (/^[1-9]\d*$/.test(text) ? Number(text) : undefined),
  'Write a whole number, 1 or more.',
);

/** `90s`, `10m`, `2h`, in ms. */
export const duration = parser((text) => {
  const [, number, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  return number && unit && Number(number) > 0
    ? Number(number) * UNITS[unit as keyof typeof UNITS]
    : undefined;
}, 'Write a time such as 90s or 2m.');

/** A phone number as platforms have it. */
export const digits = parser(
  matching(/^\d{7,15}$/),
  'Write digits with the country code (example: 79031234567).',
);

/** A language tag, or a list of them as browsers write it. */
export const languages = parser(
  matching(/^[a-z]{2,3}([-_][a-z\d]{1,8})*(;q=[\d.]+)?([\s,]+[a-z]{2,3}([-_][a-z\d]{1,8})*(;q=[\d.]+)?)*$/i),
  'Write a language (example: pt-BR).',
);

/** The base URL of the deployed API, also where an endpoint below it is given: only one that a secret may be sent to. */
export const apiUrl = parser((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url && isSecure(url)
    ? `${url.origin}${url.pathname}`.replace(/\/+(sms(\/[^/]*)?\/?)?$/, '')
    : undefined;
}, 'Write https://…; http:// is for this machine only.');
