import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { REGION } from '../aws-account.ts';
import { md5, md5OfAttributes, type Queues, type ReceivedMessage, systemAttributes } from '../queue/index.ts';
import { failedItems } from './batch-response.ts';
import { type EventSource, Waiters } from './source.ts';

/** How a queue is read; the names are those of Lambda's `CreateEventSourceMapping`. */
export interface QueueSourceOptions {
  readonly queues: Pick<Queues, 'queue'>;
  /** The queue's name. */
  readonly name: string;
  /** Most messages of one invocation, 10 unless told. */
  readonly batchSize?: number;
  /** Most invocations at a time, 5 unless told: what Lambda begins with. */
  readonly maximumConcurrency?: number;
  /** Runs the function; its answer may name `batchItemFailures`. */
  invoke(event: SQSEvent): Promise<unknown>;
  /** Hears what `invoke` failed of; the messages come again after their visibility timeout. */
  onError?(error: unknown): void;
}

/** A message as Lambda gives it to a function. */
function recordOf(message: ReceivedMessage, eventSourceARN: string): SQSRecord {
  const md5OfMessageAttributes = md5OfAttributes(message.messageAttributes);
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: systemAttributes(message),
    messageAttributes: Object.fromEntries(
      Object.entries(message.messageAttributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          ...(StringValue === undefined ? {} : { stringValue: StringValue }),
          ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
          stringListValues: [],
          binaryListValues: [],
          dataType: DataType,
        },
      ]),
    ),
    ...(md5OfMessageAttributes ? { md5OfMessageAttributes } : {}),
    md5OfBody: md5(message.body),
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion: REGION,
  };
}

/**
 * Reads a queue as Lambda does for a function with `ReportBatchItemFailures`: what was done is deleted, what failed stays
 * hidden until its visibility timeout, and dies by the queue's own redrive.
 */
export function pollQueue(options: QueueSourceOptions): EventSource {
  const { name, batchSize = 10, maximumConcurrency = 5, invoke, onError } = options;
  const queue = options.queues.queue(name);
  const waiters = new Waiters();
  let running = 0;
  let isClosed = false;

  const deliver = async (messages: readonly ReceivedMessage[]) => {
    const ids = messages.map(({ messageId }) => messageId);
    let failed: ReadonlySet<string>;
    try {
      const Records = messages.map((message) => recordOf(message, queue.arn));
      failed = failedItems(await invoke({ Records }), ids);
    } catch (error) {
      onError?.(error);
      return;
    }
    for (const { messageId, receiptHandle } of messages) {
      if (!failed.has(messageId)) queue.delete(receiptHandle);
    }
  };
  const pump = () => {
    while (!isClosed && running < maximumConcurrency) {
      const messages = queue.receive(batchSize);
      if (messages.length === 0) break;
      running += 1;
      const done = () => {
        running -= 1;
        pump();
      };
      deliver(messages).then(done, done);
    }
    waiters.settle();
  };
  const stopListening = queue.onVisible(pump);
  pump();
  return {
    idle: () => waiters.wait(() => isClosed || (running === 0 && queue.depth.visible === 0)),
    async close() {
      isClosed = true;
      stopListening();
      waiters.settle();
    },
  };
}
