import type { CommandName } from '../delivery/delivery.ts';
import type { TemplateVariables } from '../templates/placeholders.ts';

/** The longest text that is read as a number, in UTF-16 units: 15 digits, what is written between and around them, and what is invisible. */
export const MAX_WRITTEN_NUMBER = 256;

/** What a code may be made of: what a person can read and type. No control or format characters, line breaks or halves of pairs. */
export const CODE_CHARACTERS = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u;

/** What identifies a request, so that its repeat is recognised. */
export interface Idempotency {
  /** Equal for a request and its repeats, and for nothing else. It may hold a code: only its keyed hash is stored. */
  readonly key: string;
  /** How long a repeat is recognised, in s. */
  readonly ttlS: number;
  /** What a repeat must have in common besides the key, where the caller chooses the key. It may hold a code: it is stored as `key` is. */
  readonly fingerprint?: string | undefined;
  /** Whether the recipient's number is part of the key, as it was read: `+79031234567` and `8 903 123-45-67` are one message then. */
  readonly perRecipient?: boolean | undefined;
}

/** One message to send, whatever platform and handler it came through. */
export interface SmsRequest {
  /** The identity platform that asked, a name of the list in `lib/platforms`. */
  readonly platform: string;
  /** The phone number as the platform wrote it. */
  readonly recipient: string;
  /** What the code is for: a usage type of the templates; an unknown one gets `Generic`. */
  readonly usageType: string;
  /** The person's languages, if the platform tells them: a BCP 47 tag or a list, see lib/templates/languages.ts. */
  readonly locale?: string | readonly string[] | undefined;
  /** The values of the template's placeholders, `code` among them. */
  readonly variables: TemplateVariables;
  /** A text that is sent as it is, instead of a template's. */
  readonly text?: string | undefined;
  /** The address of the person's device, if the platform tells it. */
  readonly clientAddress?: string | undefined;
  /** What its repeats have in common with it; absent where the same request may rightly come again. */
  readonly idempotency?: Idempotency | undefined;
  /** Whether it is refused when the table cannot be asked, whatever the deployment's setting: its handler is called again. */
  readonly guardRequired?: boolean | undefined;
  /** The command that asks for it, for its delivery events. */
  readonly command?: CommandName | undefined;
  /** Whether the handler retries what is retryable: such a failure is then not final, not recorded, and nobody waits for the answer. */
  readonly retried?: boolean | undefined;
  /** Up to how many seconds a limit may ask for before the handler tries again too; 0 without it. */
  readonly retriedWithin?: number | undefined;
  /** When it must not be sent any more, in ms of the Unix epoch; undefined for never. */
  readonly expiresAt?: number | undefined;
  /** When the outcome must be known, in ms of the Unix epoch. */
  readonly deadline: number;
}
