import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { orAbort, within } from './abort.ts';

/** An item as DynamoDB writes it. */
export type Item = Record<string, AttributeValue>;

/** An update of one item. */
export interface Update {
  readonly key: string;
  readonly expression: string;
  /** Names for placeholders `#name`. */
  readonly names: Record<string, string>;
  /** Values for placeholders `:name`. */
  readonly values: Item;
  readonly condition?: string;
  /** Whether the item after the change is not needed; DynamoDB then does not send it. */
  readonly blind?: boolean;
}

/** The condition of a write did not hold. */
export class ConditionFailed extends Error {
  override readonly name = 'ConditionFailed';
  /** The item that the condition was tested on; undefined if there is none. */
  readonly item: Item | undefined;

  constructor(item: Item | undefined) {
    super('The condition of a write did not hold');
    this.item = item;
  }
}

/** Tries of a throttled or broken call, and the pause before each, in ms: the guard has 150, the SDK's own pauses begin at 50. */
const ATTEMPTS = 4;
const pauseBefore = (attempt: number) => 5 * 2 ** (attempt - 1);

/** The service's table: one item a key, its partition key `pk`, its time to live `expiresAt` (s of the Unix epoch). */
export class Table {
  readonly #client = new DynamoDBClient({
    retryStrategy: new ConfiguredRetryStrategy(ATTEMPTS, pauseBefore),
  });
  /** The table's name. */
  readonly name: string;
  readonly #timeout: number;

  /**
   * @param name the table's name
   * @param timeout time for a call that is given no signal, in ms
   */
  constructor(name: string, timeout: number) {
    this.name = name;
    this.#timeout = timeout;
  }

  /**
   * Changes or makes an item.
   *
   * @returns the item after the change; nothing of it after a blind one
   * @throws ConditionFailed
   */
  async update(update: Update, signal?: AbortSignal): Promise<Item> {
    const { key, expression, names, values, condition, blind } = update;
    const input: UpdateItemCommandInput = {
      TableName: this.name,
      Key: { pk: { S: key } },
      UpdateExpression: expression,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
      ReturnValues: blind ? 'NONE' : 'ALL_NEW',
      ...(condition
        ? { ConditionExpression: condition, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }
        : {}),
    };
    const command = new UpdateItemCommand(input);
    const { Attributes } = await this.run((client, options) => client.send(command, options), signal).catch(
      async (error: unknown) => {
        // DynamoDB returns the item with the failed condition; a server that does not is asked for it.
        throw isFailedCondition(error)
          ? new ConditionFailed(error.Item ?? (await this.get(key, signal)))
          : error;
      },
    );
    return Attributes ?? {};
  }

  /** The item as it is now; undefined if there is none. */
  async get(key: string, signal?: AbortSignal): Promise<Item | undefined> {
    const command = new GetItemCommand({
      TableName: this.name,
      Key: { pk: { S: key } },
      ConsistentRead: true,
    });
    const { Item: item } = await this.run((client, options) => client.send(command, options), signal);
    return item;
  }

  /** Removes an item if an attribute has this value; otherwise leaves it. */
  async removeIf(key: string, attribute: string, value: AttributeValue): Promise<void> {
    const command = new DeleteItemCommand({
      TableName: this.name,
      Key: { pk: { S: key } },
      ConditionExpression: '#attribute = :value',
      ExpressionAttributeNames: { '#attribute': attribute },
      ExpressionAttributeValues: { ':value': value },
    });
    await this.run((client, options) => client.send(command, options)).catch((error: unknown) => {
      if (!isFailedCondition(error)) throw error;
    });
  }

  /** Runs a command that few functions need: each bundle carries those of its own. */
  run<Output>(
    send: (client: DynamoDBClient, options: { abortSignal: AbortSignal }) => Promise<Output>,
    signal?: AbortSignal,
  ): Promise<Output> {
    const under = (abortSignal: AbortSignal) => orAbort(send(this.#client, { abortSignal }), abortSignal);
    return signal ? under(signal) : within(this.#timeout, under);
  }
}

function isFailedCondition(error: unknown): error is ConditionalCheckFailedException {
  return error instanceof ConditionalCheckFailedException;
}
