import type { CommandName } from './delivery/delivery.ts';
import type { Idempotency } from './guard/verdict.ts';
import type { TemplateVariables } from './templates/placeholders.ts';

/** One message to send, whatever platform and door it came through. */
export interface SmsRequest {
  /** The identity platform that asked, a name of the list in `lib/platforms`. */
  readonly platform: string;
  /** The phone number as the platform wrote it. */
  readonly recipient: string;
  /** What the code is for: a usage type of the templates; an unknown one gets `Generic`. */
  readonly usageType: string;
  /** The person's language, a BCP 47 tag, if the platform tells it. */
  readonly locale?: string | undefined;
  /** The values of the template's placeholders, `code` among them. */
  readonly variables: TemplateVariables;
  /** The address of the person's device, if the platform tells it. */
  readonly clientAddress?: string | undefined;
  /** What its repeats have in common with it; absent where the same request may rightly come again. */
  readonly idempotency?: Idempotency | undefined;
  /** Whether a process that was lost may have sent it: a door whose events come again knows. */
  readonly mayBeRepeat?: boolean | undefined;
  /** The command that asks for it, for those who hear of its delivery. */
  readonly command?: CommandName | undefined;
  /** Whether the door tries again what may pass: a failure of that kind is then no end, and not recorded as one. */
  readonly retried?: boolean | undefined;
  /** Up to how many seconds a limit may ask for before the handler tries again too; 0 without it. */
  readonly retriedWithin?: number | undefined;
  /** When the outcome must be known, in ms of the Unix epoch. */
  readonly deadline: number;
}
