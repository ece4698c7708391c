import * as z from 'zod';
import {
  type DeliveryEventDetail,
  deliveryEventSchema,
  EVENT_SOURCE,
  EVENT_TYPES,
} from '../../lib/delivery/events.ts';
import { COMMAND_TYPE, type Command, commandSchema } from '../../lib/queue/command.ts';
import { jsonSchemaOf } from './json-schema.ts';

const SOURCE = 'https://shop.example.com/accounts';

/** A command with every field. */
export const COMMAND_EXAMPLE: Command = {
  specversion: '1.0',
  id: '01JNAX3M5Q4T8W2Z6Y9V1K7B0C',
  source: SOURCE,
  type: COMMAND_TYPE,
  time: '2026-03-01T09:30:00Z',
  data: {
    to: '+79031234567',
    type: 'SignIn',
    payload: { code: '482913' },
    locale: 'ru',
    ip: '203.0.113.24',
    expiresAt: '2026-03-01T09:35:00Z',
  },
};

const SHORTEST_COMMAND: Command = {
  ...COMMAND_EXAMPLE,
  id: '01JNAX3M5Q4T8W2Z6Y9V1K7B0D',
  data: { to: '79031234567', payload: { code: '482913' } },
};

/** docs/events/sms.send.v1.schema.json. */
export const COMMAND_DOCUMENT = schemaDocument(
  COMMAND_TYPE,
  'Command to send a message: a CloudEvents 1.0 event in JSON',
  commandSchema,
  [COMMAND_EXAMPLE, SHORTEST_COMMAND],
);

type EventType = (typeof EVENT_TYPES)[number];

export const EVENT_MEANINGS: Readonly<Record<EventType, string>> = {
  SmsAccepted: 'SMS Aero took the message. It may still wait for moderation, or for the operator.',
  SmsDelivered: "The message is on the recipient's phone.",
  SmsUndelivered: 'The operator could not deliver the message: the phone is off or not in use.',
  SmsRejected: 'SMS Aero or the operator refused the message after it was taken.',
  SmsFailed:
    "Nothing was sent. `reason` says why. A code that Cognito's custom sender could not send in three tries has no event: it is in the failure queue.",
  SmsUnknown:
    'The message may have been sent: SMS Aero did not answer. It is not sent again. If a delivery report arrives, `SmsAccepted` and further events follow.',
};

/**
 * An event as the target of an EventBridge rule gets it
 * (https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html).
 */
const eventSchema = z.object({
  'detail-type': z.enum(EVENT_TYPES).describe('Kind of the event.'),
  source: z.literal(EVENT_SOURCE).describe('This service.'),
  detail: deliveryEventSchema.check(
    z.describe('What is known about the message, without number, text and code.'),
  ),
  version: z.literal('0').describe('Version of the envelope.'),
  id: z.string().describe("EventBridge's id of this event."),
  account: z.string().describe('AWS account that put the event on the bus.'),
  time: z.iso.datetime().describe('When the status changed, in whole seconds.'),
  region: z.string().describe('AWS region of the bus.'),
  resources: z.array(z.string()).describe('ARNs; none in the events of this service.'),
});

const ID = 'AZyou7uKr0KEpVYz1bQ3eQ';
const sent = {
  sentAt: '2026-03-01T09:30:01.482Z',
  platform: 'queue',
  usageType: 'SignIn',
  country: 'RU',
  senderName: 'SMSAero',
  channel: 'sms' as const,
  segments: 1,
  command: { source: SOURCE, id: COMMAND_EXAMPLE.id },
};
const taken = { ...sent, messageId: '1254837211', cost: 5.49 };

const DETAILS: Readonly<Record<EventType, Omit<DeliveryEventDetail, 'eventId' | 'id'>>> = {
  SmsAccepted: { at: '2026-03-01T09:30:01.913Z', ...taken },
  SmsDelivered: { at: '2026-03-01T09:30:06.000Z', ...taken },
  SmsUndelivered: { at: '2026-03-02T09:30:06.000Z', ...taken },
  SmsRejected: { at: '2026-03-01T09:31:40.000Z', ...taken },
  SmsFailed: { at: '2026-03-01T09:30:01.913Z', ...sent, reason: 'no_money' },
  SmsUnknown: { at: '2026-03-01T09:30:09.482Z', ...sent, reason: 'no_answer' },
};

/** An event of a kind; its account and region are made up. */
export function eventExample(type: EventType): z.infer<typeof eventSchema> {
  const detail = { eventId: `${ID}/${type}`, id: ID, ...DETAILS[type] };
  return {
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    'detail-type': type,
    source: EVENT_SOURCE,
    account: '123456789012',
    time: `${detail.at.slice(0, 19)}Z`,
    region: 'eu-central-1',
    resources: [],
    detail,
  };
}

/** docs/events/delivery-event.schema.json. */
export const EVENT_DOCUMENT = schemaDocument(
  'delivery-event',
  'Event about a delivery, as the target of an EventBridge rule gets it',
  eventSchema,
  EVENT_TYPES.map(eventExample),
);

function schemaDocument(name: string, title: string, schema: z.core.$ZodType, examples: object[]) {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema' as const,
    $id: `urn:smsaero-lambda:${name}`,
    title,
    ...jsonSchemaOf(schema),
    examples,
  };
}
