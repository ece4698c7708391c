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
const inputs = () => sqs.commandCalls(SendMessageCommand).map(({ args: [{ input }] }) => input);

describe('a command that is not sent now', () => {
  it('is sent again to a queue that throttles, and no more to one that is not there', async () => {
    const throttled = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
    sqs.on(SendMessageCommand).rejectsOnce(throttled).rejectsOnce(throttled).resolves({});
    await queue().moveToDeadLetters(message(), { Reason: 'invalid_command' });
    const MessageAttributes = { Reason: { DataType: 'String', StringValue: 'invalid_command' } };
    const input = { QueueUrl: DEAD_LETTERS, MessageBody: message().body, MessageAttributes };
    assert.deepEqual(inputs(), [input, input, input]);
    sqs.reset();
    sqs.on(SendMessageCommand).rejects(Object.assign(new Error('no queue'), { name: 'QueueDoesNotExist' }));
    await assert.rejects(queue().moveToDeadLetters(message(), { Reason: 'invalid_command' }), /no queue/);
    assert.equal(inputs().length, 1);
  });

  for (const [what, body, hasAttributes] of [
    ['leaves 2 KiB for them', 'x'.repeat(1_048_576 - 2_048), true],
    ['leaves a byte less', 'x'.repeat(1_048_576 - 2_047), false],
    ['fills it with letters of two bytes', 'я'.repeat(524_288), false],
  ] as const) {
    it(`${hasAttributes ? 'has' : 'loses its'} attributes where it ${what}`, async () => {
      sqs.on(SendMessageCommand).resolves({});
      await queue().moveToDeadLetters(message(body), { Reason: 'invalid_command' });
      assert.equal(inputs()[0]?.MessageBody, body);
      assert.equal(inputs()[0]?.MessageAttributes !== undefined, hasAttributes);
    });
  }
});
