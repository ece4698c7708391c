import type { Server } from 'node:http';
import type { CreateTableInput, StreamSpecification } from '@aws-sdk/client-dynamodb';
import { type Answer, ask, type Head } from './in-process.ts';

/** Operations whose answer tells of a time to live or a stream. */
const OPERATIONS = new Set(['CreateTable', 'DescribeTable', 'UpdateTimeToLive', 'DescribeTimeToLive']);

/** The stream that there is: ARN `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL`, and its label. */
interface NamedStream {
  readonly arn: string;
  readonly label: string;
}

/** Input of `UpdateTimeToLive`. */
interface TimeToLiveInput {
  readonly TableName: string;
  readonly TimeToLiveSpecification: { readonly Enabled: boolean; readonly AttributeName: string };
}

/**
 * What dynalite knows nothing of: a table's time to live and its stream, told as DynamoDB tells them.
 *
 * A time to live is `ENABLED` at once, which takes DynamoDB up to an hour, and deletes nothing: DynamoDB promises no more than to delete
 * within a few days (Developer Guide, "Using time to live"), which no stand-in lives to see.
 */
export class TableFeatures {
  readonly #database: Server;
  readonly #stream: NamedStream;
  /** Attribute of the time to live, by table. */
  readonly #timeToLive = new Map<string, string>();
  readonly #streams = new Map<string, StreamSpecification>();

  /** @param stream what a table gets that is made with one: there is one stream, since there is one table */
  constructor(database: Server, stream: NamedStream) {
    this.#database = database;
    this.#stream = stream;
  }

  /** Whether a call is answered here. */
  handles(operation: string): boolean {
    return OPERATIONS.has(operation);
  }

  /** Answers such a call: dynalite checks it first, and says what it knows. */
  async answer(operation: string, head: Head, body: Buffer): Promise<Answer> {
    if (operation === 'UpdateTimeToLive') return this.#update(head, body);
    const answer = await ask(this.#database, head, body);
    if (answer.status !== 200) return answer;
    const input = JSON.parse(body.toString('utf8')) as CreateTableInput;
    const table = String(input.TableName);
    const told = JSON.parse(answer.body) as { Table?: object; TableDescription?: object };
    switch (operation) {
      case 'CreateTable':
        if (input.StreamSpecification?.StreamEnabled) this.#streams.set(table, input.StreamSpecification);
        return json(200, { TableDescription: { ...told.TableDescription, ...this.#streamOf(table) } });
      case 'DescribeTable':
        return json(200, { Table: { ...told.Table, ...this.#streamOf(table) } });
      default:
        return json(200, { TimeToLiveDescription: this.#describe(table) });
    }
  }

  #streamOf(table: string) {
    const StreamSpecification = this.#streams.get(table);
    if (!StreamSpecification) return {};
    const { arn: LatestStreamArn, label: LatestStreamLabel } = this.#stream;
    return { StreamSpecification, LatestStreamArn, LatestStreamLabel };
  }

  #describe(table: string) {
    const AttributeName = this.#timeToLive.get(table);
    return AttributeName === undefined
      ? { TimeToLiveStatus: 'DISABLED' }
      : { TimeToLiveStatus: 'ENABLED', AttributeName };
  }

  async #update(head: Head, body: Buffer): Promise<Answer> {
    const { TableName, TimeToLiveSpecification } = JSON.parse(body.toString('utf8')) as TimeToLiveInput;
    const headers = { ...head.headers, 'x-amz-target': 'DynamoDB_20120810.DescribeTimeToLive' };
    const asked = await ask(this.#database, { ...head, headers }, Buffer.from(JSON.stringify({ TableName })));
    if (asked.status !== 200) return asked; // there is no such table
    const { AttributeName, Enabled } = TimeToLiveSpecification;
    const current = this.#timeToLive.get(TableName);
    if (current !== undefined && current !== AttributeName) {
      return invalid(
        `TimeToLive is active on a different AttributeName: current AttributeName is ${current}`,
      );
    }
    if (Enabled === (current !== undefined)) {
      return invalid(`TimeToLive is already ${Enabled ? 'enabled' : 'disabled'}`);
    }
    if (Enabled) this.#timeToLive.set(TableName, AttributeName);
    else this.#timeToLive.delete(TableName);
    return json(200, { TimeToLiveSpecification });
  }
}

function json(status: number, output: object): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/x-amz-json-1.0' },
    body: JSON.stringify(output),
  };
}

function invalid(message: string): Answer {
  return json(400, { __type: 'com.amazon.coral.validate#ValidationException', message });
}
