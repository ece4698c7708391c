import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { SQS } from '@aws-sdk/client-sqs';
import { type Queues, startQueues } from '../../../local/queues.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';

useAwsStandIns();

const COMMANDS = 'smsaero-local-commands';
const DEAD = 'smsaero-local-dead-letters';
const TOPIC_ARN = 'arn:aws:sns:eu-central-1:000000000000:commands';

let queues: Queues;
let client: SQS;
let QueueUrl: string;

beforeEach(async () => {
  const redrive = { from: COMMANDS, to: DEAD, maxReceiveCount: 2 };
  queues = await startQueues({ names: [COMMANDS, DEAD], redrive, topic: 'commands' });
  client = new SQS({ endpoint: queues.url, maxAttempts: 1 });
  QueueUrl = queues.queueUrl(COMMANDS);
});
afterEach(async () => {
  client.destroy();
  await queues.close();
});

describe('fauxqs behind its front', () => {
  it('tells a client how often a message was received, and moves it once that is too often', async () => {
    await client.sendMessage({ QueueUrl, MessageBody: 'poison' });
    for (const count of ['1', '2']) {
      const { Messages } = await client.receiveMessage({
        ...{ QueueUrl, VisibilityTimeout: 0, WaitTimeSeconds: 20 },
        MessageSystemAttributeNames: ['All'],
      });
      const { ApproximateReceiveCount, SentTimestamp } = Messages?.[0]?.Attributes ?? {};
      assert.equal(ApproximateReceiveCount, count);
      assert.equal(SentTimestamp, String((await queues.peek(COMMANDS))[0]?.sentTimestamp));
    }
    assert.deepEqual((await client.receiveMessage({ QueueUrl })).Messages ?? [], []);
    assert.deepEqual([await queues.depth(COMMANDS), await queues.depth(DEAD)], [0, 1]);
  });

  it('gives the messages of a topic to its first queue, in an envelope of SNS', async () => {
    const waiting = client.receiveMessage({ QueueUrl, WaitTimeSeconds: 20 });
    const body = new URLSearchParams({ Action: 'Publish', TopicArn: TOPIC_ARN, Message: '{"id":"1"}' });
    const answer = await fetch(queues.url, { method: 'POST', body });
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'text/xml']);
    const { Messages } = await waiting;
    const { Type, Message } = JSON.parse(Messages?.[0]?.Body ?? '') as { Type: string; Message: string };
    assert.deepEqual([Type, Message], ['Notification', '{"id":"1"}']);
  });
});
