import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { type Address, listen } from '../loopback.ts';

/** How the table can fail: `hang` never answers, `lost_answer` does the work and resets, `reset` only resets. */
export type TableFailure = 'throttle' | 'server_error' | 'hang' | 'reset' | 'lost_answer';

/** A call that may be made to fail. */
export interface TableCall {
  readonly operation: string;
  /** The item's partition key; empty for a call that names no item. */
  readonly key: string;
  /** Which try of the SDK it is, from 1. */
  readonly attempt: number;
}

/** DynamoDB on loopback, with the guard's table in it. */
export interface TableStandIn {
  /** Endpoint for a DynamoDB client, `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Operations that were asked for, in order, failed ones too. */
  readonly calls: string[];
  /** Picks what goes wrong with a call. */
  choose: ((operation: string, call: TableCall) => TableFailure | undefined) | undefined;
  close(): Promise<void>;
}

/**
 * Starts dynalite and makes the guard's table, as infra/table.yml describes it; times to live are not enforced.
 *
 * @param name the table's name, `smsaero-local`
 */
export async function startTable(name: string, address: Address = {}): Promise<TableStandIn> {
  const database = dynalite({ createTableMs: 0 });
  const calls: string[] = [];
  const front = http.createServer((request, response) => {
    const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '');
    calls.push(operation);
    if (!standIn.choose) {
      database.emit('request', request, response);
      return;
    }
    const choose = async () => {
      const body = await buffer(request);
      const failure = standIn.choose?.(operation, callOf(operation, request, body));
      const again = replay(request, body);
      if (failure) {
        play(failure, database, again, response);
      } else {
        database.emit('request', again, response);
      }
    };
    choose().catch((error: unknown) => {
      if (!request.destroyed) throw error; // else the caller went away
    });
  });
  const { authority, close } = await listen(front, address);
  const standIn: TableStandIn = { url: `http://${authority}`, calls, choose: undefined, close };
  await createTable(standIn.url, name);
  calls.length = 0;
  return standIn;
}

function callOf(operation: string, request: IncomingMessage, body: Buffer): TableCall {
  const { Key } = JSON.parse(body.toString('utf8')) as { Key?: { pk?: { S?: string } } };
  const attempt = /attempt=(\d+)/.exec(String(request.headers['amz-sdk-request']))?.[1];
  return { operation, key: Key?.pk?.S ?? '', attempt: Number(attempt ?? 1) };
}

/** The request once more, with its body still to be read: the parts of it that dynalite looks at. */
function replay({ headers, method, url, socket }: IncomingMessage, body: Buffer): IncomingMessage {
  return Object.assign(Readable.from([body]), { headers, method, url, socket }) as unknown as IncomingMessage;
}

function play(
  failure: TableFailure,
  database: http.Server,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const fail = (status: number, type: string) => {
    request.resume();
    response
      .writeHead(status, { 'Content-Type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: type }));
  };
  switch (failure) {
    case 'throttle':
      fail(400, 'ProvisionedThroughputExceededException');
      break;
    case 'server_error':
      fail(500, 'InternalServerError');
      break;
    case 'reset':
      request.socket.resetAndDestroy();
      break;
    case 'lost_answer':
      // biome-ignore lint/suspicious/noExplicitAny: `end` has four overloads, of which none is called
      response.end = ((): any => request.socket.resetAndDestroy()) as any;
      database.emit('request', request, response);
      break;
    case 'hang':
      request.resume();
  }
}

async function createTable(endpoint: string, name: string): Promise<void> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  const describe = new DescribeTableCommand({ TableName: name });
  while ((await client.send(describe)).Table?.TableStatus !== 'ACTIVE') {
    await sleep(10);
  }
  client.destroy();
}
