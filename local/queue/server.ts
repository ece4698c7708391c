import { ACCOUNT, arn } from '../aws-account.ts';
import { type AwsJsonServer, startAwsJson } from '../aws-json.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Address } from '../loopback.ts';
import { invalidAddress, queryCode, queueDoesNotExist } from './errors.ts';
import type { QueueMessage, SendOptions } from './message.ts';
import { type Context, operations } from './operations.ts';
import { answerQuery } from './query.ts';
import { Queue } from './queue.ts';

/** How the stand-in is started. */
export interface QueuesOptions extends Address {
  /** The queues that there are. */
  readonly names: readonly string[];
  /** Where a message goes that was received so often from one of them and not deleted. */
  readonly redrive?: { readonly from: string; readonly to: string; readonly maxReceiveCount: number };
  /** How long a received message is hidden unless its receiver says, s; 30 unless told, as in SQS. */
  readonly visibilityTimeout?: number;
  /** Time of delays and visibility timeouts, the machine's unless told. */
  readonly clock?: Clock;
}

/** A running stand-in. */
export interface Queues extends AwsJsonServer {
  /** A queue by name, for an event source mapping. @throws AwsError `QueueDoesNotExist` */
  queue(name: string): Queue;
  /** `http://127.0.0.1:PORT/000000000000/NAME`. */
  queueUrl(name: string): string;
  /** How many messages lie in a queue, received ones and delayed ones too. */
  depth(name: string): number;
  /** The messages of a queue, oldest first; nothing becomes of them. */
  peek(name: string): readonly QueueMessage[];
  /** Sends a message without a call. */
  send(name: string, body: string, options?: SendOptions): QueueMessage;
}

/**
 * Starts SQS (JSON 1.0) for the real `@aws-sdk/client-sqs` with an `endpoint` or `AWS_ENDPOINT_URL_SQS`, and for curl with
 * SQS's older query protocol.
 *
 * @throws AwsError for a `redrive` of queues that are not there; the system's error when the port is in use
 */
export async function startQueues(options: QueuesOptions): Promise<Queues> {
  const { names, redrive, visibilityTimeout = 30, clock = systemClock } = options;
  const queues = new Map(names.map((name) => [name, new Queue(name, clock, visibilityTimeout)]));
  const named = (name: string): Queue => {
    const queue = queues.get(name);
    if (!queue) throw queueDoesNotExist();
    return queue;
  };
  if (redrive) {
    const { from, to, maxReceiveCount } = redrive;
    named(from).redrive = { queue: named(to), maxReceiveCount };
  }
  const queueUrl = (name: string) => `${server.url}/${ACCOUNT}/${name}`;
  const context = (signal: AbortSignal): Context => ({
    named,
    at(url) {
      const [, account, name = ''] = /^https?:\/\/[^/]+\/(\d{12})\/([\w-]+)\/?$/.exec(url) ?? [];
      if (!account) throw invalidAddress(url);
      if (account !== ACCOUNT) throw queueDoesNotExist();
      return named(name);
    },
    urlOf: ({ name }) => queueUrl(name),
    signal,
  });
  const server = await startAwsJson({
    ...options,
    service: 'sqs',
    target: 'AmazonSQS',
    version: '1.0',
    serverError: 'InternalFailure',
    throttled: 'com.amazonaws.sqs#RequestThrottled',
    resource: (input) => arn('sqs', String(input['QueueUrl'] ?? '').replace(/^.*\//, '')),
    run: (operation, input, _, signal) => operations.get(operation)?.(context(signal), input),
    queryCode,
    form: (fields, path, signal) =>
      answerQuery(fields, fields.get('QueueUrl') ?? `${server.url}${path}`, (operation, input) =>
        operations.get(operation)?.(context(signal), input),
      ),
  });
  return {
    ...server,
    queue: named,
    queueUrl,
    depth: (name) => named(name).messages.length,
    peek: (name) => named(name).messages,
    send: (name, body, sent) => named(name).send(body, sent),
  };
}
