import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import dynalite from 'dynalite';
import { arn, LOCAL_ENDPOINT, REGION } from './aws-json.ts';
import { listen } from './loopback.ts';

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

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Runs a request in dynalite without a socket: the stream's reads are in no list of calls. */
function ask(database: Server, request: IncomingMessage, body: Buffer, operation?: string): Promise<Answer> {
  return new Promise((resolve) => {
    const headers: Record<string, string> = {};
    const response = {
      statusCode: 200,
      setHeader(name: string, value: unknown) {
        headers[name] = String(value);
      },
      end(text = '') {
        resolve({ status: this.statusCode, headers, body: text });
      },
    };
    const { method, url, socket } = request;
    const target = operation ? { 'x-amz-target': `DynamoDB_20120810.${operation}` } : {};
    const head = { method, url, socket, headers: { ...request.headers, ...target } };
    const replayed = Object.assign(Readable.from([body]), head);
    database.emit('request', replayed, response as unknown as ServerResponse);
  });
}

/** An item as DynamoDB writes it in JSON. */
type Image = Record<string, AttributeValue>;

/** Writes that a stream sees. Transactions and batches are not among them: the service writes neither. */
const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);

/** Sequence numbers have 21 digits at least; all of one length, so that they sort as texts too. */
const FIRST_SEQUENCE_NUMBER = 100_000_000_000_000_000_000n;

/** The stream of a table: new and old images of its items, in one shard. */
export class TableStream {
  /** `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL`. */
  readonly arn: string;
  /** All that changed, in order. */
  readonly records: DynamoDBRecord[] = [];
  readonly events = new EventEmitter<{ record: [] }>();
  readonly #database: Server;
  readonly #table: string;
  readonly #prefix: string | undefined;
  /** The last write of each key that has one under way. */
  readonly #writing = new Map<string, Promise<unknown>>();

  /** @param prefix what the partition key of an item begins with whose changes are in the stream; without it, none are */
  constructor(database: Server, table: string, prefix?: string) {
    this.#database = database;
    this.#table = table;
    this.#prefix = prefix;
    this.arn = arn('dynamodb', `table/${table}/stream/${new Date().toISOString().slice(0, -1)}`);
  }

  /** Whether a write of this key is recorded. */
  watches(operation: string, key: string): boolean {
    return this.#prefix !== undefined && WRITES.has(operation) && key.startsWith(this.#prefix);
  }

  /**
   * Lets a write through, after those of the same key that came before it, and records what it changed.
   *
   * @returns dynalite's answer, once the record is there
   */
  write(request: IncomingMessage, key: string, body: Buffer): Promise<Answer> {
    const before = this.#writing.get(key);
    const run = async () => {
      await before;
      const old = await this.#read(request, key);
      const answer = await ask(this.#database, request, body);
      if (answer.status === 200) this.#record(key, old, await this.#read(request, key));
      return answer;
    };
    const done = run();
    this.#writing.set(key, done);
    return done.finally(() => {
      if (this.#writing.get(key) === done) this.#writing.delete(key);
    });
  }

  async #read(request: IncomingMessage, key: string): Promise<Image | undefined> {
    const get = { TableName: this.#table, Key: { pk: { S: key } }, ConsistentRead: true };
    const { body } = await ask(this.#database, request, Buffer.from(JSON.stringify(get)), 'GetItem');
    return (JSON.parse(body) as { Item?: Image }).Item;
  }

  #record(key: string, old: Image | undefined, now: Image | undefined): void {
    // A write that leaves the item as it was is in no stream of DynamoDB's either (Developer Guide, "Change data capture").
    if (isDeepStrictEqual(old, now)) return;
    this.records.push({
      eventID: randomUUID().replaceAll('-', ''),
      eventName: old ? (now ? 'MODIFY' : 'REMOVE') : 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: REGION,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
        Keys: { pk: { S: key } },
        ...(now ? { NewImage: now } : {}),
        ...(old ? { OldImage: old } : {}),
        SequenceNumber: String(FIRST_SEQUENCE_NUMBER + BigInt(this.records.length)),
        SizeBytes: Buffer.byteLength(JSON.stringify([old, now])),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
      eventSourceARN: this.arn,
    });
    this.events.emit('record');
  }
}
