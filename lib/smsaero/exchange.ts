import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { GateAnswer } from './answer.ts';
import type { Connections } from './connections.ts';

/** The longest answer that is read, in bytes; a real one has about 300. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** What became of one request to one gate. */
export type Exchange =
  | ({ readonly kind: 'answered' } & GateAnswer)
  /** Not a byte of the request left: another gate may be asked. `cause` is an error code such as `ECONNREFUSED`. */
  | { readonly kind: 'not_written'; readonly cause: string }
  /** The request, or a part of it, left, and no whole answer came back. */
  | { readonly kind: 'no_answer'; readonly cause: string };

/** Where a gate is, in the parts that Node's client takes: to make them of a URL for each request takes 10 us. */
export interface Gate {
  readonly protocol: 'https:' | 'http:';
  /** Of IPv6 without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** The `Host` header. */
  readonly host: string;
}

/** A request to a gate. */
export interface GateRequest {
  readonly gate: Gate;
  /** `/v2/sms/send`. */
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string;
  /** Time for name resolution, connection and TLS handshake together, in ms. */
  readonly connectTimeout: number;
  /** Time for everything, in ms. */
  readonly timeout: number;
}

/**
 * Sends one POST request and reads the answer; never throws.
 *
 * The body is handed to Node only when the connection is ready, so "not written" is a fact and not a guess. Nothing is
 * followed, repeated or downgraded here.
 */
export function exchange(connections: Connections, request: GateRequest): Promise<Exchange> {
  const { gate, headers, body } = request;
  return new Promise((resolve) => {
    let written = false;
    let settled = false;
    const client = (gate.protocol === 'https:' ? https : http).request({
      protocol: gate.protocol,
      hostname: gate.hostname,
      port: gate.port,
      method: 'POST',
      path: request.path,
      agent: connections.agentFor(gate),
      // A list is written as it is, where an object is copied and searched.
      headers: [...headers, 'Host', gate.host, 'Content-Length', String(Buffer.byteLength(body))],
    });

    const settle = (result: Exchange) => {
      settled = true;
      clearTimeout(connectTimer);
      clearTimeout(timer);
      resolve(result);
    };
    const fail = (cause: string) => {
      if (!settled) {
        settle({ kind: written ? 'no_answer' : 'not_written', cause });
        client.destroy();
      }
    };
    const connectTimer = setTimeout(fail, request.connectTimeout, 'CONNECT_TIMEOUT');
    const timer = setTimeout(fail, request.timeout, 'TIMEOUT');

    client.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.name));
    client.on('close', () => fail('CLOSED'));
    let connection: Socket | undefined;
    client.on('socket', (socket) => {
      connection = socket;
      connections.whenReady(socket, () => {
        if (!settled) {
          clearTimeout(connectTimer);
          written = true;
          client.end(body);
        }
      });
    });
    client.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const answered = (complete: boolean) => {
        settle({
          kind: 'answered',
          statusCode: response.statusCode ?? 0,
          retryAfter: response.headers['retry-after'],
          body: Buffer.concat(chunks).toString('utf8'),
          complete,
        });
      };
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES && !settled) {
          answered(false);
          client.destroy();
        }
      });
      response.on('end', () => {
        if (!settled && response.complete) {
          if (connection) connections.idle(connection, response);
          answered(true);
        }
      });
      response.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.name));
    });
  });
}
