import * as z from 'zod/mini';
import type { DeliveryState } from './delivery.ts';
import { deliveryEventSchema } from './events.ts';

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

const { messageId, channel, smsMessageId, segments, cost, reason } = deliveryEventSchema.shape;

/** The body of `GET /messages/{id}`. docs/openapi.json is generated from it; no function loads it. */
export const messageReplySchema = z.object({
  id: z.string().check(z.describe('Id of the delivery.')),
  status: z
    .enum(Object.keys(STATES) as [DeliveryState, ...DeliveryState[]])
    .check(z.describe(`The status of the message. ${meanings.join('; ')}.`)),
  ...{ messageId, channel, smsMessageId, segments, cost, reason },
  sentAt: z.optional(z.iso.datetime().check(z.describe('When it was sent, or when this was tried.'))),
  changedAt: z.iso.datetime().check(z.describe('When the status changed.')),
});
