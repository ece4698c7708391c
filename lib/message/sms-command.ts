import * as z from 'zod/mini';
import { code, phoneNumber } from '../platforms/fields.ts';
import { GENERIC } from '../templates/template.ts';

/** The deepest value of a placeholder, `{{ a.b.c }}`, in levels; what is as deep as a body can be overflows the stack. */
const MAX_LEVELS = 16;

/** The longest language hint, in characters: a BCP 47 tag is not longer. */
const MAX_LOCALE = 200;

/** The longest client address, in characters: also a list of twenty, as a row of proxies makes one. */
const MAX_ADDRESS = 1_000;

/** A text that may be absent, null or empty, which is all the same: many serialisers write every field. */
const optionalText = (maximum: number, meaning: string) =>
  z.optional(
    z.pipe(
      z.nullable(z.string().check(z.maxLength(maximum))).check(z.describe(meaning)),
      z.transform((text) => text?.trim() || undefined),
    ),
  );

/**
 * What one's backend asks for, by HTTP (`POST /sms/direct`) and by event (`sms.send.v1`) alike. docs/events/ is generated from it.
 */
export const smsCommandSchema = z.object({
  to: phoneNumber('Phone number of the recipient: digits with the country code, with or without a plus.'),
  type: optionalText(
    64,
    'Usage type, which chooses the template. Without one, or if it has no template, Generic is used.',
  ),
  payload: z
    .looseObject({
      code: code('The code, {{code}} of the template: no control or format characters.'),
    })
    .check(
      z.refine((payload) => isShallow(payload)),
      z.describe('Values of the placeholders of the template.'),
    ),
  locale: optionalText(
    MAX_LOCALE,
    'Language of the recipient, which chooses the template: a BCP 47 tag, or a list as in `Accept-Language`.',
  ),
  ip: optionalText(MAX_ADDRESS, "Address of the person's device: counted by the guard."),
});

export type SmsCommand = z.infer<typeof smsCommandSchema>;

/** The message that a command asks for. */
export const messageOf = ({ to, type, locale, payload, ip }: SmsCommand) => ({
  recipient: to,
  usageType: type ?? GENERIC,
  locale,
  variables: payload,
  clientAddress: ip,
});

/** A text that is the same for two commands if and only if they ask for the same, however their fields are ordered. */
export function fingerprintOf(command: object): string {
  return JSON.stringify(sorted(command));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}

/** Whether a value has at most so many levels; looks no deeper, so that no depth is too much for it. */
function isShallow(value: unknown, levels = MAX_LEVELS): boolean {
  if (typeof value !== 'object' || value === null) {
    return true;
  }
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}
