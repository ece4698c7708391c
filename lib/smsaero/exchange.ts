import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { parseObject } from '../json.ts';
import type { GateAnswer } from './answer.ts';
import type { Connections, Gate } from './connections.ts';

/** The longest answer that is read, in bytes; a real one has about 300. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** How long more of an answer is waited for that says enough already, in ms: a refusal by its status, or a whole JSON object. */
const STALL_TIME_MS = 300;

/** How one request to one gate ended. */
export type Exchange =
  | Answered
  /** Not a byte of the request left: another gate may be asked. `cause` is an error code such as `ECONNREFUSED`, or a proxy's refusal, `PROXY_407`. */
  | { readonly kind: 'not_written'; readonly cause: string }
  /** The request, or a part of it, left, and no whole answer came back. */
  | { readonly kind: 'no_answer'; readonly cause: string };

type Answered = { readonly kind: 'answered' } & GateAnswer;

export interface GateRequest {
  readonly gate: Gate;
  /** `/v2/sms/send`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
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
export async function exchange(connections: Connections, request: GateRequest): Promise<Exchange> {
  const { gate, headers, body } = request;
  // One whole turn of the event loop: an answer that nobody asked for, come while the process was frozen, makes Node close its connection.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  return new Promise((resolve) => {
    let written = false;
    let finished = false;
    const client = (gate.protocol === 'https:' ? https : http).request({
      protocol: gate.protocol,
      hostname: gate.hostname,
      port: gate.port,
      method: 'POST',
      path: request.path,
      agent: connections.agentFor(gate),
      headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
    });

    let response: IncomingMessage | undefined;
    const chunks: Buffer[] = [];
    const answered = (answer: IncomingMessage, complete: boolean): Answered => ({
      kind: 'answered',
      statusCode: answer.statusCode ?? 0,
      retryAfter: answer.headers['retry-after'],
      body: textOf(Buffer.concat(chunks), answer.headers['content-encoding']),
      complete,
    });
    let stallTimer: NodeJS.Timeout | undefined;
    const finish = (result: Exchange, isWhole = false) => {
      finished = true;
      clearTimeout(connectTimer);
      clearTimeout(timer);
      clearTimeout(stallTimer);
      resolve(result);
      if (!isWhole) client.destroy();
    };
    /** An answer that stalls is taken as far as it goes, if that says enough. */
    const expectMore = (incoming: IncomingMessage) => {
      clearTimeout(stallTimer);
      stallTimer = setTimeout(() => {
        const known = knownOf(answered(incoming, false));
        if (known && !finished) finish(known);
      }, STALL_TIME_MS);
    };
    const fail = (cause: string) => {
      if (finished) return;
      const known = response && knownOf(answered(response, false));
      finish(known ?? { kind: written ? 'no_answer' : 'not_written', cause });
    };
    const connectTimer = setTimeout(fail, request.connectTimeout, 'CONNECT_TIMEOUT');
    const timer = setTimeout(fail, request.timeout, 'TIMEOUT');

    client.on('error', (error) => fail(causeOf(error)));
    client.on('close', () => fail('CLOSED'));
    let connection: Socket | undefined;
    client.on('socket', (socket) => {
      connection = socket;
      connections.whenReady(socket, () => {
        if (!finished) {
          clearTimeout(connectTimer);
          written = true;
          client.end(body);
        }
      });
    });
    client.on('response', (incoming) => {
      response = incoming;
      expectMore(incoming);
      let size = 0;
      incoming.on('data', (chunk: Buffer) => {
        if (!finished) expectMore(incoming);
        chunks.push(chunk);
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES && !finished) finish(answered(incoming, false));
      });
      incoming.on('end', () => {
        if (!finished && incoming.complete) {
          if (connection) connections.idle(connection, incoming);
          finish(answered(incoming, true), true);
        }
      });
      incoming.on('error', (error) => fail(causeOf(error)));
    });
  });
}

/** What an error is called; that of a proxy by the status of its refusal (https://nodejs.org/api/errors.html#err_proxy_tunnel). */
function causeOf(error: NodeJS.ErrnoException & { readonly statusCode?: number }): string {
  return error.code === 'ERR_PROXY_TUNNEL' && error.statusCode
    ? `PROXY_${error.statusCode}`
    : (error.code ?? error.name);
}

/**
 * What is known by an answer that broke off, if anything is.
 *
 * The beginning of a JSON object is never a JSON object itself, so one that can be read is whole, whatever `Content-Length` or the chunks
 * said. Of a refusal the status (3xx, 4xx) is enough.
 */
function knownOf(answer: Answered): Answered | undefined {
  if (parseObject(answer.body)) {
    return { ...answer, complete: true };
  }
  return answer.statusCode >= 300 && answer.statusCode < 500 ? answer : undefined;
}

/**
 * The text of a body. Nothing compressed is asked for; a proxy that compresses all the same is understood, and so is one that only says so.
 *
 * @param coding the `Content-Encoding` header
 */
function textOf(bytes: Buffer, coding: string | undefined): string {
  const text = bytes.toString('utf8');
  return coding === undefined || parseObject(text) ? text : (decoded(bytes, coding) ?? text);
}

/** A body decoded as far as it goes; undefined if that is not its coding, or if it is longer than the limit. */
function decoded(bytes: Buffer, coding: string): string | undefined {
  const zlib = process.getBuiltinModule('node:zlib'); // not loaded by a start for what hardly ever comes
  const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH, ZSTD_e_flush } = zlib.constants;
  const limit = { maxOutputLength: MAX_ANSWER_BYTES };
  try {
    switch (coding.trim().toLowerCase()) {
      case 'br':
        return zlib.brotliDecompressSync(bytes, { ...limit, finishFlush: BROTLI_OPERATION_FLUSH }).toString();
      case 'zstd':
        return zlib.zstdDecompressSync(bytes, { ...limit, finishFlush: ZSTD_e_flush }).toString();
      default: // gzip and deflate, told apart by their first bytes
        return zlib.unzipSync(bytes, { ...limit, finishFlush: Z_SYNC_FLUSH }).toString();
    }
  } catch {
    return undefined;
  }
}
