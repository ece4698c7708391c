/** Stands in the bundle for the part of `@aws-sdk/client-dynamodb` that is used. */
import { type CallOptions, type ClientOptions, Command, JsonClient, type NamedCommand } from './client.ts';
import { AwsError } from './errors.ts';

type Attributes = Record<string, { B?: Uint8Array | string }>;

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html */
export class GetItemCommand extends Command {
  readonly operation = 'GetItem';
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html */
export class UpdateItemCommand extends Command {
  readonly operation = 'UpdateItem';
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html */
export class DeleteItemCommand extends Command {
  readonly operation = 'DeleteItem';
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html */
export class QueryCommand extends Command {
  readonly operation = 'Query';
}

/** A condition did not hold. */
export class ConditionalCheckFailedException extends Error {
  override readonly name = 'ConditionalCheckFailedException';
  readonly Item: Attributes | undefined;

  constructor({ message, output }: AwsError) {
    super(message);
    this.Item = decoded(output['Item']);
  }
}

interface Output {
  readonly Attributes: Attributes | undefined;
  readonly Item: Attributes | undefined;
  readonly Items: Attributes[] | undefined;
}

/** DynamoDB. Binary values may stand at the top of an item, and nowhere deeper. */
export class DynamoDBClient extends JsonClient {
  constructor(options?: ClientOptions) {
    super({ name: 'dynamodb', target: 'DynamoDB_20120810', version: '1.0' }, options);
  }

  override async send(
    { operation, input }: NamedCommand,
    { abortSignal }: CallOptions = {},
  ): Promise<Output> {
    const values = input['ExpressionAttributeValues'];
    const encodedInput = values
      ? { ...input, ExpressionAttributeValues: encoded(values as Attributes) }
      : input;
    try {
      const output = await this.call(operation, encodedInput, abortSignal);
      return {
        Attributes: decoded(output['Attributes']),
        Item: decoded(output['Item']),
        Items: (output['Items'] as unknown[] | undefined)?.map((item) => decoded(item) ?? {}),
      };
    } catch (error) {
      const failed = error instanceof AwsError && error.name === 'ConditionalCheckFailedException';
      throw failed ? new ConditionalCheckFailedException(error) : error;
    }
  }
}

function encoded(values: Attributes): Attributes {
  return mapBinary(values, (bytes) => Buffer.from(bytes as Uint8Array).toString('base64'));
}

function decoded(item: unknown): Attributes | undefined {
  return item ? mapBinary(item as Attributes, (text) => Buffer.from(text as string, 'base64')) : undefined;
}

function mapBinary(
  item: Attributes,
  change: (value: Uint8Array | string) => Uint8Array | string,
): Attributes {
  let changed: Attributes | undefined;
  for (const name in item) {
    const { B } = item[name] ?? {};
    if (B === undefined) continue;
    changed ??= { ...item };
    changed[name] = { B: change(B) };
  }
  return changed ?? item;
}
