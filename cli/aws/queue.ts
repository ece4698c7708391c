import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { CLIENT_TIMEOUTS } from './client.ts';

/** A message that was taken out of a queue's sight. */
export interface TakenMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** When the queue took it, in ms of the Unix epoch. */
  readonly sentAt: number;
}

/** How long taken messages are hidden: time to read a list and answer a question. Then they are there again by themselves. */
const HIDE_S = 900;

/** The most that SQS gives, hides or shows at once. */
const BATCH = 10;

/** How long to wait for a message: at 0 SQS asks only some of its servers, and may say that a queue is empty which is not. */
const WAIT_S = 1;

export class Queue {
  readonly #client = new SQSClient(CLIENT_TIMEOUTS);
  readonly name: string;
  readonly #held = new Map<string, TakenMessage>();
  #url: string | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /**
   * Takes messages out of sight; {@link release} shows again what is not removed, also after an error.
   *
   * @param stop asked before each batch whether it is enough
   * @throws Error if the queue does not exist
   */
  async take(most: number, stop: () => boolean): Promise<TakenMessage[]> {
    while (this.#held.size < most && !stop()) {
      const command = new ReceiveMessageCommand({
        QueueUrl: await this.#find(),
        MaxNumberOfMessages: Math.min(BATCH, most - this.#held.size),
        VisibilityTimeout: HIDE_S,
        WaitTimeSeconds: WAIT_S,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SentTimestamp'],
      });
      const { Messages = [] } = await this.#client.send(command);
      if (Messages.length === 0) break;
      for (const message of Messages.map(read)) this.#held.set(message.messageId, message);
    }
    return [...this.#held.values()];
  }

  /** How many messages somebody else has taken out of sight, about; 0 if that cannot be asked. */
  async hiddenByOthers(): Promise<number> {
    const name = 'ApproximateNumberOfMessagesNotVisible';
    const command = new GetQueueAttributesCommand({ QueueUrl: await this.#find(), AttributeNames: [name] });
    const answer = await this.#client.send(command).catch(() => undefined); // a hint is worth no permission
    return Math.max(0, Number(answer?.Attributes?.[name] ?? 0) - this.#held.size);
  }

  /** Shows again what was taken and not removed. */
  async release(): Promise<void> {
    const messages = [...this.#held.values()];
    this.#held.clear();
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

  async remove({ messageId, receiptHandle }: TakenMessage): Promise<void> {
    const QueueUrl = await this.#find();
    await this.#client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receiptHandle }));
    this.#held.delete(messageId);
  }

  async #find(): Promise<string> {
    const command = new GetQueueUrlCommand({ QueueName: this.name });
    this.#url ??= await this.#client.send(command).then(
      ({ QueueUrl = '' }) => QueueUrl,
      (error: unknown) => {
        if (!(error instanceof QueueDoesNotExist)) throw error;
        throw new Error(`The queue ${this.name} does not exist: is the stage deployed, and in this region?`);
      },
    );
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
