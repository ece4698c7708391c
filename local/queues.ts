import { buildApp } from 'fauxqs';
import { ACCOUNT, AwsError, type AwsJsonServer, arn, type Input, REGION, startAwsJson } from './aws-json.ts';

/** A message as it is in a queue. */
interface QueueMessage {
  readonly messageId: string;
  readonly body: string;
  readonly messageAttributes: Readonly<
    Record<string, { readonly DataType: string; readonly StringValue?: string }>
  >;
  /** When it was sent, in ms of the Unix epoch. */
  readonly sentTimestamp: number;
}

/** The messages of a queue: those that can be received now, and those that were. */
interface QueueContent {
  readonly ready: readonly QueueMessage[];
  readonly hidden: readonly (QueueMessage & { readonly receiptHandle: string })[];
}

interface QueuesOptions {
  readonly port?: number;
  /** Messages to the topic of SNS with the first name go to that queue. */
  readonly names: readonly [string, ...string[]];
  /** One of them, where messages of the first end that are never deleted: it is then as in infra/queue.yml. */
  readonly deadLetters?: string;
  /** Changes what a client asks for before the queue sees it: a test shortens a wait. */
  readonly edit?: (operation: string, input: Input) => Input;
}

export interface Queues extends AwsJsonServer {
  /** `http://127.0.0.1:PORT/000000000000/NAME`. */
  queueUrl(name: string): string;
  /** Runs an operation of SQS without a socket, a signature or a failure. @throws AwsError */
  call(operation: string, input: Input): Promise<Readonly<Record<string, unknown>>>;
  /** Sends a message with attributes that are all texts. */
  send(name: string, body: string, attributes?: Readonly<Record<string, string>>): Promise<void>;
  content(name: string): Promise<QueueContent>;
  /** All messages of a queue, hidden ones too, oldest first. */
  peek(name: string): Promise<readonly QueueMessage[]>;
  /** How many messages are in a queue, hidden ones too. */
  depth(name: string): Promise<number>;
}

/**
 * Starts fauxqs, which is SQS and SNS, behind a front that can fail, for the unmodified `@aws-sdk/client-sqs` with an `endpoint` or
 * `AWS_ENDPOINT_URL_SQS`. The front is also what keeps it on loopback: fauxqs by itself listens on all addresses of the machine.
 *
 * @throws the system's error when the port is in use
 */
export async function startQueues(options: QueuesOptions): Promise<Queues> {
  const { names, deadLetters, edit = (_, input) => input } = options;
  const fauxqs = buildApp({ logger: false, defaultRegion: REGION });

  const call: Queues['call'] = async (operation, input) => {
    const { statusCode, headers, payload } = await fauxqs.inject({
      method: 'POST',
      url: '/',
      headers: { 'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': `AmazonSQS.${operation}` },
      payload: JSON.stringify(input),
    });
    const output = JSON.parse(payload) as Record<string, unknown>;
    if (statusCode === 200) return output;
    const { __type: type, message } = output;
    throw new AwsError(String(type), String(message), statusCode, headers['x-amzn-query-error'] as string);
  };
  const form = async (payload: string) => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const answer = await fauxqs.inject({ method: 'POST', url: '/', headers, payload });
    return { status: answer.statusCode, body: answer.payload };
  };

  for (const QueueName of names) await call('CreateQueue', { QueueName });
  const [first] = names;
  if (deadLetters) {
    const deadLetterTargetArn = arn('sqs', deadLetters);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 60 });
    const Attributes = { RedrivePolicy, VisibilityTimeout: '180' };
    await call('SetQueueAttributes', { QueueUrl: pathOf(first), Attributes });
  }
  await form(`Action=CreateTopic&Name=${first}`);
  await form(`Action=Subscribe&TopicArn=${arn('sns', first)}&Protocol=sqs&Endpoint=${arn('sqs', first)}`);

  const server = await startAwsJson({
    ...options,
    service: 'sqs',
    target: 'AmazonSQS',
    version: '1.0',
    serverError: 'InternalFailure',
    throttled: 'com.amazonaws.sqs#RequestThrottled',
    async run(operation, input) {
      const output = await call(operation, edit(operation, input));
      // fauxqs names a host below localhost, which not every machine can look up.
      return operation === 'GetQueueUrl' ? { QueueUrl: queueUrl(String(input['QueueName'])) } : output;
    },
    form,
  });
  const queueUrl = (name: string) => server.url + pathOf(name);
  const content = async (name: string): Promise<QueueContent> => {
    const { payload } = await fauxqs.inject(`/_fauxqs/queues/${name}`);
    const { ready, inflight } = (JSON.parse(payload) as { messages: Inspected }).messages;
    return { ready, hidden: inflight.map(({ message, receiptHandle }) => ({ ...message, receiptHandle })) };
  };
  const peek = async (name: string) => {
    const { ready, hidden } = await content(name);
    return [...hidden, ...ready].sort((a, b) => a.sentTimestamp - b.sentTimestamp);
  };
  return {
    ...server,
    queueUrl,
    call,
    async send(name, MessageBody, attributes = {}) {
      const MessageAttributes = Object.fromEntries(
        Object.entries(attributes).map(([key, StringValue]) => [key, { DataType: 'String', StringValue }]),
      );
      await call('SendMessage', { QueueUrl: pathOf(name), MessageBody, MessageAttributes });
    },
    content,
    peek,
    depth: async (name) => (await peek(name)).length,
    async close() {
      // Ends the calls that wait for a message, and those that would begin to: fauxqs would keep a timer for each of them.
      for (const name of names) await call('DeleteQueue', { QueueUrl: pathOf(name) });
      await fauxqs.close();
      await server.close();
    },
  };
}

/** What fauxqs shows of a queue. */
interface Inspected {
  readonly ready: QueueMessage[];
  readonly inflight: readonly { readonly message: QueueMessage; readonly receiptHandle: string }[];
}

/** The path of a queue's URL, by which fauxqs finds it. */
const pathOf = (name: string) => `/${ACCOUNT}/${name}`;
