import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
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
  it('is hidden in the queue that it came from', async () => {
    sqs.on(ChangeMessageVisibilityCommand).resolves({});
    await queue().hide(message(), 45);
    assert.deepEqual(sqs.commandCalls(ChangeMessageVisibilityCommand)[0]?.args[0].input, {
      QueueUrl: QUEUE,
      ReceiptHandle: 'handle-1',
      VisibilityTimeout: 45,
    });
  });

  it('becomes a dead letter as it came, with attributes that say why', async () => {
    sqs.on(SendMessageCommand).resolves({ MessageId: 'dead-1' });
    await queue().moveToDeadLetters(message(), { reason: 'invalid_command', field: 'data.to' });
    assert.deepEqual(sqs.commandCalls(SendMessageCommand)[0]?.args[0].input, {
      QueueUrl: DEAD_LETTERS,
      MessageBody: '{"specversion":"1.0"}',
      MessageAttributes: {
        reason: { DataType: 'String', StringValue: 'invalid_command' },
        field: { DataType: 'String', StringValue: 'data.to' },
      },
    });
  });

  it('becomes a dead letter without attributes where they would not fit', async () => {
    sqs.on(SendMessageCommand).resolves({ MessageId: 'dead-1' });
    await queue().moveToDeadLetters(message('x'.repeat(1_048_576)), { reason: 'invalid_command' });
    const { MessageAttributes, MessageBody } = sqs.commandCalls(SendMessageCommand)[0]?.args[0].input ?? {};
    assert.equal(MessageAttributes, undefined);
    assert.equal(MessageBody?.length, 1_048_576);
  });

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
