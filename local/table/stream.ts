import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import { arn, REGION } from '../aws-account.ts';
import { type Clock, systemClock } from '../clock.ts';
import { type Answer, ask, type Head } from './in-process.ts';

/** An item as DynamoDB writes it in JSON. */
type Image = Record<string, AttributeValue>;

/** What of the table is in its stream. */
export interface StreamOptions {
  /** What the partition key of an item begins with whose changes are in the stream. */
  readonly prefix: string;
  /** Time of the records, the machine's unless told. */
  readonly clock?: Clock;
}

/** Writes that a stream sees. A transaction or BatchWriteItem is none: dynalite has no transactions, and the service writes no batches. */
const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);

/** Sequence numbers have 21 digits at least; all of one length, so that they sort as texts too. */
const FIRST_SEQUENCE_NUMBER = 100_000_000_000_000_000_000n;

/** The stream of a table: new and old images of its items, in one shard. */
export class TableStream {
  /** When it was made, in ISO 8601 without a zone; with the table it names the stream. */
  readonly label: string;
  /** `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL`. */
  readonly arn: string;
  /** All that changed, in order. */
  readonly records: DynamoDBRecord[] = [];
  readonly #options: StreamOptions | undefined;
  readonly #database: Server;
  readonly #table: string;
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();
  /** The last write of each key that has one under way. */
  readonly #writing = new Map<string, Promise<unknown>>();

  /** @param options without them nothing is in the stream */
  constructor(database: Server, table: string, options?: StreamOptions) {
    this.#database = database;
    this.#table = table;
    this.#options = options;
    this.#clock = options?.clock ?? systemClock;
    this.label = new Date(this.#clock.now()).toISOString().slice(0, -1);
    this.arn = arn('dynamodb', `table/${table}/stream/${this.label}`);
  }

  /** Whether it must see the body of a call to know if it is one of its own. */
  mayWatch(operation: string): boolean {
    return this.#options !== undefined && WRITES.has(operation);
  }

  /** Whether a write of this key belongs in it. */
  watches(operation: string, key: string): boolean {
    return this.mayWatch(operation) && key.startsWith(this.#options?.prefix ?? '');
  }

  /** Calls back after each record. @returns what ends it */
  onRecord(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Lets a write through, after those of the same key that came before it, and records what it changed.
   *
   * @returns dynalite's answer, once the record is there
   */
  write(head: Head, key: string, body: Buffer): Promise<Answer> {
    const before = this.#writing.get(key);
    const run = async () => {
      await before;
      const old = await this.#read(head, key);
      const answer = await ask(this.#database, head, body);
      if (answer.status === 200) this.#record(key, old, await this.#read(head, key));
      return answer;
    };
    const done = run();
    this.#writing.set(key, done);
    return done.finally(() => {
      if (this.#writing.get(key) === done) this.#writing.delete(key);
    });
  }

  async #read(head: Head, key: string): Promise<Image | undefined> {
    const headers = { ...head.headers, 'x-amz-target': 'DynamoDB_20120810.GetItem' };
    const get = { TableName: this.#table, Key: { pk: { S: key } }, ConsistentRead: true };
    const { body } = await ask(this.#database, { ...head, headers }, Buffer.from(JSON.stringify(get)));
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
        ApproximateCreationDateTime: Math.floor(this.#clock.now() / 1000),
        Keys: { pk: { S: key } },
        ...(now ? { NewImage: now } : {}),
        ...(old ? { OldImage: old } : {}),
        SequenceNumber: String(FIRST_SEQUENCE_NUMBER + BigInt(this.records.length)),
        SizeBytes: Buffer.byteLength(JSON.stringify([old, now])),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
      eventSourceARN: this.arn,
    });
    for (const listener of this.#listeners) listener();
  }
}
