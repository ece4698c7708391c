import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  type MessageAttributeValue,
  QueueDoesNotExist,
  type ReceiveMessageCommandInput,
  SQS,
} from '@aws-sdk/client-sqs';
import type { AwsFailure } from '../../../local/aws-json.ts';
import { ManualClock } from '../../../local/clock.ts';
import { type Queues, startQueues } from '../../../local/queue/index.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';
import { until } from './client.ts';

useAwsStandIns();

const COMMANDS = 'smsaero-local-commands';
const DEAD = 'smsaero-local-dead-letters';

let clock: ManualClock;
let queues: Queues;
let client: SQS;
let QueueUrl: string;

const clientOf = (endpoint: string) =>
  new SQS({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'local' },
    maxAttempts: 1,
  });

beforeEach(async () => {
  clock = new ManualClock();
  queues = await startQueues({
    names: [COMMANDS, DEAD],
    redrive: { from: COMMANDS, to: DEAD, maxReceiveCount: 2 },
    clock,
  });
  client = clientOf(queues.url);
  QueueUrl = queues.queueUrl(COMMANDS);
});
afterEach(async () => {
  client.destroy();
  await queues.close();
});

const receive = async (options: Partial<ReceiveMessageCommandInput> = {}) =>
  (await client.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10, ...options })).Messages ?? [];
const send = (MessageBody: string, MessageAttributes?: Record<string, MessageAttributeValue>) =>
  client.sendMessage({ QueueUrl, MessageBody, ...(MessageAttributes ? { MessageAttributes } : {}) });
const depth = async (url = QueueUrl) => {
  const { Attributes } = await client.getQueueAttributes({ QueueUrl: url, AttributeNames: ['All'] });
  return [
    Attributes?.['ApproximateNumberOfMessages'],
    Attributes?.['ApproximateNumberOfMessagesNotVisible'],
    Attributes?.['ApproximateNumberOfMessagesDelayed'],
  ].join();
};

