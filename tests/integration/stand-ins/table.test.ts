import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { useAwsStandIns } from '../../support/aws-environment.ts';
import { startTable, type TableStandIn } from '../../support/table.ts';

useAwsStandIns();

const TableName = 'smsaero-test';
const pk = { S: 'delivery#1' };

let table: TableStandIn;
let client: DynamoDBClient;

beforeEach(async () => {
  table = await startTable(TableName, { stream: 'delivery#' });
  client = new DynamoDBClient({ endpoint: table.url, maxAttempts: 1 });
});
afterEach(async () => {
  client.destroy();
  await table.close();
});

const put = (item: Record<string, AttributeValue>) =>
  client.send(new PutItemCommand({ TableName, Item: { pk, ...item } }));
const add = (key = pk) =>
  client.send(
    new UpdateItemCommand({
      TableName,
      Key: { pk: key },
      UpdateExpression: 'ADD times :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    }),
  );
const changes = () =>
  table.stream.records.map(({ eventName, dynamodb }) => [eventName, dynamodb?.OldImage, dynamodb?.NewImage]);

describe("the table's stream", () => {
  it('has a record of each change, as Lambda gets it', async () => {
    await put({ state: { S: 'new' }, sealed: { B: Buffer.from('text') } });
    await put({ state: { S: 'sent' } });
    await client.send(new DeleteItemCommand({ TableName, Key: { pk } }));
    const first = { pk, state: { S: 'new' }, sealed: { B: 'dGV4dA==' } };
    assert.deepEqual(changes(), [
      ['INSERT', undefined, first],
      ['MODIFY', first, { pk, state: { S: 'sent' } }],
      ['REMOVE', { pk, state: { S: 'sent' } }, undefined],
    ]);
    const [record] = table.stream.records;
    assert.equal(record?.eventSource, 'aws:dynamodb');
    assert.equal(record.awsRegion, 'eu-central-1');
    assert.equal(record.eventSourceARN, table.stream.arn);
    assert.deepEqual(record.dynamodb?.Keys, { pk });
    assert.equal(record.dynamodb?.StreamViewType, 'NEW_AND_OLD_IMAGES');
    assert.equal(new Set(table.stream.records.map(({ eventID }) => eventID)).size, 3);
  });

  it('has none of a write that changed nothing, that was refused, or of another item', async () => {
    await put({ state: { S: 'new' } });
    await put({ state: { S: 'new' } });
    const refused = new PutItemCommand({
      TableName,
      Item: { pk },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    await assert.rejects(client.send(refused), { name: 'ConditionalCheckFailedException' });
    await client.send(new DeleteItemCommand({ TableName, Key: { pk: { S: 'delivery#none' } } }));
    await add({ S: 'rate#1' });
    assert.equal(changes().length, 1);
    // What the stream reads for itself is no call of the service's.
    assert.deepEqual(table.calls, ['PutItem', 'PutItem', 'PutItem', 'DeleteItem', 'UpdateItem']);
  });

  it('has each of many writes at once, with the images that followed each other', async () => {
    await Promise.all(Array.from({ length: 50 }, () => add()));
    const times = (image?: Record<string, { N?: string }>) => image?.['times']?.N;
    assert.deepEqual(
      changes().map(([, before, after]) => [times(before as never), times(after as never)]),
      Array.from({ length: 50 }, (_, index) => [index === 0 ? undefined : String(index), String(index + 1)]),
    );
    const numbers = table.stream.records.map(({ dynamodb }) => dynamodb?.SequenceNumber ?? '');
    assert.deepEqual([...numbers].sort(), numbers);
    assert.equal(new Set(numbers).size, 50);
  });

  it('has what a lost answer did, and nothing of a failed call', async () => {
    table.choose = (_, { key }) => (key === pk.S ? 'lost_answer' : undefined);
    await assert.rejects(put({ state: { S: 'new' } }), /ECONNRESET|socket hang up/);
    table.choose = () => 'throttle';
    await assert.rejects(put({ state: { S: 'sent' } }), { name: 'ProvisionedThroughputExceededException' });
    table.choose = undefined;
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: { pk } }));
    assert.deepEqual(Item, { pk, state: { S: 'new' } });
    assert.deepEqual(changes(), [['INSERT', undefined, Item]]);
  });
});
