import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { type Address, listen } from '../loopback.ts';

/** How the table can fail: `hang` never answers, `lost_answer` does the work and resets, `reset` only resets. */
export type TableFailure = 'throttle' | 'server_error' | 'hang' | 'reset' | 'lost_answer';

/** DynamoDB on loopback, with the guard's table in it. */
export interface TableStandIn {
  /** Endpoint for a DynamoDB client, `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Operations that were asked for, in order, failed ones too. */
  readonly calls: string[];
  /** Picks what goes wrong with a call. */
  choose: ((operation: string) => TableFailure | undefined) | undefined;
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
    const failure = standIn.choose?.(operation);
    if (failure) {
      play(failure, database, request, response);
    } else {
      database.emit('request', request, response);
    }
  });
  const { authority, close } = await listen(front, address);
  const standIn: TableStandIn = { url: `http://${authority}`, calls, choose: undefined, close };
  await createTable(standIn.url, name);
  calls.length = 0;
  return standIn;
}

function play(failure: TableFailure, database: http.Server, request: IncomingMessage, response: ServerResponse): void {
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
