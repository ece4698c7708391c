import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import dynalite from 'dynalite';
import { type Address, listen } from '../loopback.ts';
import { createTable } from './create.ts';
import { callOf, play, type TableCall, type TableFailure } from './failure.ts';
import { TableFeatures } from './features.ts';
import { replay } from './in-process.ts';
import { type StreamOptions, TableStream } from './stream.ts';

/** How the table is started. */
export interface TableOptions extends Address {
  /** Which items' changes are in its stream; the table has no stream unless told. */
  readonly stream?: StreamOptions;
  /** Whether its items have a time to live, as infra/table.yml says; true unless told. */
  readonly timeToLive?: boolean;
}

/** DynamoDB on loopback, with the service's table in it. */
export interface TableStandIn {
  /** Endpoint for a DynamoDB client, `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Operations that were asked for, in order, failed ones too. */
  readonly calls: string[];
  /** Partition keys of the calls that {@link choose} was asked about, in order. */
  readonly keys: string[];
  /** What changed in the table; empty without the option `stream`. */
  readonly stream: TableStream;
  /** Picks what goes wrong with a call. */
  choose: ((operation: string, call: TableCall) => TableFailure | undefined) | undefined;
  close(): Promise<void>;
}

/**
 * Starts dynalite and makes the service's table, as infra/table.yml describes it.
 *
 * @param name the table's name, `smsaero-local`
 */
export async function startTable(name: string, options: TableOptions = {}): Promise<TableStandIn> {
  const database = dynalite({ createTableMs: 0 });
  const stream = new TableStream(database, name, options.stream);
  const features = new TableFeatures(database, stream);
  const calls: string[] = [];
  const keys: string[] = [];

  const serve = async (operation: string, request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request);
    const call = callOf(operation, body);
    const work = async () => {
      const answer = features.handles(operation)
        ? await features.answer(operation, request, body)
        : stream.watches(operation, call.key)
          ? await stream.write(request, call.key, body)
          : undefined;
      if (answer) response.writeHead(answer.status, answer.headers).end(answer.body);
      else database.emit('request', replay(request, body), response);
    };
    if (standIn.choose) keys.push(call.key);
    const failure = standIn.choose?.(operation, call);
    if (failure) play(failure, request, response, () => void work());
    else await work();
  };
  const front = http.createServer((request, response) => {
    const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '');
    calls.push(operation);
    // Without a reason to look at the body, the request goes to dynalite as it is, at no cost.
    if (!standIn.choose && !stream.mayWatch(operation) && !features.handles(operation)) {
      database.emit('request', request, response);
      return;
    }
    serve(operation, request, response).catch((error: unknown) => {
      if (!request.destroyed) throw error; // else the caller went away
    });
  });
  const { authority, close } = await listen(front, options);
  const standIn: TableStandIn = { url: `http://${authority}`, calls, keys, stream, choose: undefined, close };
  await createTable(standIn.url, name, {
    stream: options.stream !== undefined,
    timeToLive: options.timeToLive ?? true,
  });
  calls.length = 0;
  return standIn;
}
