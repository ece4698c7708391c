import { QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Table } from '../table.ts';
import { DUE_INDEX } from './due.ts';
import { deliveryIdOf } from './item.ts';

/** Deliveries of one page, which is what a run takes of a shard before it looks at the next one. */
const PAGE = 100;

/**
 * The deliveries of a shard that SMS Aero is to be asked for, the longest due first. The index follows the table within moments, so that
 * the record itself may already say otherwise.
 *
 * @param now ms of the Unix epoch
 * @returns ids, at most 100
 */
export async function dueDeliveries(
  table: Table,
  shard: string,
  now: number,
  signal?: AbortSignal,
): Promise<string[]> {
  const query = new QueryCommand({
    TableName: table.name,
    IndexName: DUE_INDEX,
    KeyConditionExpression: '#shard = :shard AND #due <= :now',
    ExpressionAttributeNames: { '#shard': 'dueShard', '#due': 'dueAt' },
    ExpressionAttributeValues: { ':shard': { S: shard }, ':now': { N: String(now) } },
    Limit: PAGE,
  });
  const { Items = [] } = await table.run((client, options) => client.send(query, options), signal);
  return Items.flatMap(({ pk }) => deliveryIdOf(pk?.S) ?? []);
}
