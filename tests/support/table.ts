import type { ServerResponse } from 'node:http';
import { paginateScan } from '@aws-sdk/client-dynamodb';
import { type Item, Table as ServiceTable } from '../../lib/dynamodb.ts';
import { LOCAL_ENDPOINT } from '../../local/aws-json.ts';
import { startTable as start, type Table, type TableCall, type TableOptions } from '../../local/table.ts';

export type { TableCall };

/** How the table can fail: `hang` never answers, `lost_answer` does the work and resets, `reset` only resets. */
export type TableFailure = 'throttle' | 'server_error' | 'hang' | 'reset' | 'lost_answer';

/** The table with failures, and with a list of what it was asked. */
export interface TableStandIn extends Table {
  /** Operations that were asked for, in order, failed ones too. */
  readonly calls: string[];
  /** Partition keys of the calls that {@link choose} was asked about, in order. */
  readonly keys: string[];
  /** Picks what goes wrong with a call; a promise holds it. */
  choose:
    | ((operation: string, call: TableCall) => TableFailure | undefined | Promise<TableFailure | undefined>)
    | undefined;
  /** The table as the service asks it, from this process. @param timeoutMs time for a call; by default enough for a busy machine */
  open(timeoutMs?: number): ServiceTable;
  /** All items. */
  items(): Promise<Item[]>;
}

const ERRORS = {
  throttle: [400, 'ProvisionedThroughputExceededException'],
  server_error: [500, 'InternalServerError'],
} as const;

/** Starts the service's table in a DynamoDB that can be made to fail. */
export async function startTable(name: string, options: TableOptions = {}): Promise<TableStandIn> {
  const calls: string[] = [];
  const keys: string[] = [];
  const intercept = async (call: TableCall, response: ServerResponse, work: () => Promise<void>) => {
    calls.push(call.operation);
    if (standIn.choose) keys.push(call.key);
    const chosen = standIn.choose?.(call.operation, call);
    const failure = chosen instanceof Promise ? await chosen : chosen;
    if (failure) await play(failure, response, work);
    else await work();
  };
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const standIn: Omit<TableStandIn, keyof Table> = {
    calls,
    keys,
    choose: undefined,
    open: (timeoutMs = 20_000) =>
      new ServiceTable(name, timeoutMs, {
        ...LOCAL_ENDPOINT,
        endpoint: table.url,
        region: 'local',
        credentials,
      }),
    items: () =>
      standIn.open().run(async (client) => {
        const items: Item[] = [];
        for await (const { Items = [] } of paginateScan({ client }, { TableName: name }))
          items.push(...Items);
        return items;
      }),
  };
  const table = await start(name, { ...options, intercept });
  calls.length = 0;
  return Object.assign(standIn, table);
}

async function play(
  failure: TableFailure,
  response: ServerResponse,
  work: () => Promise<void>,
): Promise<void> {
  const { socket } = response.req;
  switch (failure) {
    case 'hang':
      return;
    case 'reset':
      socket.resetAndDestroy();
      return;
    case 'lost_answer':
      // biome-ignore lint/suspicious/noExplicitAny: `end` has four overloads, of which none is called
      response.end = ((): any => socket.resetAndDestroy()) as any;
      await work();
      return;
    default: {
      const [status, type] = ERRORS[failure];
      response
        .writeHead(status, { 'Content-Type': 'application/x-amz-json-1.0' })
        .end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: type }));
    }
  }
}
