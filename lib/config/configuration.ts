import * as z from 'zod/mini';
import { CHANNELS } from '../smsaero/message-status.ts';
import { literalText, placeholdersOf } from '../templates/placeholders.ts';
import { isTooLong, MAX_TEXT_CHARACTERS } from '../templates/segments.ts';
import { GENERIC, REQUIRED_USAGE_TYPES, type Template } from '../templates/template.ts';

/** A caller's secret opens the way to paid messages: 16 characters of a random one cannot be guessed over a network. */
const MIN_SECRET_CHARACTERS = 16;

const template = z.object({
  usageType: z.string().check(z.minLength(1)),
  content: z.string().check(
    z.refine((content) => placeholdersOf(content).includes('code'), { error: 'has no {{code}}' }),
    z.refine((content) => !isTooLong(literalText(content)), {
      error: `is longer than ${MAX_TEXT_CHARACTERS} characters`,
    }),
  ),
  locale: z.optional(
    z.string().check(z.regex(/^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$/, { error: 'is not a language tag' })),
  ),
  links: z.optional(z.boolean()),
  channel: z.optional(z.enum(CHANNELS, { error: 'must be sms or telegram' })),
});

const templates = z.array(template).check(
  z.check<Template[]>(({ value, issues }) => {
    for (const usageType of REQUIRED_USAGE_TYPES) {
      const ofType = value.filter((candidate) => candidate.usageType === usageType);
      if (ofType.length === 0) {
        issues.push({ code: 'custom', message: `have none for ${usageType}`, input: undefined });
      } else if (usageType === GENERIC && ofType.every((candidate) => candidate.locale !== undefined)) {
        issues.push({ code: 'custom', message: 'have no Generic one without a locale', input: undefined });
      }
    }
  }),
);

/** What authenticates the callers of a platform: one secret a line. */
export const secretsSchema = z.pipe(
  z.pipe(
    z.string(),
    z.transform((value) =>
      value
        .split(/\r?\n/)
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    ),
  ),
  z
    .array(
      z.string().check(
        z.minLength(MIN_SECRET_CHARACTERS, {
          error: `has a line shorter than ${MIN_SECRET_CHARACTERS} characters`,
        }),
        z.regex(/^[\x20-\x7e]*$/, { error: 'has a line with characters that an HTTP header cannot have' }),
      ),
    )
    .check(z.minLength(1, { error: 'has no line' })),
);

const trimmed = () => z.string().check(z.trim(), z.minLength(1, { error: 'is empty', abort: true }));

const senderName = () => trimmed().check(z.maxLength(64, { error: 'is longer than 64 characters' }));

/** What a user of the Logto SMS Aero connector has: `email`, `apiKey`, `senderName` and `templates`; beside it sender names by country. */
export const connectorSchema = z.object({
  email: trimmed().check(z.regex(z.regexes.email, { error: 'is not an e-mail address' })),
  apiKey: trimmed().check(z.regex(/^[\x21-\x7e]+$/, { error: 'has characters that an API key cannot have' })),
  senderName: senderName(),
  /** Sender names of countries with another one than `senderName`, by ISO 3166 code: `{ "KZ": "MyShopKZ" }`. */
  senderNames: z.optional(
    z.record(
      z.string().check(z.regex(/^[A-Z]{2}$/, { error: 'is not an ISO 3166 code in capitals (KZ)' })),
      senderName(),
    ),
  ),
  templates,
});

export type Connector = z.infer<typeof connectorSchema>;

/** The key of the guard's hashes and of report tokens, as `config push` makes it. */
export const hashKeySchema = trimmed().check(
  z.regex(/^[\x21-\x7e]{32,}$/, { error: 'must have at least 32 printable characters' }),
);

/** The configuration of the service. */
export interface Configuration extends Connector {
  /**
   * Keys the guard's hashes and the tokens of report URLs: the parameter `hashKey`, so that they outlive a new API key. A stage without
   * that parameter uses its API key, and forgets what it knows when the key changes.
   */
  readonly hashKey: string;
  /** The accepted secrets of each platform that is on. */
  readonly platforms: Readonly<Record<string, readonly string[]>>;
}

/** The sender name of messages to a country. @param country ISO 3166 code in capitals */
export function senderNameFor(
  { senderName: usual, senderNames = {} }: Pick<Configuration, 'senderName' | 'senderNames'>,
  country: string,
): string {
  return senderNames[country] ?? usual;
}