describe('a message', () => {
  it('is sent, received and deleted, with its attributes and what SQS knows of it', async () => {
    const attributes = {
      type: { DataType: 'String', StringValue: 'sms.send.v1' },
      times: { DataType: 'Number.int', StringValue: '3' },
      bytes: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) },
    };
    const sent = await send('Код: 482913', attributes);
    const [message, ...others] = await receive({
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    assert.deepEqual(others, []);
    assert.equal(message?.Body, 'Код: 482913');
    assert.equal(message.MessageId, sent.MessageId);
    assert.deepEqual(
      {
        ...message.MessageAttributes,
        bytes: Buffer.from(message.MessageAttributes?.['bytes']?.BinaryValue ?? []),
      },
      { ...attributes, bytes: Buffer.from([0, 255]) },
    );
    assert.equal(message.MD5OfMessageAttributes, sent.MD5OfMessageAttributes);
    const { SenderId, ...known } = message.Attributes ?? {};
    assert.ok(SenderId);
    assert.deepEqual(known, {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(clock.now()),
      ApproximateFirstReceiveTimestamp: String(clock.now()),
    });
    await client.deleteMessage({ QueueUrl, ReceiptHandle: message.ReceiptHandle });
    assert.equal(queues.depth(COMMANDS), 0);
  });

  it('has the digests that SQS gave to the same attributes', async () => {
    // What AWS answered, as LocalStack recorded it (tests/aws/services/sqs/test_sqs.snapshot.json, March 2026).
    const sent = await send('test', { timestamp: { DataType: 'Number', StringValue: '1493147359900' } });
    assert.equal(sent.MD5OfMessageBody, '098f6bcd4621d373cade4e832627b4f6');
    assert.equal(sent.MD5OfMessageAttributes, '235c5c510d26fb653d073faed50ae77c');
    const other = await send('a', { k: { DataType: 'String', StringValue: 'x' } });
    assert.equal(other.MD5OfMessageBody, '0cc175b9c0f1b6a831c399e269772661');
    assert.equal(other.MD5OfMessageAttributes, 'a45daa70926828a2f0a1db3418e6feb4');
  });

  it('gives only the attributes that are asked for', async () => {
    const value = { DataType: 'String', StringValue: 'x' };
    await send('1', { a: value, 'b.one': value, 'b.two': value });
    const seen = async (...names: string[]) => {
      const [message] = await receive({ MessageAttributeNames: names, VisibilityTimeout: 0 });
      assert.equal(message?.Attributes, undefined);
      return Object.keys(message?.MessageAttributes ?? {}).join();
    };
    assert.equal(await seen('b.*'), 'b.one,b.two');
    assert.equal(await seen(), '');
  });

  it('is hidden until its visibility timeout is over, and longer or shorter when told', async () => {
    await send('1');
    const [message] = await receive();
    const ReceiptHandle = message?.ReceiptHandle;
    assert.equal(await depth(), '0,1,0');
    clock.advance(29_999);
    assert.deepEqual(await receive(), []);
    await client.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout: 100 });
    clock.advance(99_999);
    assert.deepEqual(await receive(), []);
    await client.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
    assert.equal(await depth(), '1,0,0');
    const [again] = await receive({
      MessageSystemAttributeNames: ['ApproximateReceiveCount', 'ApproximateFirstReceiveTimestamp'],
    });
    assert.equal(again?.MessageId, message?.MessageId);
    assert.deepEqual(again?.Attributes, {
      ApproximateReceiveCount: '2',
      ApproximateFirstReceiveTimestamp: String(clock.now() - 29_999 - 99_999),
    });
    // The first receipt is no more good: SQS accepts it and deletes nothing.
    await client.deleteMessage({ QueueUrl, ReceiptHandle });
    assert.equal(queues.depth(COMMANDS), 1);
    await assert.rejects(
      client.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
      /not available for visibility timeout change/,
    );
  });

  it('comes after its delay', async () => {
    await client.sendMessage({ QueueUrl, MessageBody: '1', DelaySeconds: 60 });
    assert.equal(await depth(), '0,0,1');
    clock.advance(59_999);
    assert.deepEqual(await receive(), []);
    clock.advance(1);
    assert.equal((await receive()).length, 1);
  });

  it('goes to the dead letters once it was received too often', async () => {
    const { MessageId } = await send('poison');
    for (let times = 0; times < 2; times += 1) {
      assert.equal((await receive()).length, 1);
      clock.advance(30_000);
    }
    assert.deepEqual(await receive(), []);
    assert.deepEqual([queues.depth(COMMANDS), queues.depth(DEAD)], [0, 1]);
    const [dead] = queues.peek(DEAD);
    assert.deepEqual([dead?.messageId, dead?.body], [MessageId, 'poison']);
  });
});

describe('a batch', () => {
  it('is sent, received and deleted, and its bad entries alone fail', async () => {
    const sent = await client.sendMessageBatch({
      QueueUrl,
      Entries: [
        { Id: 'a', MessageBody: '1' },
        { Id: 'b', MessageBody: '2', DelaySeconds: 901 },
        { Id: 'c', MessageBody: '3' },
      ],
    });
    assert.deepEqual(
      sent.Successful?.map(({ Id }) => Id),
      ['a', 'c'],
    );
    assert.deepEqual(
      sent.Failed?.map(({ Id, Code, SenderFault }) => [Id, Code, SenderFault]),
      [['b', 'InvalidParameterValue', true]],
    );
    const messages = await receive();
    assert.deepEqual(
      messages.map(({ Body }) => Body),
      ['1', '3'],
    );
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    const deleted = await client.deleteMessageBatch({
      QueueUrl,
      Entries: [...Entries, { Id: 'none', ReceiptHandle: 'none' }],
    });
    assert.deepEqual(
      deleted.Successful?.map(({ Id }) => Id),
      ['0', '1'],
    );
    assert.deepEqual(
      deleted.Failed?.map(({ Code }) => Code),
      ['ReceiptHandleIsInvalid'],
    );
    assert.equal(queues.depth(COMMANDS), 0);
  });

  it('is refused as a whole when it is empty, too long, too large or ambiguous', async () => {
    const batch = (...Entries: { Id: string; MessageBody: string }[]) =>
      client.sendMessageBatch({ QueueUrl, Entries });
    const entry = (Id: string, MessageBody = '1') => ({ Id, MessageBody });
    await assert.rejects(batch(), { name: 'EmptyBatchRequest' });
    await assert.rejects(batch(...Array.from({ length: 11 }, (_, index) => entry(String(index)))), {
      name: 'TooManyEntriesInBatchRequest',
    });
    await assert.rejects(batch(entry('a'), entry('a')), { name: 'BatchEntryIdsNotDistinct' });
    await assert.rejects(batch(entry('a b')), { name: 'InvalidBatchEntryId' });
    const half = 'x'.repeat(524_289);
    await assert.rejects(batch(entry('a', half), entry('b', half)), { name: 'BatchRequestTooLong' });
    assert.equal(queues.depth(COMMANDS), 0);
  });
});

