import type { DynamoDBRecord } from 'aws-lambda';
import type { DeliveryDetails } from '../../lib/delivery/delivery.ts';
import { newDeliveryId } from '../../lib/delivery/delivery-id.ts';
import { eventsOf } from '../../lib/delivery/events.ts';
import { readDelivery } from '../../lib/delivery/item.ts';
import { DeliveryRecords } from '../../lib/delivery/records.ts';
import type { Sent } from '../../lib/delivery/transitions.ts';
import type { Item } from '../../lib/dynamodb.ts';
import { startTable } from './table.ts';

/** Starts a table with a stream of its deliveries, for records of this process. */
export async function startRecords() {
  const standIn = await startTable('smsaero-records', { stream: 'delivery#' });
  const table = standIn.open(60_000);
  const changes = (deliveryId: string) =>
    standIn.stream.records.filter(({ dynamodb }) => dynamodb?.Keys?.['pk']?.S === `delivery#${deliveryId}`);
  return {
    standIn,
    table,
    records: new DeliveryRecords(table),
    /** The changes of a delivery's record, as the table's stream has them. */
    changes,
    /** Names of the events of a delivery, in the order in which its record changed. */
    events: (deliveryId: string) => changes(deliveryId).flatMap(eventNames),
    close: standIn.close,
  };
}

function eventNames({ dynamodb }: DynamoDBRecord): string[] {
  const after = readDelivery(dynamodb?.NewImage as Item | undefined);
  const before = readDelivery(dynamodb?.OldImage as Item | undefined);
  return after ? eventsOf(before, after).map(({ type }) => type) : [];
}

const DETAILS: DeliveryDetails = {
  platform: 'logto',
  usageType: 'SignIn',
  country: 'RU',
  senderName: 'SMSAero',
  segments: 1,
  cost: 4.19,
};

/** A message that SMS Aero took, under a new name. */
export function acceptedSend(changes: Partial<Sent> = {}): Sent {
  return {
    deliveryId: newDeliveryId(Date.now()),
    outcome: 'accepted',
    messageId: '539820001',
    details: DETAILS,
    reported: true,
    ...changes,
  };
}
