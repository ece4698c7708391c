import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBRecord, DynamoDBStreamEvent, SQSEvent, SQSRecord } from 'aws-lambda';
import { arn, REGION } from './aws-json.ts';
import type { Queues } from './queues.ts';
import type { TableStream } from './table-stream.ts';

/**
 * Invokes a function over Lambda's API (Invoke), as serverless-offline serves it.
 *
 * @param url base URL of that API
 * @param name the deployed name, `smsaero-local-cognito-sms-sender`
 * @returns what the function returned
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

/** A running event source mapping. */
export interface EventSource {
  /** Resolves when nothing waits that could be delivered now, and no invocation runs. */
  idle(): Promise<void>;
  /** Delivers nothing more. An invocation that runs is not waited for: its function may be gone, and never answer. */
  close(): Promise<void>;
}

/** The function of a mapping. */
interface Target<Event> {
  /** Runs the function; its answer may name `batchItemFailures`. */
  invoke(event: Event): Promise<unknown>;
  /** Is told why `invoke` failed; the records are delivered again. */
  onError?(error: unknown): void;
}

/** How a queue is read; the names are those of Lambda's `CreateEventSourceMapping`. */
export interface QueueSourceOptions extends Target<SQSEvent> {
  readonly queues: Queues;
  /** The queue's name. */
  readonly name: string;
  /** Most messages of one invocation. Default: 10. */
  readonly batchSize?: number;
  /** Most invocations at a time. Default: 5, with which Lambda begins. */
  readonly maximumConcurrency?: number;
}

/**
 * Reads a queue as Lambda does for a function with `ReportBatchItemFailures`: what succeeded is deleted, what failed stays
 * hidden until its visibility timeout, and moves to the dead-letter queue by the queue's redrive policy.
 */
export function pollQueue(options: QueueSourceOptions): EventSource {
  const { queues, name, batchSize = 10, maximumConcurrency = 5, invoke, onError } = options;
  const QueueUrl = queues.queueUrl(name);
  /** Receipts of what was delivered and failed. */
  const failures = new Set<string>();
  const changes = new Changes();
  let isClosed = false;

  const deliver = async (messages: readonly Message[]) => {
    const ids = messages.map(({ MessageId }) => MessageId);
    let failed: ReadonlySet<string>;
    try {
      failed = failedItems(
        await invoke({ Records: messages.map((message) => recordOf(message, name)) }),
        ids,
      );
    } catch (error) {
      onError?.(error);
      failed = new Set(ids);
    }
    for (const { MessageId, ReceiptHandle } of messages) {
      if (failed.has(MessageId)) failures.add(ReceiptHandle);
      else if (!isClosed) await queues.call('DeleteMessage', { QueueUrl, ReceiptHandle });
    }
  };
  const work = async () => {
    const MaxNumberOfMessages = batchSize;
    const names = { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] };
    while (!isClosed) {
      const request = { QueueUrl, MaxNumberOfMessages, WaitTimeSeconds: 20, ...names };
      const { Messages = [] } = (await queues.call('ReceiveMessage', request)) as { Messages?: Message[] };
      if (Messages.length > 0 && !isClosed) await deliver(Messages);
      changes.tell();
    }
  };
  const workers = Array.from({ length: maximumConcurrency }, work);
  // The queue ends before its reader when a whole stack is closed.
  for (const worker of workers) worker.catch((error: unknown) => isClosed || onError?.(error));
  return {
    async idle() {
      for (;;) {
        const changed = changes.next();
        const { ready, hidden } = await queues.content(name);
        const isDone = ready.length === 0 && hidden.every(({ receiptHandle }) => failures.has(receiptHandle));
        if (isClosed || isDone) return;
        await changed;
      }
    },
    async close() {
      isClosed = true;
      changes.tell();
    },
  };
}

/** How a stream is read. */
export interface StreamSourceOptions extends Target<DynamoDBStreamEvent> {
  readonly stream: TableStream;
  /** Pause before failed records are tried again, in ms. Lambda's grows, and is not documented. */
  readonly retryDelayMs: number;
  /** Most records of one invocation. Default: 100. */
  readonly batchSize?: number;
}

/**
 * Reads a table's stream as Lambda reads one shard for a function with `ReportBatchItemFailures`: from its beginning, in order, one
 * batch at a time, again from the lowest sequence number that failed. Removals are left out, as by the filter in infra/functions/.
 */
export function pollStream(options: StreamSourceOptions): EventSource {
  const { stream, retryDelayMs, batchSize = 100, invoke, onError } = options;
  const changes = new Changes();
  let position = 0;
  let isRunning = false;
  let isClosed = false;

  /** @returns how many records, from the first on, succeeded */
  const attempt = async (records: readonly DynamoDBRecord[]): Promise<number> => {
    try {
      const response = await invoke(structuredClone({ Records: [...records] }));
      const failed = failedItems(response, records.map(numberOf));
      const first = records.findIndex((record) => failed.has(numberOf(record)));
      return first === -1 ? records.length : first;
    } catch (error) {
      onError?.(error);
      return 0;
    }
  };
  const deliver = async () => {
    if (isRunning) return;
    isRunning = true;
    while (!isClosed && position < stream.records.length) {
      const batch = stream.records.slice(position, position + batchSize);
      let rest = batch.filter(({ eventName }) => eventName !== 'REMOVE');
      while (!isClosed && rest.length > 0) {
        rest = rest.slice(await attempt(rest));
        if (rest.length > 0) await sleep(retryDelayMs, undefined, { ref: false });
      }
      position += batch.length;
    }
    isRunning = false;
    changes.tell();
  };
  const stopListening = stream.onRecord(() => void deliver());
  void deliver();
  return {
    async idle() {
      while (!isClosed && (isRunning || position < stream.records.length)) await changes.next();
    },
    async close() {
      isClosed = true;
      stopListening();
      changes.tell();
    },
  };
}

/** What to wait for until something has changed. */
class Changes {
  #next = Promise.withResolvers<void>();

  next(): Promise<void> {
    return this.#next.promise;
  }

  tell(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }
}

/**
 * What a function's answer to a batch says of its records (Lambda Developer Guide, "Success and failure conditions" of
 * `ReportBatchItemFailures`).
 *
 * @param known the identifiers in the batch
 * @returns those that failed: none for an answer that is null, empty or of another shape, all if it names an unknown one
 */
function failedItems(response: unknown, known: readonly string[]): ReadonlySet<string> {
  const failures = (response as { batchItemFailures?: unknown } | null | undefined)?.batchItemFailures ?? [];
  const all = new Set(known);
  if (!Array.isArray(failures)) return all;
  const failed = failures.map((failure: { itemIdentifier?: unknown } | null) => failure?.itemIdentifier);
  return failed.every((id) => all.has(id as string)) ? new Set(failed as string[]) : all;
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

/** The same as Lambda gives it to a function. */
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