describe('a queue', () => {
  it('has a URL and attributes', async () => {
    const { QueueUrl: url } = await client.getQueueUrl({ QueueName: COMMANDS });
    assert.equal(url, `${queues.url}/000000000000/${COMMANDS}`);
    const { Attributes } = await client.getQueueAttributes({
      QueueUrl,
      AttributeNames: ['QueueArn', 'RedrivePolicy', 'VisibilityTimeout'],
    });
    assert.deepEqual(Attributes, {
      QueueArn: `arn:aws:sqs:eu-central-1:000000000000:${COMMANDS}`,
      RedrivePolicy: `{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:000000000000:${DEAD}","maxReceiveCount":2}`,
      VisibilityTimeout: '30',
    });
  });

  it('is waited at by long polling, until a message comes or the time is over', async () => {
    const waiting = receive({ WaitTimeSeconds: 20 });
    await until(() => queues.calls.length === 1);
    await send('1');
    assert.deepEqual(
      (await waiting).map(({ Body }) => Body),
      ['1'],
    );
    const inVain = receive({ WaitTimeSeconds: 20 });
    await until(() => queues.calls.length === 3);
    clock.advance(20_000);
    assert.deepEqual(await inVain, []);
  });

  it('keeps its message when the one who waited has gone', async () => {
    const abort = new AbortController();
    const gone = client.receiveMessage(
      { QueueUrl, WaitTimeSeconds: 20 },
      { abortSignal: abort.signal as never },
    );
    await until(() => queues.calls.length === 1);
    abort.abort();
    await assert.rejects(gone, { name: 'AbortError' });
    // The server hears of it a moment later; a message that came before would be its own bad luck, as with SQS.
    await depth();
    await send('1');
    assert.equal((await receive()).length, 1);
  });

  it('refuses what SQS refuses, in its words', async () => {
    const error = await send('1')
      .then(() => client.receiveMessage({ QueueUrl: `${QueueUrl}x` }))
      .catch((e) => e);
    assert.ok(error instanceof QueueDoesNotExist);
    assert.equal(error.message, 'The specified queue does not exist.');
    assert.equal((error as { Code?: string }).Code, 'AWS.SimpleQueueService.NonExistentQueue');
    await assert.rejects(client.getQueueUrl({ QueueName: 'none' }), { name: 'QueueDoesNotExist' });
    await assert.rejects(client.deleteMessage({ QueueUrl, ReceiptHandle: 'none' }), {
      name: 'ReceiptHandleIsInvalid',
    });
    await assert.rejects(receive({ MaxNumberOfMessages: 11 }), {
      name: 'InvalidParameterValue', // the code of the query protocol: the service's model has no such error
      message:
        'Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
    });
    await assert.rejects(send(''), /must contain the parameter MessageBody/);
    await assert.rejects(send('\u0000'), { name: 'InvalidMessageContents' });
    await assert.rejects(send('x'.repeat(1_048_577)), /Message must be shorter than 1048576 bytes/);
    await assert.rejects(send('1', { a: { DataType: 'String', StringValue: '' } }), /non-empty value/);
    await assert.rejects(client.getQueueAttributes({ QueueUrl, AttributeNames: ['Nothing' as never] }), {
      name: 'InvalidAttributeName',
    });
  });

  it('is for others to send to and to look into without a call', async () => {
    queues.send(COMMANDS, '{}', { messageAttributes: { a: { DataType: 'String', StringValue: 'b' } } });
    const [message] = queues.peek(COMMANDS);
    assert.deepEqual(message, {
      messageId: message?.messageId,
      body: '{}',
      messageAttributes: { a: { DataType: 'String', StringValue: 'b' } },
      sentAt: clock.now(),
      receiveCount: 0,
      firstReceivedAt: undefined,
    });
    assert.deepEqual(queues.calls, []);
    await assert.rejects(
      startQueues({ names: [DEAD], redrive: { from: COMMANDS, to: DEAD, maxReceiveCount: 1 } }),
      { name: 'AwsError' },
    );
  });
});

