import * as z from 'zod/mini';
import { CHANNELS } from '../smsaero/message-status.ts';
import type { DeliveryState } from './delivery.ts';

const STATES = {
  accepted: 'SMS Aero took it',
  moderation: 'SMS Aero looks at its text',
  sent: 'with the operator',
  delivered: 'on the phone',
  undelivered: 'the operator could not deliver it',
  rejected: 'refused after it was taken',
  failed: 'nothing was sent',
  unknown: 'it may have been sent',
} as const satisfies Record<DeliveryState, string>;

const meanings = Object.entries(STATES).map(([state, meaning]) => `${state}: ${meaning}`);

/** The body of `GET /messages/{id}`. docs/openapi.json is generated from it; no function loads it. */
export const messageReplySchema = z.object({
  id: z.string().check(z.describe('Id of the delivery.')),
  status: z
    .enum(Object.keys(STATES) as [DeliveryState, ...DeliveryState[]])
    .check(z.describe(`The status of the message. ${meanings.join('; ')}.`)),
  messageId: z.optional(
    z.string().check(z.describe("SMS Aero's id of the message; absent if it took none.")),
  ),
  channel: z
    .enum(CHANNELS)
    .check(
      z.describe(
        'How it is sent: sms, or telegram. Once an SMS took over from Telegram: sms, with smsMessageId.',
      ),
    ),
  smsMessageId: z.optional(
    z.string().check(z.describe("SMS Aero's id of the SMS that took over from Telegram.")),
  ),
  segments: z.optional(z.int().check(z.describe('Segments of the SMS, which are billed if it is sent.'))),
  cost: z.optional(
    z
      .number()
      .check(
        z.describe('Price in roubles, as SMS Aero said. If an SMS took over, the sum of both messages.'),
      ),
  ),
  reason: z.optional(
    z
      .string()
      .check(
        z.describe(
          'Why it failed, or why its status is unknown: docs/operations/troubleshooting.md explains each reason.',
        ),
      ),
  ),
  sentAt: z.optional(z.iso.datetime().check(z.describe('When it was sent, or when this was tried.'))),
  changedAt: z.iso.datetime().check(z.describe('When the status changed.')),
});
