import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { CommandQueue } from '../../../lib/queue/command-queue.ts';

const sqs = mockClient(SQSClient);
afterEach(() => sqs.reset());

const QUEUE = 'https://sqs.eu-central-1.amazonaws.com/123456789012/commands';
const DEAD_LETTERS = 'https://sqs.eu-central-1.amazonaws.com/123456789012/commands-failed';
const queue = () => new CommandQueue({ queueUrl: QUEUE, deadLetterQueueUrl: DEAD_LETTERS });
const message = (body = '{"specversion":"1.0"}') => ({
  messageId: 'message-1',
  receiptHandle: 'handle-1',
  body,
  attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0' },
});

describe('a command that is not sent now', () => {
  it('is sent again to a queue that throttles, and no more to one that is not there', async () => {
    const throttled = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
    sqs
      .on(SendMessageCommand)
      .rejectsOnce(throttled)
      .rejectsOnce(throttled)
      .resolves({ MessageId: 'dead-1' });
    await queue().moveToDeadLetters(message(), { reason: 'invalid_command' });
    assert.equal(sqs.commandCalls(SendMessageCommand).length, 3);
    sqs.reset();
    sqs.on(SendMessageCommand).rejects(Object.assign(new Error('no queue'), { name: 'QueueDoesNotExist' }));
    await assert.rejects(queue().moveToDeadLetters(message(), { reason: 'invalid_command' }), /no queue/);
    assert.equal(sqs.commandCalls(SendMessageCommand).length, 1);
  });
});
