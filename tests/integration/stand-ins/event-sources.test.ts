import assert from 'node:assert/strict';
import http from 'node:http';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SQS } from '@aws-sdk/client-sqs';
import type { DynamoDBRecord, DynamoDBStreamEvent, SQSEvent } from 'aws-lambda';
import { ManualClock } from '../../../local/clock.ts';
import { type EventSource, invokeFunction, pollQueue, pollStream } from '../../../local/lambda/index.ts';
import { listen } from '../../../local/loopback.ts';
import { type Queues, startQueues } from '../../../local/queue/index.ts';
import { startTable, type TableStandIn } from '../../../local/table/index.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';

useAwsStandIns();

const COMMANDS = 'smsaero-local-commands';
const DEAD = 'smsaero-local-dead-letters';
const VISIBILITY = 30_000;

const connection = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'local' },
  maxAttempts: 1,
};

let source: EventSource | undefined;
afterEach(() => source?.close());

describe('a queue that is read for a function', () => {
  let clock: ManualClock;
  let queues: Queues;
  let events: SQSEvent[];

  beforeEach(async () => {
    clock = new ManualClock();
    events = [];
    queues = await startQueues({
      names: [COMMANDS, DEAD],
      redrive: { from: COMMANDS, to: DEAD, maxReceiveCount: 2 },
      clock,
    });
  });
  afterEach(() => queues.close());

  /** Reads it with a function that answers so. */
  const poll = (answer: (event: SQSEvent) => unknown, options: object = {}) => {
    source = pollQueue({
      queues,
      name: COMMANDS,
      invoke: async (event) => {
        events.push(event);
        return await answer(event);
      },
      ...options,
    });
    return source;
  };
  const bodies = () => events.map(({ Records }) => Records.map(({ body }) => body).join(''));
  const send = (...texts: string[]) => {
    for (const text of texts) queues.send(COMMANDS, text);
  };

  it('gives its messages as Lambda does, and deletes them', async () => {
    const client = new SQS({ ...connection, endpoint: queues.url });
    const sent = await client.sendMessage({
      QueueUrl: queues.queueUrl(COMMANDS),
      MessageBody: '{}',
      MessageAttributes: { type: { DataType: 'String', StringValue: 'sms.send.v1' } },
    });
    client.destroy();
    await poll(() => undefined).idle();
    const [record] = events.flatMap(({ Records }) => Records);
    const now = String(clock.now());
    assert.deepEqual(record, {
      messageId: sent.MessageId,
      receiptHandle: record?.receiptHandle,
      body: '{}',
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: now,
        SenderId: record?.attributes.SenderId,
        ApproximateFirstReceiveTimestamp: now,
      },
      messageAttributes: {
        type: {
          stringValue: 'sms.send.v1',
          stringListValues: [],
          binaryListValues: [],
          dataType: 'String',
        },
      },
      md5OfMessageAttributes: sent.MD5OfMessageAttributes,
      md5OfBody: sent.MD5OfMessageBody,
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:eu-central-1:000000000000:${COMMANDS}`,
      awsRegion: 'eu-central-1',
    });
    assert.equal(queues.depth(COMMANDS), 0);
  });

  const successes = [undefined, null, '', [], {}, { batchItemFailures: [] }, { batchItemFailures: null }];
  for (const answer of successes) {
    it(`is done with a batch after the answer ${JSON.stringify(answer)}`, async () => {
      send('1', '2');
      await poll(() => answer).idle();
      assert.equal(queues.depth(COMMANDS), 0);
    });
  }

  const failures = [
    { itemIdentifier: 'unknown' },
    { itemIdentifier: '' },
    { itemIdentifier: null },
    {},
    null,
  ];
  for (const failure of failures) {
    it(`keeps a whole batch after the failure ${JSON.stringify(failure)}`, async () => {
      send('1', '2');
      await poll(({ Records }) => ({
        batchItemFailures: [{ itemIdentifier: Records[0]?.messageId }, failure],
      })).idle();
      assert.equal(queues.depth(COMMANDS), 2);
    });
  }

  it('keeps what failed, gives it again after its visibility timeout, and buries it in the end', async () => {
    send('1', 'bad', '3');
    const polling = poll(({ Records }) => ({
      batchItemFailures: Records.filter(({ body }) => body === 'bad').map(({ messageId }) => ({
        itemIdentifier: messageId,
      })),
    }));
    await polling.idle();
    assert.deepEqual(
      queues.peek(COMMANDS).map(({ body }) => body),
      ['bad'],
    );
    clock.advance(VISIBILITY);
    await polling.idle();
    assert.deepEqual(bodies(), ['1bad3', 'bad']);
    clock.advance(VISIBILITY);
    await polling.idle();
    assert.deepEqual(bodies(), ['1bad3', 'bad']);
    assert.deepEqual([queues.depth(COMMANDS), queues.depth(DEAD)], [0, 1]);
  });

  it('keeps all of a batch whose function throws, and tells of it', async () => {
    const errors: unknown[] = [];
    send('1', '2');
    await poll(
      () => {
        throw new Error('timed out');
      },
      { onError: (error: unknown) => errors.push(error) },
    ).idle();
    assert.equal(queues.depth(COMMANDS), 2);
    assert.match(String(errors), /timed out/);
  });

  it('gives what a function hid for a while when that while is over', async () => {
    send('1');
    const client = new SQS({ ...connection, endpoint: queues.url });
    const polling = poll(async ({ Records }) => {
      const [record] = Records;
      if (events.length > 1) return undefined;
      await client.changeMessageVisibility({
        QueueUrl: queues.queueUrl(COMMANDS),
        ReceiptHandle: record?.receiptHandle,
        VisibilityTimeout: 5,
      });
      return { batchItemFailures: [{ itemIdentifier: record?.messageId }] };
    });
    await polling.idle();
    clock.advance(4_999);
    await polling.idle();
    assert.equal(events.length, 1);
    clock.advance(1);
    await polling.idle();
    assert.equal(events.length, 2);
    assert.equal(queues.depth(COMMANDS), 0);
    client.destroy();
  });

  it('gives so many at a time to so many invocations at a time', async () => {
    let running = 0;
    let most = 0;
    const answers: (() => void)[] = [];
    const polling = poll(
      async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise<void>((resolve) => answers.push(resolve));
        running -= 1;
      },
      { batchSize: 2, maximumConcurrency: 2 },
    );
    send('1', '2', '3', '4', '5');
    while (events.length < 3) {
      await new Promise(setImmediate);
      answers.shift()?.();
    }
    for (const answer of answers) answer();
    await polling.idle();
    assert.equal(most, 2);
    assert.deepEqual(bodies(), ['12', '34', '5']);
  });

  it('is left alone once it is closed', async () => {
    await poll(() => undefined).close();
    send('1');
    await source?.idle();
    assert.deepEqual(events, []);
    assert.equal(queues.depth(COMMANDS), 1);
  });

  it("may be read for a function behind Lambda's API, whose own error is a failure", async () => {
    const server = http.createServer((request, response) => {
      const answer = async () => {
        events.push((await json(request)) as SQSEvent);
        assert.equal(request.url, '/2015-03-31/functions/smsaero-local-dispatch/invocations');
        if (events.length > 1) response.end('null');
        else
          response.writeHead(200, { 'x-amz-function-error': 'Unhandled' }).end('{"errorMessage":"broken"}');
      };
      void answer();
    });
    const { authority, close } = await listen(server);
    const errors: unknown[] = [];
    send('1');
    source = pollQueue({
      queues,
      name: COMMANDS,
      invoke: (event) => invokeFunction(`http://${authority}`, 'smsaero-local-dispatch', event),
      onError: (error) => errors.push(error),
    });
    await source.idle();
    assert.match(String(errors), /broken/);
    clock.advance(VISIBILITY);
    await source.idle();
    assert.deepEqual(bodies(), ['1', '1']);
    assert.equal(queues.depth(COMMANDS), 0);
    await close();
  });
});

