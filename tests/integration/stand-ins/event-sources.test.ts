import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord, DynamoDBStreamEvent, SQSEvent } from 'aws-lambda';
import { type EventSource, pollQueue, pollStream } from '../../../local/event-sources.ts';
import { type Queues, startQueues } from '../../../local/queues.ts';
import { startTable, type Table } from '../../../local/table.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';

useAwsStandIns();

let source: EventSource | undefined;
afterEach(() => source?.close());

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
  const poll = (answer: (event: SQSEvent) => unknown, onError?: (error: unknown) => void) => {
    const invoke = async (event: SQSEvent) => {
      events.push(event);
      return await answer(event);
    };
    source = pollQueue({ queues, name: COMMANDS, invoke, ...(onError ? { onError } : {}) });
    return source;
  };
  const send = async (...texts: string[]) => {
    for (const text of texts) await queues.send(COMMANDS, text);
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
    await send('1', 'bad', '3');
    const polling = poll(({ Records }) => ({
      batchItemFailures: Records.filter(({ body }) => body === 'bad' && events.length === 1).map(
        ({ messageId }) => ({ itemIdentifier: messageId }),
      ),
    }));
    await polling.idle();
    const { hidden } = await queues.content(COMMANDS);
    assert.deepEqual(
      hidden.map(({ body }) => body),
      ['bad'],
    );
    const message = { QueueUrl: queues.queueUrl(COMMANDS), ReceiptHandle: hidden[0]?.receiptHandle };
    await queues.call('ChangeMessageVisibility', { ...message, VisibilityTimeout: 0 });
    await polling.idle();
    assert.deepEqual(
      events.map(({ Records }) => Records.map(({ body }) => body).join()),
      ['1,bad,3', 'bad'],
    );
    assert.equal(await queues.depth(COMMANDS), 0);
  });
});

describe('a stream that is read for a function', () => {
  const TableName = 'smsaero-test';
  let table: Table;
  let client: DynamoDBClient;
  let batches: string[];

  beforeEach(async () => {
    table = await startTable(TableName, { stream: 'delivery#' });
    client = new DynamoDBClient({ endpoint: table.url, maxAttempts: 1 });
    batches = [];
  });
  afterEach(async () => {
    client.destroy();
    await table.close();
  });

  const put = async (...names: string[]) => {
    for (const name of names) {
      await client.send(new PutItemCommand({ TableName, Item: { pk: { S: `delivery#${name}` } } }));
    }
  };
  const namesOf = (records: readonly DynamoDBRecord[]) =>
    records.map(({ dynamodb }) => dynamodb?.Keys?.['pk']?.S?.slice('delivery#'.length)).join('');
  const poll = (answer: (event: DynamoDBStreamEvent) => unknown, options: object = {}) => {
    const invoke = async (event: DynamoDBStreamEvent) => {
      batches.push(namesOf(event.Records));
      return await answer(event);
    };
    source = pollStream({ stream: table.stream, retryDelayMs: 1, invoke, ...options });
    return source;
  };

  it('gives its records in order, in batches, and those that come later', async () => {
    await put('1', '2', '3');
    const polling = poll(() => null, { batchSize: 2 });
    await polling.idle();
    await put('4');
    await polling.idle();
    assert.deepEqual(batches, ['12', '3', '4']);
  });

  it('goes on from the lowest record that failed', async () => {
    await put('1', '2', '3', '4');
    await poll(({ Records }) => ({
      batchItemFailures: Records.filter(
        (record) => batches.length < 3 && '24'.includes(namesOf([record])),
      ).map(({ dynamodb }) => ({ itemIdentifier: dynamodb?.SequenceNumber })),
    })).idle();
    assert.deepEqual(batches, ['1234', '234', '234']);
  });
});
