import { invokeFunction, pollQueue, pollStream } from './lambda/index.ts';
import type { Queues } from './queue/index.ts';
import type { TableStream } from './table/index.ts';

/** What is read for the functions. */
export interface EventSourcesOptions {
  /** Base URL of Lambda's API. */
  readonly lambdaUrl: string;
  /** What the functions' names begin with, `smsaero-local`. */
  readonly prefix: string;
  readonly queues: Queues;
  /** Name of the queue of commands. */
  readonly queue: string;
  readonly stream: TableStream;
  /** Hears that a function failed; its log says why. */
  readonly onFailure: (message: string) => void;
}

/** Hands over commands and changes of deliveries, with the numbers of infra/functions/. */
export function startEventSources(options: EventSourcesOptions): { close(): Promise<void> } {
  const { lambdaUrl, prefix, queues, queue, stream, onFailure } = options;
  const source = (name: string) => ({
    invoke: (event: unknown) => invokeFunction(lambdaUrl, `${prefix}-${name}`, event),
    onError: (error: unknown) => onFailure(`${name}: ${(error as Error).message}`),
  });
  const sources = [
    pollQueue({ queues, name: queue, ...source('sms-queue') }),
    pollStream({
      stream,
      retryDelay: 1_000,
      filter: ({ eventName }) => eventName !== 'REMOVE',
      ...source('delivery-events'),
    }),
  ];
  return {
    close: async () => {
      await Promise.all(sources.map((each) => each.close()));
    },
  };
}
