import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { timeoutSignal } from './abort.ts';
import { AwsClient, environmentSettings } from './aws-client.ts';
import { ServiceError } from './errors.ts';

/** An item as DynamoDB writes it. */
export type Item = Record<string, AttributeValue>;

export interface Update {
  readonly key: string;
  readonly expression: string;
  /** Names for placeholders `#name`. */
  readonly names: Record<string, string>;
  /** Values for placeholders `:name`. */
  readonly values: Item;
  readonly condition?: string;
  /** Whether the item after the change is needed; DynamoDB does not send it without. */
  readonly returnItem?: boolean;
}

export class ConditionFailedError extends ServiceError {
  override readonly name = 'ConditionFailedError';
  /** The item that the condition was tested on; undefined if there is none. */
  readonly item: Item | undefined;

  constructor(item: Item | undefined) {
    super('The condition of a write did not hold');
    this.item = item;
  }
}

/** Time for one attempt, in ms. DynamoDB answers in under 10. */
const ATTEMPT_TIMEOUT_MS = 150;

/** The longest pause before the second attempt, and before any, in ms. */
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 40;

/** The service's table: one item a key, its partition key `pk`, its time to live `expiresAt` (s of the Unix epoch). */
export class Table {
  readonly #aws: AwsClient<DynamoDBClient>;
  readonly name: string;
  readonly #timeoutMs: number;

  /**
   * @param name the table's name
   * @param timeoutMs time for a call that is given no signal, retries included, in ms
   * @param settings of the SDK's client; `{}` for those of the user's profile
   */
  constructor(name: string, timeoutMs: number, settings: DynamoDBClientConfig = fromEnvironment()) {
    this.name = name;
    this.#timeoutMs = timeoutMs;
    const attemptMs = attemptTimeMs(timeoutMs);
    this.#aws = new AwsClient(
      {
        connectMs: attemptMs,
        attemptMs,
        firstPauseMs: FIRST_PAUSE_MS,
        longestPauseMs: LONGEST_PAUSE_MS,
      },
      (ours) => new DynamoDBClient({ ...settings, ...ours }),
    );
  }

  /**
   * Changes or makes an item.
   *
   * @returns the item after the change; nothing of it without `returnItem`
   * @throws ConditionFailedError
   */
  async update(update: Update, signal?: AbortSignal): Promise<Item> {
    const { key, expression, names, values, condition, returnItem } = update;
    const input: UpdateItemCommandInput = {
      TableName: this.name,
      Key: { pk: { S: key } },
      UpdateExpression: expression,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
      ReturnValues: returnItem ? 'ALL_NEW' : 'NONE',
      ...(condition
        ? { ConditionExpression: condition, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }
        : {}),
    };
    const command = new UpdateItemCommand(input);
    const { Attributes } = await this.run((client, options) => client.send(command, options), signal).catch(
      async (error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        // DynamoDB returns the item with the failed condition; a server that does not is asked for it.
        throw new ConditionFailedError(error.Item ?? (await this.get(key, signal)));
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

  /**
   * Runs a command, again while it fails for a retryable reason, until its time is over.
   *
   * @param signal ends the call, instead of the table's time-out
   * @throws the last error
   */
  run<Output>(
    send: (client: DynamoDBClient, options: { abortSignal: AbortSignal }) => Promise<Output>,
    signal: AbortSignal = timeoutSignal(this.#timeoutMs),
  ): Promise<Output> {
    return this.#aws.run(send, signal);
  }
}

/**
 * Time for one attempt of a call, in ms: 150, or a quarter of the call's time if that is longer; but half of it at most, so that a connection
 * that swallows bytes leaves time for a new one.
 */
export function attemptTimeMs(timeoutMs: number): number {
  return Math.min(Math.max(ATTEMPT_TIMEOUT_MS, timeoutMs / 4), timeoutMs / 2);
}

/** Makes a conditional write. Says whether the condition held, and the item: after the write, or as the condition found it. */
export async function updateIf(
  table: Pick<Table, 'update'>,
  update: Update,
  signal?: AbortSignal,
): Promise<{ readonly held: boolean; readonly item: Item | undefined }> {
  try {
    return { held: true, item: await table.update(update, signal) };
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error;
    return { held: false, item: error.item };
  }
}

/** Everything that the client would look up in files before its first call. */
const fromEnvironment = (): DynamoDBClientConfig => ({
  ...environmentSettings('DYNAMODB'),
  accountIdEndpointMode: 'preferred',
  endpointDiscoveryEnabled: false,
});
