import type { Item, Update } from '../dynamodb.ts';
import {
  type Delivery,
  type DeliveryDetails,
  type DeliveryState,
  type RecordedOutcome,
  rankOf,
} from './delivery.ts';
import { KEEP_DELIVERY, madeAt } from './delivery-id.ts';
import { shardOf } from './due.ts';

/** What the partition key of a delivery begins with; infra/ filters the table's stream by it. */
const DELIVERY_PREFIX = 'delivery#';

export function deliveryKey(deliveryId: string): string {
  return DELIVERY_PREFIX + deliveryId;
}

/** The delivery that a partition key names; undefined for another kind of item. */
export function deliveryIdOf(key: string | undefined): string | undefined {
  return key?.startsWith(DELIVERY_PREFIX) ? key.slice(DELIVERY_PREFIX.length) : undefined;
}

/** Reads a delivery; undefined for an item that is none. */
export function readDelivery(item: Item | undefined): Delivery | undefined {
  const deliveryId = deliveryIdOf(item?.['pk']?.S);
  const state = item?.['state']?.S;
  if (!item || deliveryId === undefined || state === undefined) {
    return undefined;
  }
  const text = (name: string) => item[name]?.S;
  const number = (name: string) => (item[name]?.N === undefined ? undefined : Number(item[name].N));
  const source = text('commandSource');
  const id = text('commandId');
  return {
    deliveryId,
    state: state as DeliveryState,
    changedAt: number('changedAt') ?? 0,
    outcome: text('outcome') as RecordedOutcome | undefined,
    sentAt: number('sentAt'),
    messageId: text('messageId'),
    smsMessageId: text('smsMessageId'),
    orphan: item['orphan']?.BOOL === true,
    dueAt: number('dueAt'),
    platform: text('platform') ?? '',
    usageType: text('usageType'),
    country: text('country'),
    senderName: text('senderName'),
    channel: text('channel') === 'telegram' ? 'telegram' : 'sms',
    segments: number('segments'),
    cost: number('cost'),
    reason: text('reason'),
    command: source !== undefined && id !== undefined ? { source, id } : undefined,
  };
}

/**
 * A conditional write of a delivery.
 *
 * @param values attributes to set
 * @param removed attributes to remove
 * @param condition what must hold, with `#name` for any attribute
 * @param more values for placeholders of the condition
 */
export function writeOf(
  deliveryId: string,
  values: Item,
  removed: readonly string[],
  condition: string,
  more: Item = {},
): Update {
  const names = [...Object.keys(values), ...removed, ...(condition.match(/(?<=#)\w+/g) ?? [])];
  const placed = Object.entries(values).map(([name, value]) => [`:${name}`, value] as const);
  const sets = Object.keys(values).map((name) => `#${name} = :${name}`);
  const removes = removed.map((name) => `#${name}`);
  return {
    key: deliveryKey(deliveryId),
    expression: [...clause('SET', sets), ...clause('REMOVE', removes)].join(' '),
    names: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    values: { ...more, ...Object.fromEntries(placed) },
    condition,
  };
}

const clause = (verb: string, parts: readonly string[]) =>
  parts.length > 0 ? [`${verb} ${parts.join(', ')}`] : [];

/** The attributes of a state. @param at when it was reached, in ms of the Unix epoch */
export function stateValues(state: DeliveryState, at: number): Item {
  return { state: { S: state }, rank: { N: String(rankOf(state)) }, changedAt: { N: String(at) } };
}

/** The attributes by which the index of due deliveries has one. @param dueAt ms of the Unix epoch */
export function dueValues(deliveryId: string, dueAt: number): Item {
  return { dueShard: { S: shardOf(deliveryId) }, dueAt: { N: String(dueAt) } };
}

/** Their names, for the write that takes a delivery out of the index. */
export const DUE_ATTRIBUTES: readonly string[] = ['dueShard', 'dueAt'];

/** The attribute by which DynamoDB removes a delivery, 30 days after it was made. */
export function expiryValue(deliveryId: string): Item {
  return { expiresAt: { N: String(Math.ceil(madeAt(deliveryId) / 1000) + KEEP_DELIVERY) } };
}

export function detailValues({ command, ...details }: DeliveryDetails): Item {
  const item: Item = {};
  const all = { ...details, commandSource: command?.source, commandId: command?.id };
  for (const [name, value] of Object.entries(all)) {
    if (value === undefined) continue;
    // DynamoDB keeps UTF-8. JSON can hold half a surrogate pair, which has no UTF-8, in the id of a command for one.
    item[name] = typeof value === 'number' ? { N: String(value) } : { S: value.toWellFormed() };
  }
  return item;
}
