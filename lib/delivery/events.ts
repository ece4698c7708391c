import * as z from 'zod/mini';
import { CHANNELS } from '../smsaero/message-status.ts';
import { type Delivery, isFinal, rankOf } from './delivery.ts';

/** Kinds of events: `detail-type` in EventBridge. */
export const EVENT_TYPES = [
  'SmsAccepted',
  'SmsDelivered',
  'SmsUndelivered',
  'SmsRejected',
  'SmsFailed',
  'SmsUnknown',
] as const;

/** `source` in EventBridge. */
export const EVENT_SOURCE = 'smsaero-lambda';

const text = (description: string) => z.string().check(z.describe(description));
const optionalText = (description: string) => z.optional(text(description));

/** What an event says: `detail` in EventBridge. No number, text or code. docs/events/ is generated from it. */
export const deliveryEventSchema = z.object({
  eventId: text('Id of this change. If it is published again, the id is the same: drop repeats by it.'),
  id: text('Id of the delivery: in the answer of `POST /sms/direct`, and in `GET /messages/{id}`.'),
  at: z.iso.datetime().check(z.describe('When the status changed.')),
  sentAt: z.optional(
    z.iso.datetime().check(z.describe('When the message was sent, or when this was tried.')),
  ),
  messageId: optionalText("SMS Aero's id of the message; absent if it took none."),
  platform: optionalText('Who asked for it: logto, cognito, direct, queue.'),
  usageType: optionalText('Usage type of the template.'),
  country: optionalText('ISO 3166 code of the recipient’s country.'),
  senderName: optionalText('Sender name.'),
  channel: z
    .enum(CHANNELS)
    .check(
      z.describe(
        'How it is sent: sms, or telegram. Once an SMS took over from Telegram: sms, with smsMessageId.',
      ),
    ),
  smsMessageId: optionalText("SMS Aero's id of the SMS that took over from Telegram."),
  segments: z.optional(z.int().check(z.describe('Segments of the SMS, which are billed if it is sent.'))),
  cost: z.optional(
    z
      .number()
      .check(
        z.describe('Price in roubles, as SMS Aero said. If an SMS took over, the sum of both messages.'),
      ),
  ),
  reason: optionalText(
    'Why it failed, or why its status is unknown: docs/operations/troubleshooting.md explains each reason.',
  ),
  command: z.optional(
    z
      .object({ source: text('Its CloudEvents source.'), id: text('Its CloudEvents id.') })
      .check(z.describe('The sms.send.v1 command that asked for it; absent if it came by HTTP.')),
  ),
});

export type DeliveryEventDetail = z.infer<typeof deliveryEventSchema>;

export interface DeliveryEvent {
  readonly type: (typeof EVENT_TYPES)[number];
  readonly detail: DeliveryEventDetail;
}

const OUTCOME_EVENTS = { accepted: 'SmsAccepted', failed: 'SmsFailed', unknown: 'SmsUnknown' } as const;
const FINAL_EVENTS = {
  delivered: 'SmsDelivered',
  undelivered: 'SmsUndelivered',
  rejected: 'SmsRejected',
} as const;

/**
 * The events of one change of a delivery.
 *
 * A report that came before the send's record is told of when that record is there, so that each event says all there is; or, if it
 * never comes, when the delivery is declared an orphan.
 *
 * @param before the delivery before the change; undefined for a new one
 */
export function eventsOf(before: Delivery | undefined, after: Delivery): DeliveryEvent[] {
  if (!isTold(after)) {
    return [];
  }
  const types: DeliveryEvent['type'][] = [];
  const isTaken = ({ state }: Delivery) => rankOf(state) >= rankOf('accepted');
  const told = before && isTold(before) ? before : undefined;
  const wasTaken = told !== undefined && isTaken(told);
  // An "unknown" may be replaced, by the process that a repeat took for lost.
  const isKnown = after.outcome === 'accepted' && wasTaken;
  if (after.outcome && after.outcome !== before?.outcome && !isKnown) {
    types.push(OUTCOME_EVENTS[after.outcome]);
  }
  const isRefusal =
    after.outcome === 'failed' && (after.state === 'rejected' || after.state === 'undelivered');
  if (isTaken(after) && after.outcome !== 'accepted' && !isRefusal && !wasTaken) {
    types.push('SmsAccepted'); // nobody knew, or it was told to have failed, until SMS Aero spoke of it
  }
  if (isFinal(after.state) && !(told && isFinal(told.state))) {
    types.push(FINAL_EVENTS[after.state as keyof typeof FINAL_EVENTS]);
  }
  return types.map((type) => ({ type, detail: detailOf(type, after) }));
}

function isTold({ outcome, orphan }: Delivery): boolean {
  return outcome !== undefined || orphan;
}

function detailOf(type: DeliveryEvent['type'], delivery: Delivery): DeliveryEventDetail {
  const { deliveryId, messageId, sentAt, changedAt, platform, outcome, ...rest } = delivery;
  const { usageType, country, senderName, channel, smsMessageId, segments, cost, reason, command } = rest;
  const ended = type === 'SmsFailed' || type === 'SmsUnknown';
  return {
    eventId: `${deliveryId}/${type}`,
    id: deliveryId,
    at: new Date(changedAt).toISOString(),
    sentAt: sentAt === undefined ? undefined : new Date(sentAt).toISOString(),
    messageId,
    platform: platform || undefined,
    usageType,
    country,
    senderName,
    channel,
    smsMessageId,
    segments,
    cost,
    reason: ended ? reason : undefined,
    command,
  };
}
