import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { type Clock, systemClock } from '../clock.ts';
import type { TableStream } from '../table/index.ts';
import { failedItems } from './batch-response.ts';
import { type EventSource, Waiters } from './source.ts';

/** How a stream is read; the names are those of Lambda's `CreateEventSourceMapping`. */
export interface StreamSourceOptions {
  readonly stream: TableStream;
  /** Most records of one invocation, 100 unless told. */
  readonly batchSize?: number;
  /** From the first record unless told. */
  readonly startingPosition?: 'TRIM_HORIZON' | 'LATEST';
  /** Which records the function gets, as `FilterCriteria` say; all unless told. */
  readonly filter?: (record: DynamoDBRecord) => boolean;
  /** How often records are tried again before they are given up; without end (-1) unless told. */
  readonly maximumRetryAttempts?: number;
  /** Pause before they are tried again, ms; none unless told. Lambda's own grows, and is nowhere written down. */
  readonly retryDelay?: number;
  /** Time of that pause, the machine's unless told. */
  readonly clock?: Clock;
  /** Runs the function; its answer may name `batchItemFailures` by sequence number. */
  invoke(event: DynamoDBStreamEvent): Promise<unknown>;
  /** Takes the records that were given up, where Lambda sends word to its destination. */
  onFailure?(records: readonly DynamoDBRecord[]): void;
  /** Hears what `invoke` failed of. */
  onError?(error: unknown): void;
}

const numberOf = ({ dynamodb }: DynamoDBRecord) => dynamodb?.SequenceNumber ?? '';

/**
 * Reads a table's stream as Lambda reads one shard for a function with `ReportBatchItemFailures`: in order, one batch at a
 * time, again from the lowest sequence number that failed.
 */
export function pollStream(options: StreamSourceOptions): EventSource {
  const { stream, batchSize = 100, maximumRetryAttempts = -1, retryDelay = 0, clock = systemClock } = options;
  const { invoke, onFailure, onError, filter = () => true } = options;
  const waiters = new Waiters();
  let position = options.startingPosition === 'LATEST' ? stream.records.length : 0;
  let isRunning = false;
  let isClosed = false;

  /** @returns how many records, from the first on, are done */
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
  const pause = async () => {
    if (retryDelay > 0) await new Promise<void>((resolve) => clock.at(clock.now() + retryDelay, resolve));
    else await nextTurn();
  };
  const deliver = async (batch: readonly DynamoDBRecord[]) => {
    let rest = batch;
    for (let retries = 0; !isClosed; retries += 1) {
      const done = await attempt(rest);
      if (done === rest.length) return;
      // Another record is the first to fail now, and has its own attempts.
      if (done > 0) retries = 0;
      rest = rest.slice(done);
      if (maximumRetryAttempts >= 0 && retries >= maximumRetryAttempts) {
        onFailure?.(rest);
        return;
      }
      await pause();
    }
  };
  const pump = async () => {
    if (isRunning) return;
    isRunning = true;
    while (!isClosed && position < stream.records.length) {
      const batch = stream.records.slice(position, position + batchSize);
      const wanted = batch.filter(filter);
      if (wanted.length > 0) await deliver(wanted);
      position += batch.length;
    }
    isRunning = false;
    waiters.settle();
  };
  const stopListening = stream.onRecord(() => void pump());
  void pump();
  return {
    idle: () => waiters.wait(() => isClosed || (!isRunning && position >= stream.records.length)),
    async close() {
      isClosed = true;
      stopListening();
      waiters.settle();
    },
  };
}
