import type { Input } from '../aws-json.ts';
import { batch } from './batch.ts';
import { batchError, missingParameter, unknownAttribute } from './errors.ts';
import { integer, MAX_BYTES, messageToSend, pick, requiredText, texts } from './input.ts';
import { md5, md5OfAttributes, type ReceivedMessage, sizeOf, systemAttributes } from './message.ts';
import type { Queue } from './queue.ts';
import { receiveWithin } from './receive.ts';

/** What an operation works on. */
export interface Context {
  /** A queue by name. @throws AwsError `QueueDoesNotExist` */
  named(name: string): Queue;
  /** A queue by URL. @throws AwsError `InvalidAddress`, `QueueDoesNotExist` */
  at(url: string): Queue;
  urlOf(queue: Queue): string;
  /** Aborts when the caller has gone away. */
  readonly signal: AbortSignal;
}

type Operation = (context: Context, input: Input) => object | Promise<object>;

const SECONDS: readonly [number, number] = [0, 43_200];

const queueOf = (context: Context, input: Input) => context.at(requiredText(input, 'QueueUrl'));

const send = (queue: Queue, input: Input) => {
  const { body, ...options } = messageToSend(input);
  const { messageId } = queue.send(body, options);
  const MD5OfMessageAttributes = md5OfAttributes(options.messageAttributes);
  return {
    MessageId: messageId,
    MD5OfMessageBody: md5(body),
    ...(MD5OfMessageAttributes ? { MD5OfMessageAttributes } : {}),
  };
};

const remove = (queue: Queue, input: Input) => {
  queue.delete(requiredText(input, 'ReceiptHandle'));
  return {};
};

const changeVisibility = (queue: Queue, input: Input) => {
  const handle = requiredText(input, 'ReceiptHandle');
  const seconds = integer(input, 'VisibilityTimeout', SECONDS);
  if (seconds === undefined) throw missingParameter('VisibilityTimeout');
  queue.changeVisibility(handle, seconds);
  return {};
};

const received = (message: ReceivedMessage, input: Input) => {
  const attributes = pick(message.messageAttributes, texts(input, 'MessageAttributeNames'));
  // `AttributeNames` is what `MessageSystemAttributeNames` was called before 2024.
  const names = [...texts(input, 'MessageSystemAttributeNames'), ...texts(input, 'AttributeNames')];
  const system = pick(systemAttributes(message), names);
  const MD5OfMessageAttributes = md5OfAttributes(attributes);
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(Object.keys(system).length > 0 ? { Attributes: system } : {}),
    ...(MD5OfMessageAttributes ? { MD5OfMessageAttributes, MessageAttributes: attributes } : {}),
  };
};

const receive: Operation = async (context, input) => {
  const queue = queueOf(context, input);
  const most = integer(input, 'MaxNumberOfMessages', [1, 10], 'Must be between 1 and 10, if provided.') ?? 1;
  const visibility = integer(input, 'VisibilityTimeout', SECONDS);
  const wait = integer(input, 'WaitTimeSeconds', [0, 20]) ?? 0;
  const messages = await receiveWithin(queue, wait, context.signal, () => queue.receive(most, visibility));
  return messages.length > 0 ? { Messages: messages.map((message) => received(message, input)) } : {};
};

const getQueueAttributes: Operation = (context, input) => {
  const queue = queueOf(context, input);
  const { visible, notVisible, delayed } = queue.depth;
  const { redrive, arn, visibilityTimeout } = queue;
  const attributes: Record<string, string> = {
    QueueArn: arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(notVisible),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(visibilityTimeout),
    MaximumMessageSize: String(MAX_BYTES),
    DelaySeconds: '0',
    ReceiveMessageWaitTimeSeconds: '0',
  };
  if (redrive) {
    const { maxReceiveCount, queue: to } = redrive;
    attributes['RedrivePolicy'] = JSON.stringify({ deadLetterTargetArn: to.arn, maxReceiveCount });
  }
  const names = texts(input, 'AttributeNames');
  for (const name of names) {
    if (name !== 'All' && name !== 'RedrivePolicy' && !(name in attributes)) throw unknownAttribute(name);
  }
  const Attributes = pick(attributes, names);
  return Object.keys(Attributes).length > 0 ? { Attributes } : {};
};

const sendBatch: Operation = (context, input) => {
  const queue = queueOf(context, input);
  return batch(
    input,
    (entry) => send(queue, entry),
    (entries) => {
      const size = entries.reduce(
        (sum, entry) =>
          sum +
          sizeOf(String(entry['MessageBody'] ?? ''), (entry['MessageAttributes'] ?? {}) as object as never),
        0,
      );
      if (size > MAX_BYTES) {
        throw batchError(
          'BatchRequestTooLong',
          `Batch requests cannot be longer than ${MAX_BYTES} bytes. You have sent ${size} bytes.`,
        );
      }
    },
  );
};

const each =
  (work: (queue: Queue, input: Input) => object): Operation =>
  (context, input) => {
    const queue = queueOf(context, input);
    return batch(input, (entry) => work(queue, entry));
  };

const one =
  (work: (queue: Queue, input: Input) => object): Operation =>
  (context, input) =>
    work(queueOf(context, input), input);

/** The operations that the stand-in knows (Amazon SQS API, version 2012-11-05). */
export const operations: ReadonlyMap<string, Operation> = new Map([
  ['SendMessage', one(send)],
  ['SendMessageBatch', sendBatch],
  ['ReceiveMessage', receive],
  ['DeleteMessage', one(remove)],
  ['DeleteMessageBatch', each(remove)],
  ['ChangeMessageVisibility', one(changeVisibility)],
  ['ChangeMessageVisibilityBatch', each(changeVisibility)],
  [
    'GetQueueUrl',
    (context, input) => ({ QueueUrl: context.urlOf(context.named(requiredText(input, 'QueueName'))) }),
  ],
  ['GetQueueAttributes', getQueueAttributes],
]);
