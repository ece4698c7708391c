import {
  type DeliveryEventDetail,
  deliveryEventSchema,
  EVENT_SOURCE,
  EVENT_TYPES,
} from '../../lib/delivery/events.ts';
import { COMMAND_EXAMPLE } from './command.ts';
import { eventBridgeSchema, inEnvelope } from './event-bridge.ts';
import { jsonSchemaOf, schemaDocument } from './json-schema.ts';

/** A kind of event. */
export type EventType = (typeof EVENT_TYPES)[number];

/** What each kind says. */
export const EVENT_MEANINGS: Readonly<Record<EventType, string>> = {
  SmsAccepted: 'SMS Aero took the message. It may still wait for moderation, or for the operator.',
  SmsDelivered: "The message is on the recipient's phone.",
  SmsUndelivered: 'The operator could not deliver the message: the phone is off for long, or not in use.',
  SmsRejected: 'SMS Aero or the operator refused the message after it was taken.',
  SmsFailed:
    "Nothing was sent. `reason` says why. Of a code that Cognito's custom sender gave up after three tries there is none: it is in the failure queue.",
  SmsUnknown:
    'The message may have been sent: no answer of SMS Aero came. It is not sent again; if a report comes, SmsAccepted and what follows come after this.',
};

const ID = 'AZyou7uKr0KEpVYz1bQ3eQ';

const sent = {
  sentAt: '2026-03-01T09:30:01.482Z',
  platform: 'queue',
  usageType: 'SignIn',
  country: 'RU',
  senderName: 'SMSAero',
  segments: 1,
  command: { source: COMMAND_EXAMPLE.source, id: COMMAND_EXAMPLE.id },
};

/** What is in the events of messages that SMS Aero took, and in those of the others. */
const taken = { ...sent, messageId: '1254837211', cost: 5.49 };
const DETAILS: Readonly<Record<EventType, Omit<DeliveryEventDetail, 'eventId' | 'id'>>> = {
  SmsAccepted: { at: '2026-03-01T09:30:01.913Z', ...taken },
  SmsDelivered: { at: '2026-03-01T09:30:06.000Z', ...taken },
  SmsUndelivered: { at: '2026-03-02T09:30:06.000Z', ...taken },
  SmsRejected: { at: '2026-03-01T09:31:40.000Z', ...taken },
  SmsFailed: { at: '2026-03-01T09:30:01.913Z', ...sent, reason: 'no_money' },
  SmsUnknown: { at: '2026-03-01T09:30:09.482Z', ...sent, reason: 'no_answer' },
};

/** An event of a kind. */
export function eventExample(type: EventType): object {
  const detail = DETAILS[type];
  const time = `${detail.at.slice(0, 19)}Z`;
  return inEnvelope(type, EVENT_SOURCE, time, { eventId: `${ID}/${type}`, id: ID, ...detail });
}

/** The JSON Schema of an event's `detail`. */
export const DETAIL_SCHEMA = {
  ...jsonSchemaOf(deliveryEventSchema),
  description: 'What is known of the message. No number, text or code is in it.',
};

/** The JSON Schema of an event of some kinds. @param detail the schema of `detail`, or a reference to it */
export const eventOfTypes = (types: readonly EventType[], detail: object) =>
  eventBridgeSchema(types, EVENT_SOURCE, { ...detail });

/** The JSON Schema of all events as a file of its own. */
export const EVENT_DOCUMENT = schemaDocument(
  'delivery-event',
  'Event about a delivery, as the target of an EventBridge rule gets it',
  eventOfTypes(EVENT_TYPES, DETAIL_SCHEMA),
  EVENT_TYPES.map(eventExample),
);
