import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  type Message,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { PATIENT } from './client.ts';

/** A message that was taken out of a queue's sight. */
export interface TakenMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  /** Attributes that its sender gave it. */
  readonly attributes: Readonly<Record<string, string>>;
  /** When the queue took it, in ms of the Unix epoch. */
  readonly sentAt: number;
}

/** How long taken messages are hidden, in s: time to read a list and answer a question. Then they are there again by themselves. */
const HIDE = 900;

/** The most that SQS gives, hides or shows at once. */
const BATCH = 10;

/** How long a queue is waited for that says it is empty, in s: without, SQS asks some of its servers alone. */
const WAIT = 1;

/** A queue of the stage, by its name. */
export class Queue {
  readonly #client = new SQSClient(PATIENT);
  readonly name: string;
  #url: string | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /**
   * Takes messages out of sight.
   *
   * @param most how many at the most
   * @throws Error if there is no such queue
   */
  async take(most: number): Promise<TakenMessage[]> {
    const taken = new Map<string, TakenMessage>();
    while (taken.size < most) {
      const command = new ReceiveMessageCommand({
        QueueUrl: await this.#find(),
        MaxNumberOfMessages: Math.min(BATCH, most - taken.size),
        VisibilityTimeout: HIDE,
        WaitTimeSeconds: WAIT,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SentTimestamp'],
      });
      const { Messages = [] } = await this.#client.send(command);
      if (Messages.length === 0) break;
      for (const message of Messages.map(read)) taken.set(message.messageId, message);
    }
    return [...taken.values()];
  }

  /** Shows taken messages again. */
  async show(messages: readonly TakenMessage[]): Promise<void> {
    for (let start = 0; start < messages.length; start += BATCH) {
      const Entries = messages.slice(start, start + BATCH).map(({ receiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: 0,
      }));
      const QueueUrl = await this.#find();
      await this.#client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    }
  }

  async send(body: string): Promise<void> {
    await this.#client.send(new SendMessageCommand({ QueueUrl: await this.#find(), MessageBody: body }));
  }

  async remove({ receiptHandle }: TakenMessage): Promise<void> {
    const QueueUrl = await this.#find();
    await this.#client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receiptHandle }));
  }

  async #find(): Promise<string> {
    if (this.#url === undefined) {
      try {
        this.#url = (await this.#client.send(new GetQueueUrlCommand({ QueueName: this.name }))).QueueUrl;
      } catch (error) {
        if (!(error instanceof QueueDoesNotExist)) throw error;
      }
    }
    if (this.#url === undefined) {
      throw new Error(`There is no queue ${this.name}: is the stage deployed, and in this region?`);
    }
    return this.#url;
  }
}

function read({
  MessageId = '',
  ReceiptHandle = '',
  Body = '',
  Attributes,
  MessageAttributes,
}: Message): TakenMessage {
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Object.fromEntries(
      Object.entries(MessageAttributes ?? {}).map(([name, { StringValue = '' }]) => [name, StringValue]),
    ),
    sentAt: Number(Attributes?.SentTimestamp ?? 0),
  };
}
