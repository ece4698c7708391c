import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { ManualClock } from '../../../local/clock.ts';
import { startTable, type TableStandIn } from '../../../local/table/index.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';

useAwsStandIns();

const TableName = 'smsaero-test';
const pk = { S: 'delivery#1' };

let table: TableStandIn;
let client: DynamoDBClient;

beforeEach(async () => {
  table = await startTable(TableName, { stream: { prefix: 'delivery#', clock: new ManualClock() } });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new DynamoDBClient({ endpoint: table.url, region: 'eu-central-1', credentials, maxAttempts: 1 });
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
    assert.match(
      String(record.eventSourceARN),
      /^arn:aws:dynamodb:eu-central-1:0{12}:table\/smsaero-test\/stream\/2026-01-01T00:00:00.000$/,
    );
    assert.deepEqual(record.dynamodb?.Keys, { pk });
    assert.equal(record.dynamodb?.StreamViewType, 'NEW_AND_OLD_IMAGES');
    assert.equal(record.dynamodb?.ApproximateCreationDateTime, Date.UTC(2026, 0, 1) / 1000);
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

  it('is empty unless asked for', async () => {
    const plain = await startTable(TableName);
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const user = new DynamoDBClient({ endpoint: plain.url, region: 'eu-central-1', credentials });
    await user.send(new PutItemCommand({ TableName, Item: { pk } }));
    assert.deepEqual(plain.stream.records, []);
    user.destroy();
    await plain.close();
  });
});

describe("the table's index of what is due", () => {
  const due = async (until: number) => {
    const query = new QueryCommand({
      TableName,
      IndexName: 'due',
      KeyConditionExpression: 'dueShard = :shard AND dueAt <= :until',
      ExpressionAttributeValues: { ':shard': { S: '0' }, ':until': { N: String(until) } },
    });
    return (await client.send(query)).Items;
  };

  it('has keys of the items that have both attributes, in their order, until one is removed', async () => {
    const at = (key: string, dueAt: number) =>
      put({ pk: { S: key }, dueShard: { S: '0' }, dueAt: { N: String(dueAt) }, state: { S: 'new' } });
    await at('delivery#late', 30);
    await at('delivery#second', 20);
    await at('delivery#first', 10);
    await put({ pk: { S: 'delivery#never' }, dueAt: { N: '1' } });
    const keys = (key: string, dueAt: number) => ({
      pk: { S: key },
      dueShard: { S: '0' },
      dueAt: { N: String(dueAt) },
    });
    assert.deepEqual(await due(20), [keys('delivery#first', 10), keys('delivery#second', 20)]);
    await client.send(
      new UpdateItemCommand({
        TableName,
        Key: { pk: { S: 'delivery#first' } },
        UpdateExpression: 'REMOVE dueShard, dueAt',
      }),
    );
    assert.deepEqual(await due(100), [keys('delivery#second', 20), keys('delivery#late', 30)]);
  });
});