describe('trouble', () => {
  const errors: [AwsFailure, string][] = [
    ['throttle', 'RequestThrottled'],
    ['access_denied', 'AccessDeniedException'],
    ['server_error', 'InternalFailure'],
  ];
  for (const [mode, name] of errors) {
    it(`comes as ${name} when told`, async () => {
      queues.fail(mode, 1);
      await assert.rejects(send('1'), { name });
      await send('2');
      assert.equal(queues.depth(COMMANDS), 1);
    });
  }
});

describe('the query protocol', () => {
  const post = async (fields: Record<string, string>, path = `/000000000000/${COMMANDS}`) => {
    const answer = await fetch(`${queues.url}${path}`, { method: 'POST', body: new URLSearchParams(fields) });
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
  };

  it('sends and receives without a signature, in XML', async () => {
    const sent = await post({
      Action: 'SendMessage',
      MessageBody: '{"text":"<1> & \'2\'"}',
      'MessageAttribute.1.Name': 'type',
      'MessageAttribute.1.Value.DataType': 'String',
      'MessageAttribute.1.Value.StringValue': 'sms.send.v1',
    });
    assert.deepEqual([sent.status, sent.type], [200, 'text/xml']);
    assert.match(
      sent.text,
      /<SendMessageResponse xmlns="[^"]+"><SendMessageResult><MessageId>[0-9a-f-]{36}<\/MessageId><MD5OfMessageBody>[0-9a-f]{32}</,
    );
    const [message] = await receive({ MessageAttributeNames: ['All'], VisibilityTimeout: 0 });
    assert.equal(message?.Body, '{"text":"<1> & \'2\'"}');
    assert.deepEqual(message.MessageAttributes?.['type']?.StringValue, 'sms.send.v1');
    const { text } = await post({
      Action: 'ReceiveMessage',
      MaxNumberOfMessages: '10',
      'AttributeName.1': 'ApproximateReceiveCount',
      'MessageAttributeName.1': 'All',
    });
    assert.match(text, /<Body>\{&#34;text&#34;:&#34;&#60;1&#62; &#38; &#39;2&#39;&#34;\}<\/Body>/);
    assert.match(text, /<Attribute><Name>ApproximateReceiveCount<\/Name><Value>2<\/Value><\/Attribute>/);
    assert.match(text, /<Name>type<\/Name><Value><DataType>String<\/DataType><StringValue>sms.send.v1</);
  });

  it('answers errors in XML too', async () => {
    const none = await post({ Action: 'SendMessage', MessageBody: '1' }, '/000000000000/none');
    assert.equal(none.status, 400);
    assert.match(none.text, /<Type>Sender<\/Type><Code>AWS.SimpleQueueService.NonExistentQueue<\/Code>/);
    assert.match((await post({ Action: 'SendMessage' })).text, /<Code>MissingParameter<\/Code>/);
    assert.match((await post({ Action: 'PurgeQueue' })).text, /<Code>InvalidAction<\/Code>/);
  });
});
