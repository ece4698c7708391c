import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { LOCAL_ENDPOINT } from './aws-json.ts';
import { listen } from './loopback.ts';
import { type Answer, ask, TableStream } from './table-stream.ts';

/** A call of the table. */
export interface TableCall {
  readonly operation: string;
  /** The item's partition key; empty for a call that names no item. */
  readonly key: string;
}

export interface TableOptions {
  /** What the partition key of an item begins with whose changes are in the table's stream. Default: the table has no stream. */
  readonly stream?: string;
  /** Answers a call instead of the table, or calls `work` for the table's answer. */
  readonly intercept?: (
    call: TableCall,
    response: ServerResponse,
    work: () => Promise<void>,
  ) => Promise<void>;
}

/** DynamoDB on loopback, with the service's table in it. */
export interface Table {
  readonly url: string;
  /** What changed in the table; empty without the option `stream`. */
  readonly stream: TableStream;
  close(): Promise<void>;
}

/**
 * Starts dynalite and makes the service's table, as infra/table.yml describes it. dynalite has no streams and no time to live: the
 * changes are recorded here, and both are described as DynamoDB describes them. Nothing expires: DynamoDB promises to delete within
 * a few days (Developer Guide, "Using time to live"), which no stand-in runs for.
 *
 * @param name the table's name, `smsaero-local`
 */
export async function startTable(name: string, options: TableOptions = {}): Promise<Table> {
  const database = dynalite({ createTableMs: 0 });
  const stream = new TableStream(database, name, options.stream);

  const answer = async (call: TableCall, request: IncomingMessage, body: Buffer): Promise<Answer> => {
    if (stream.watches(call.operation, call.key)) return stream.write(request, call.key, body);
    const answered = await ask(database, request, body);
    if (!call.operation.startsWith('Describe') || answered.status !== 200) return answered;
    const described = JSON.parse(answered.body) as { Table?: object };
    if (described.Table && options.stream !== undefined) {
      const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' };
      described.Table = { ...described.Table, StreamSpecification, LatestStreamArn: stream.arn };
    }
    const TimeToLiveDescription = { TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' };
    const text = JSON.stringify(described.Table ? described : { TimeToLiveDescription });
    return { status: 200, headers: { 'Content-Type': 'application/x-amz-json-1.0' }, body: text };
  };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (options.stream === undefined && !options.intercept) {
      database.emit('request', request, response); // at no cost, for benchmarks
      return;
    }
    const body = await buffer(request);
    const { Key, Item } = JSON.parse(body.toString('utf8')) as Record<
      'Key' | 'Item',
      { pk?: { S?: string } }
    >;
    const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '');
    const call = { operation, key: (Key ?? Item)?.pk?.S ?? '' };
    const work = async () => {
      const answered = await answer(call, request, body);
      response.writeHead(answered.status, answered.headers).end(answered.body);
    };
    await (options.intercept ? options.intercept(call, response, work) : work());
  };
  const front = http.createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (!request.destroyed) throw error; // else the caller went away
    });
  });
  const { authority, close } = await listen(front);
  const url = `http://${authority}`;
  await createTable(url, name);
  return { url, stream, close };
}

async function createTable(endpoint: string, TableName: string): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ ...LOCAL_ENDPOINT, endpoint, region: 'local', credentials });
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'dueShard', AttributeType: 'S' },
        { AttributeName: 'dueAt', AttributeType: 'N' },
      ],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'due',
          KeySchema: [
            { AttributeName: 'dueShard', KeyType: 'HASH' },
            { AttributeName: 'dueAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  );
  const describe = new DescribeTableCommand({ TableName });
  while ((await client.send(describe)).Table?.TableStatus !== 'ACTIVE') await sleep(10);
  client.destroy();
}
