import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { timeoutSignal } from '../abort.ts';
import { AwsClient, environmentSettings } from '../aws-client.ts';
import type { Environment } from '../environment.ts';

/** A message of the queue, as Lambda passes it: the parts that are read. */
export interface QueuedMessage extends Pick<SQSRecord, 'messageId' | 'receiptHandle' | 'body'> {
  readonly attributes: Pick<SQSRecord['attributes'], 'ApproximateReceiveCount' | 'SentTimestamp'>;
}

/** The longest body that leaves room for attributes, in bytes: SQS takes 1 MiB of both together. */
const MAX_BODY_BYTES = 1_048_576 - 2_048;

/** SQS answers in 10 to 20 ms from Lambda. A message may get into the dead-letter queue twice if its first answer is lost. */
const TIMES = { connectMs: 500, attemptMs: 1_000, firstPauseMs: 50, longestPauseMs: 400 };

/** Time for a call, retries included, in ms. */
const TIMEOUT_MS = 3_000;

type QueueUrls = Pick<Environment['queue'], 'queueUrl' | 'deadLetterQueueUrl'>;

/** The queue of commands and the one for those that cannot succeed. */
export class CommandQueue {
  readonly #aws = new AwsClient(
    TIMES,
    (settings) => new SQSClient({ ...environmentSettings('SQS'), ...settings }),
  );
  readonly #urls: QueueUrls;

  constructor(urls: QueueUrls) {
    this.#urls = urls;
  }

  /** Hides a message that is to be tried again for so many seconds. */
  async hide({ receiptHandle }: QueuedMessage, seconds: number): Promise<void> {
    const command = new ChangeMessageVisibilityCommand({
      QueueUrl: this.#urls.queueUrl,
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: seconds,
    });
    await this.#aws.run((client, options) => client.send(command, options), timeoutSignal(TIMEOUT_MS));
  }

  /**
   * Copies a message to the dead-letter queue, as it came, with attributes that say why.
   *
   * @param attributes names and values; none may hold a code or a number
   */
  async moveToDeadLetters(
    { body }: QueuedMessage,
    attributes: Readonly<Record<string, string>>,
  ): Promise<void> {
    const command = new SendMessageCommand({
      QueueUrl: this.#urls.deadLetterQueueUrl,
      MessageBody: body,
      // What fills the whole message is not a command; the log has its reason.
      ...(Buffer.byteLength(body) > MAX_BODY_BYTES ? {} : { MessageAttributes: textAttributes(attributes) }),
    });
    await this.#aws.run((client, options) => client.send(command, options), timeoutSignal(TIMEOUT_MS));
  }
}

/** Attributes of a message that are all texts, as SQS takes them. */
function textAttributes(attributes: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
}
