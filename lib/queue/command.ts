import * as z from 'zod/mini';
import { smsCommandSchema } from '../sms-command.ts';

/** CloudEvents' `type` of the command to send a message; also `detail-type` in EventBridge, by which infra/ routes it. */
export const COMMAND_TYPE = 'sms.send.v1';

/** A command to send a message: a CloudEvents 1.0 event in JSON. docs/events/ is generated from it. */
export const commandSchema = z.object({
  specversion: z.literal('1.0').check(z.describe('Version of CloudEvents.')),
  id: z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(255),
      z.describe(
        'With source the idempotency key: a command that comes again is not sent again. It stands in logs and events: no number, no code.',
      ),
    ),
  source: z.string().check(z.minLength(1), z.maxLength(255), z.describe('Who asks: a URI.')),
  type: z.literal(COMMAND_TYPE).check(z.describe('Kind and version of the command.')),
  time: z.optional(
    z.iso
      .datetime({ offset: true })
      .check(
        z.describe(
          'When it was asked for: its life begins then, or else when the first of bus, topic and queue took it.',
        ),
      ),
  ),
  data: z
    .extend(smsCommandSchema, {
      expiresAt: z.optional(
        z.iso
          .datetime({ offset: true })
          .check(
            z.describe(
              'After this time the message is not sent any more; 10 minutes after it was asked for unless told.',
            ),
          ),
      ),
    })
    .check(z.describe('The message: the same fields as in the body of `POST /sms/direct`.')),
});

/** A checked command. */
export type Command = z.infer<typeof commandSchema>;

/** How long a command may be carried out that says nothing of it, in ms: as long as Logto's codes live. */
const LIFETIME = 10 * 60_000;

/**
 * Until when a command may be carried out, in ms of the Unix epoch.
 *
 * @param queuedAt when the queue first took it, in ms of the Unix epoch; a sender's clock that is ahead of it gives no longer life
 * @param wrappedAt when the first of bus and topic took it, in ms of the Unix epoch; `Infinity` if it came without them
 */
export function expiryOf(
  { time, data }: Command,
  queuedAt: number,
  wrappedAt = Number.POSITIVE_INFINITY,
): number {
  if (data.expiresAt !== undefined) {
    return Date.parse(data.expiresAt);
  }
  const askedAt = time === undefined ? Number.POSITIVE_INFINITY : Date.parse(time);
  return Math.min(askedAt, wrappedAt, queuedAt) + LIFETIME;
}
