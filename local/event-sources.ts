import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBRecord, DynamoDBStreamEvent, SQSEvent, SQSRecord } from 'aws-lambda';
import { arn, REGION } from './aws-json.ts';
import type { Queues } from './queues.ts';
import type { TableStream } from './table.ts';

/**
 * Invokes a function over Lambda's API (Invoke), as serverless-offline serves it.
 *
 * @param name the deployed name, `smsaero-local-cognito-sms-sender`
 * @throws Error with the function's message when it threw, or that there was no answer
 */
export async function invokeFunction(url: string, name: string, event: unknown): Promise<unknown> {
  const response = await fetch(`${url}/2015-03-31/functions/${name}/invocations`, {
    method: 'POST',
    body: JSON.stringify(event),
  });
  const text = await response.text();
  const payload: unknown = text === '' ? undefined : JSON.parse(text);
  if (!response.ok || response.headers.has('x-amz-function-error')) {
    const { errorMessage } = (payload ?? {}) as { errorMessage?: string };
    throw new Error(errorMessage ?? `${name} answered ${response.status}`);
  }
  return payload;
}

export interface EventSource {
  /** Resolves when nothing waits that could be delivered now, and no invocation runs. */
  idle(): Promise<void>;
  /** Delivers nothing more. An invocation that runs is not waited for: its function may be gone, and never answer. */
  close(): Promise<void>;
}

interface Target<Event> {
  /** Runs the function; its answer may name `batchItemFailures`. */
  invoke(event: Event): Promise<unknown>;
  /** Is told why `invoke` failed; the records are delivered again. */
  onError?(error: unknown): void;
}

/** How a queue is read; the names are those of Lambda's `CreateEventSourceMapping`. */
interface QueueSourceOptions extends Target<SQSEvent> {
  readonly queues: Queues;
  readonly name: string;
  /** Default: 5, with which Lambda begins. */
  readonly maximumConcurrency?: number;
}

/**
 * Reads a queue as Lambda does for a function with `ReportBatchItemFailures`: what succeeded is deleted, what failed stays
 * hidden until its visibility timeout, and moves to the dead-letter queue by the queue's redrive policy.
 */
export function pollQueue(options: QueueSourceOptions): EventSource {
  const { queues, name, maximumConcurrency = 5, onError } = options;
  const QueueUrl = queues.queueUrl(name);
  /** Receipts of what was delivered and failed. */
  const failures = new Set<string>();
  const changes = new EventEmitter<{ change: [] }>().setMaxListeners(0);
  let isClosed = false;

  const deliver = async (messages: readonly Message[]) => {
    const event = { Records: messages.map((message) => recordOf(message, name)) };
    const ids = messages.map(({ MessageId }) => MessageId);
    const failed = await failedItems(options, event, ids);
    for (const { MessageId, ReceiptHandle } of messages) {
      if (failed.has(MessageId)) failures.add(ReceiptHandle);
      else if (!isClosed) await queues.call('DeleteMessage', { QueueUrl, ReceiptHandle });
    }
  };
  const work = async () => {
    const names = { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] };
    const request = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20, ...names };
    while (!isClosed) {
      const { Messages = [] } = (await queues.call('ReceiveMessage', request)) as { Messages?: Message[] };
      if (Messages.length > 0 && !isClosed) await deliver(Messages);
      changes.emit('change');
    }
  };
  const workers = Array.from({ length: maximumConcurrency }, work);
  // The queue ends before its reader when a whole stack is closed.
  for (const worker of workers) worker.catch((error: unknown) => isClosed || onError?.(error));
  return {
    async idle() {
      for (;;) {
        const changed = once(changes, 'change');
        const { ready, hidden } = await queues.content(name);
        const isDone = ready.length === 0 && hidden.every(({ receiptHandle }) => failures.has(receiptHandle));
        if (isClosed || isDone) return;
        await changed;
      }
    },
    async close() {
      isClosed = true;
      changes.emit('change');
    },
  };
}

interface StreamSourceOptions extends Target<DynamoDBStreamEvent> {
  readonly stream: TableStream;
  /** Pause before failed records are tried again, in ms. Lambda's grows, and is not documented. */
  readonly retryDelayMs: number;
  readonly batchSize?: number;
}

/**
 * Reads a table's stream as Lambda reads one shard for a function with `ReportBatchItemFailures`: from its beginning, in order, one
 * batch at a time, again from the lowest sequence number that failed. Removals are left out, as by the filter in infra/functions/.
 */
export function pollStream(options: StreamSourceOptions): EventSource {
  const { stream, retryDelayMs, batchSize = 100 } = options;
  const changes = new EventEmitter<{ change: [] }>().setMaxListeners(0);
  let position = 0;
  let isRunning = false;
  let isClosed = false;

  const deliver = async () => {
    if (isRunning) return;
    isRunning = true;
    while (!isClosed && position < stream.records.length) {
      const batch = stream.records.slice(position, position + batchSize);
      let rest = batch.filter(({ eventName }) => eventName !== 'REMOVE');
      while (!isClosed && rest.length > 0) {
        const failed = await failedItems(options, structuredClone({ Records: rest }), rest.map(numberOf));
        const first = rest.findIndex((record) => failed.has(numberOf(record)));
        rest = first === -1 ? [] : rest.slice(first);
        if (rest.length > 0) await sleep(retryDelayMs, undefined, { ref: false });
      }
      position += batch.length;
    }
    isRunning = false;
    changes.emit('change');
  };
  const onRecord = () => void deliver();
  stream.events.on('record', onRecord);
  onRecord();
  return {
    async idle() {
      while (!isClosed && (isRunning || position < stream.records.length)) await once(changes, 'change');
    },
    async close() {
      isClosed = true;
      stream.events.off('record', onRecord);
      changes.emit('change');
    },
  };
}

/**
 * Invokes a function with a batch, and reads of its answer what failed (Lambda Developer Guide, "Success and failure conditions" of
 * `ReportBatchItemFailures`).
 *
 * @param known the identifiers in the batch
 * @returns those that failed: none for an answer that is null or empty, all if it throws or names an unknown one
 */
async function failedItems<Event>(
  { invoke, onError }: Target<Event>,
  event: Event,
  known: readonly string[],
): Promise<ReadonlySet<string>> {
  try {
    const response = (await invoke(event)) as { batchItemFailures?: { itemIdentifier: string }[] } | null;
    const failed = (response?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
    if (failed.every((id) => known.includes(id))) return new Set(failed);
  } catch (error) {
    onError?.(error);
  }
  return new Set(known);
}

const numberOf = ({ dynamodb }: DynamoDBRecord) => dynamodb?.SequenceNumber ?? '';

/** A message as `ReceiveMessage` gives it. */
interface Message {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes: SQSRecord['attributes'];
  readonly MessageAttributes?: Readonly<Record<string, { DataType: string; StringValue?: string }>>;
}

function recordOf(message: Message, name: string): SQSRecord {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes,
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([key, { DataType, StringValue = '' }]) => [
        key,
        { stringValue: StringValue, stringListValues: [], binaryListValues: [], dataType: DataType },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: arn('sqs', name),
    awsRegion: REGION,
  };
}
