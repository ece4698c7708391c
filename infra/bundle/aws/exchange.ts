import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';

/** Limits of one request, in ms; without one it is waited for as long as the caller's signal allows. */
export interface Limits {
  /** For name resolution, connection and TLS handshake. */
  readonly connectionTimeout?: number | undefined;
  /** From the connection until the answer begins. */
  readonly requestTimeout?: number | undefined;
}

/** Where a service is, in the parts that Node's client takes. */
export interface Endpoint {
  readonly protocol: 'http:' | 'https:';
  readonly hostname: string;
  readonly port: string;
  /** The `host` header. */
  readonly host: string;
}

/** An endpoint by its URL. */
export function endpointOf(url: string): Endpoint {
  const { protocol, hostname, port, host } = new URL(url);
  return {
    protocol: protocol === 'http:' ? 'http:' : 'https:',
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port,
    host,
  };
}

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const agents = {
  'http:': new http.Agent({ keepAlive: true }),
  'https:': new https.Agent({ keepAlive: true }),
};

/**
 * Posts a text and reads the answer.
 *
 * @param headers names and values in turn
 * @throws Node's error with its `code`; `TimeoutError` after a limit; `AbortError` after the signal
 */
export function post(
  { protocol, hostname, port }: Endpoint,
  headers: readonly string[],
  body: string,
  { connectionTimeout, requestTimeout }: Limits,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const plain = protocol === 'http:';
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(named('AbortError', 'Request aborted'));
      return;
    }
    const request = (plain ? http : https).request({
      protocol,
      hostname,
      port,
      method: 'POST',
      path: '/',
      agent: agents[protocol],
      headers: [...headers, 'content-length', String(Buffer.byteLength(body))],
    });
    let timer: NodeJS.Timeout | undefined;
    const limit = (ms: number | undefined, what: string) => {
      clearTimeout(timer);
      if (ms !== undefined) {
        timer = setTimeout(() => request.destroy(named('TimeoutError', `${what} within ${ms} ms`)), ms);
      }
    };
    const abort = () => request.destroy(named('AbortError', 'Request aborted'));
    signal?.addEventListener('abort', abort, { once: true });
    const ended = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const fail = (error: Error) => {
      ended();
      reject(error);
    };
    request.on('error', fail);
    request.on('socket', (socket) => {
      if (!socket.connecting) {
        limit(requestTimeout, 'No answer');
        return;
      }
      limit(connectionTimeout, 'No connection');
      socket.once(plain ? 'connect' : 'secureConnect', () => limit(requestTimeout, 'No answer'));
    });
    request.on('response', (response) => {
      clearTimeout(timer);
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        ended();
        const [first] = chunks;
        const bytes = first && chunks.length === 1 ? first : Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: bytes.toString('utf8'),
        });
      });
    });
    request.end(body);
  });
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