describe('a stream that is read for a function', () => {
  const TableName = 'smsaero-test';
  let table: TableStandIn;
  let client: DynamoDBClient;
  let batches: string[];
  let givenUp: string[];

  beforeEach(async () => {
    table = await startTable(TableName, { stream: { prefix: 'delivery#' } });
    client = new DynamoDBClient({ ...connection, endpoint: table.url });
    batches = [];
    givenUp = [];
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
    source = pollStream({
      stream: table.stream,
      invoke: async (event) => {
        batches.push(namesOf(event.Records));
        return await answer(event);
      },
      onFailure: (records) => givenUp.push(namesOf(records)),
      ...options,
    });
    return source;
  };
  /** Answers that a record failed as long as it does. */
  const failing =
    (fails: (name: string) => boolean) =>
    ({ Records }: DynamoDBStreamEvent) => ({
      batchItemFailures: Records.filter((record) => fails(namesOf([record]))).map(({ dynamodb }) => ({
        itemIdentifier: dynamodb?.SequenceNumber,
      })),
    });

  it('gives its records in order, in batches, and those that come later', async () => {
    await put('1', '2', '3');
    const polling = poll(() => null, { batchSize: 2 });
    await polling.idle();
    assert.deepEqual(batches, ['12', '3']);
    await put('4');
    await polling.idle();
    assert.deepEqual(batches, ['12', '3', '4']);
  });

  it('gives those alone that come after its start, when told', async () => {
    await put('1');
    const polling = poll(() => null, { startingPosition: 'LATEST' });
    await put('2');
    await polling.idle();
    assert.deepEqual(batches, ['2']);
  });

  it('gives those alone that its filter lets through', async () => {
    await put('1', '2', '3');
    const polling = poll(() => null, { filter: (record: DynamoDBRecord) => namesOf([record]) === '2' });
    await put('4');
    await polling.idle();
    assert.deepEqual(batches, ['2']);
  });

  it('goes on from the lowest record that failed', async () => {
    await put('1', '2', '3', '4');
    await poll(failing((name) => batches.length < 3 && (name === '2' || name === '4'))).idle();
    assert.deepEqual(batches, ['1234', '234', '234']);
    assert.deepEqual(givenUp, []);
  });

  it('gives a batch up after so many tries, and goes on behind it', async () => {
    await put('1', '2', '3', '4');
    await poll(
      failing((name) => name === '2'),
      { batchSize: 3, maximumRetryAttempts: 2 },
    ).idle();
    assert.deepEqual(batches, ['123', '23', '23', '4']);
    assert.deepEqual(givenUp, ['23']);
  });

  it('gives each record that is the first to fail its own tries', async () => {
    await put('1', '2');
    await poll(
      failing((name) => batches.length < (name === '1' ? 3 : 5)),
      { maximumRetryAttempts: 2 },
    ).idle();
    assert.deepEqual(batches, ['12', '12', '12', '2', '2']);
    assert.deepEqual(givenUp, []);
  });

  it('tries all of a batch again when the function throws or names a record that is not in it', async () => {
    await put('1', '2');
    const errors: unknown[] = [];
    const answers = [
      () => Promise.reject(new Error('timed out')),
      () => ({ batchItemFailures: [{ itemIdentifier: '1' }] }),
      () => ({}),
    ];
    await poll(() => answers.shift()?.(), { onError: (error: unknown) => errors.push(error) }).idle();
    assert.deepEqual(batches, ['12', '12', '12']);
    assert.match(String(errors), /timed out/);
  });

  it('waits before it tries again, when told', async () => {
    const clock = new ManualClock();
    await put('1');
    const polling = poll(
      failing(() => batches.length === 1),
      { retryDelay: 1_000, clock },
    );
    await new Promise(setImmediate);
    clock.advance(999);
    await new Promise(setImmediate);
    assert.deepEqual(batches, ['1']);
    clock.advance(1);
    await polling.idle();
    assert.deepEqual(batches, ['1', '1']);
  });

  it('ends a batch that never succeeds when it is closed', async () => {
    await put('1');
    const polling = poll(failing(() => true));
    while (batches.length < 3) await new Promise(setImmediate);
    await polling.close();
    await polling.idle();
    const { length } = batches;
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    assert.ok(batches.length <= length + 1);
    assert.deepEqual(givenUp, []);
  });
});
