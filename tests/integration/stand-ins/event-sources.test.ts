import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord, DynamoDBStreamEvent, SQSEvent } from 'aws-lambda';
import { type EventSource, pollQueue, pollStream } from '../../../local/event-sources.ts';
import { type Queues, startQueues } from '../../../local/queues.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';
import { startTable, type TableStandIn } from '../../support/table.ts';

useAwsStandIns();

let source: EventSource | undefined;

describe('a queue that is read for a function', () => {
  const COMMANDS = 'smsaero-local-commands';
  let queues: Queues;
  let events: SQSEvent[];
  beforeEach(async () => {
    events = [];
    queues = await startQueues({ names: [COMMANDS] });
  });
  afterEach(async () => {
    await source?.close();
    await queues.close();
  });

  /** Reads it with a function that answers so. */
  const poll = (answer: (event: SQSEvent) => unknown) => {
    const invoke = async (event: SQSEvent) => {
      events.push(event);
      return await answer(event);
    };
    source = pollQueue({ queues, name: COMMANDS, invoke });
    return source;
  };

  it('gives its messages as Lambda does, and deletes them', async () => {
    await queues.send(COMMANDS, '{}', { type: 'sms.send.v1' });
    const [sent] = await queues.peek(COMMANDS);
    await poll(() => undefined).idle();
    const [record] = events.flatMap(({ Records }) => Records);
    assert.deepEqual(record, {
      messageId: sent?.messageId,
      receiptHandle: record?.receiptHandle,
      body: '{}',
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: String(sent?.sentTimestamp),
        SenderId: record?.attributes.SenderId,
        ApproximateFirstReceiveTimestamp: record?.attributes.ApproximateFirstReceiveTimestamp,
      },
      messageAttributes: {
        type: { stringValue: 'sms.send.v1', stringListValues: [], binaryListValues: [], dataType: 'String' },
      },
      md5OfBody: '99914b932bd37a50b983c5e7c90ae93b',
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:eu-central-1:000000000000:${COMMANDS}`,
      awsRegion: 'eu-central-1',
    });
    assert.equal(await queues.depth(COMMANDS), 0);
  });

  it('keeps what failed, and gives it again when it is no longer hidden', async () => {
    for (const body of ['1', 'bad', '3']) await queues.send(COMMANDS, body);
    const polling = poll(({ Records }) => {
      const bad = events.length === 1 ? Records.filter(({ body }) => body === 'bad') : [];
      return { batchItemFailures: bad.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    });
    await polling.idle();
    const [bad, ...others] = (await queues.content(COMMANDS)).hidden;
    assert.deepEqual([bad?.body, others], ['bad', []]);
    const message = { QueueUrl: queues.queueUrl(COMMANDS), ReceiptHandle: bad?.receiptHandle };
    await queues.call('ChangeMessageVisibility', { ...message, VisibilityTimeout: 0 });
    await polling.idle();
    const bodies = events.map(({ Records }) => Records.map(({ body }) => body).join());
    assert.deepEqual(bodies, ['1,bad,3', 'bad']);
    assert.equal(await queues.depth(COMMANDS), 0);
  });
});

describe("the table's stream", () => {
  const TableName = 'smsaero-test';
  const pk = { S: 'delivery#1' };
  let table: TableStandIn;
  let client: DynamoDBClient;
  beforeEach(async () => {
    table = await startTable(TableName, { stream: 'delivery#' });
    client = new DynamoDBClient({ endpoint: table.url, maxAttempts: 1 });
  });
  afterEach(async () => {
    await source?.close();
    client.destroy();
    await table.close();
  });

  const put = (item: Record<string, AttributeValue> = {}, more: object = {}) =>
    client.send(new PutItemCommand({ TableName, Item: { pk, ...item }, ...more }));
  const add = (key = pk) =>
    client.send(
      new UpdateItemCommand({
        ...{ TableName, Key: { pk: key }, UpdateExpression: 'ADD times :one' },
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
    );
  const changes = () =>
    table.stream.records.map(({ eventName, dynamodb }) => [
      eventName,
      dynamodb?.OldImage,
      dynamodb?.NewImage,
    ]);

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
    assert.deepEqual(
      [record?.eventSource, record?.awsRegion, record?.eventSourceARN],
      ['aws:dynamodb', 'eu-central-1', table.stream.arn],
    );
    assert.deepEqual(
      [record?.dynamodb?.Keys, record?.dynamodb?.StreamViewType],
      [{ pk }, 'NEW_AND_OLD_IMAGES'],
    );
    assert.equal(new Set(table.stream.records.map(({ eventID }) => eventID)).size, 3);
  });

  it('has none of a write that changed nothing, that was refused, or of another item', async () => {
    await put({ state: { S: 'new' } });
    await put({ state: { S: 'new' } });
    const refused = put({}, { ConditionExpression: 'attribute_not_exists(pk)' });
    await assert.rejects(refused, { name: 'ConditionalCheckFailedException' });
    await client.send(new DeleteItemCommand({ TableName, Key: { pk: { S: 'delivery#none' } } }));
    await add({ S: 'rate#1' });
    assert.equal(changes().length, 1);
    // What the stream reads for itself is not a call of the service.
    assert.deepEqual(table.calls, ['PutItem', 'PutItem', 'PutItem', 'DeleteItem', 'UpdateItem']);
  });

  it('has each of many writes at once, with the images that followed each other', async () => {
    await Promise.all(Array.from({ length: 50 }, () => add()));
    const times = (image: unknown) => (image as Record<string, { N?: string }> | undefined)?.['times']?.N;
    assert.deepEqual(
      changes().map(([, before, after]) => [times(before), times(after)]),
      Array.from({ length: 50 }, (_, index) => [index === 0 ? undefined : String(index), String(index + 1)]),
    );
    const numbers = table.stream.records.map(({ dynamodb }) => dynamodb?.SequenceNumber ?? '');
    assert.deepEqual([...new Set(numbers)].sort(), numbers);
  });

  describe('that is read for a function', () => {
    const putAll = async (names: string) => {
      for (const name of names) await put({ pk: { S: `delivery#${name}` } });
    };
    const namesOf = (records: readonly DynamoDBRecord[]) =>
      records.map(({ dynamodb }) => dynamodb?.Keys?.['pk']?.S?.slice('delivery#'.length)).join('');
    const poll = (
      answer: (event: DynamoDBStreamEvent, batches: string[]) => unknown,
      options: object = {},
    ) => {
      const batches: string[] = [];
      const invoke = async (event: DynamoDBStreamEvent) => {
        batches.push(namesOf(event.Records));
        return await answer(event, batches);
      };
      source = pollStream({ stream: table.stream, retryDelayMs: 1, invoke, ...options });
      return { batches, idle: source.idle };
    };

    it('gives its records in order, in batches, and those that come later', async () => {
      await putAll('123');
      const { batches, idle } = poll(() => null, { batchSize: 2 });
      await idle();
      await putAll('4');
      await idle();
      assert.deepEqual(batches, ['12', '3', '4']);
    });

    it('goes on from the lowest record that failed', async () => {
      await putAll('1234');
      const { batches, idle } = poll(({ Records }, before) => {
        const failed = Records.filter((record) => before.length < 3 && '24'.includes(namesOf([record])));
        const items = failed.map(({ dynamodb }) => ({ itemIdentifier: dynamodb?.SequenceNumber }));
        return { batchItemFailures: items };
      });
      await idle();
      assert.deepEqual(batches, ['1234', '234', '234']);
    });
  });
});
