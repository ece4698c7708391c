import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import { arn, REGION } from './aws-json.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Runs a request in dynalite without a socket: the stream's reads are in no list of calls. */
export function ask(
  database: Server,
  request: IncomingMessage,
  body: Buffer,
  operation?: string,
): Promise<Answer> {
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
