import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';

/** Limits of one request, in ms; without one it is waited for as long as the caller's signal allows. */
export interface Limits {
  /** For name resolution, connection and TLS handshake. */
  readonly connectionTimeout?: number | undefined;
  /** From the connection until the answer begins. */
  readonly requestTimeout?: number | undefined;
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
 * @throws Node's error with its `code`; `TimeoutError` after a limit; `AbortError` after the signal
 */
export function post(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  { connectionTimeout, requestTimeout }: Limits,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const plain = url.protocol === 'http:';
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(named('AbortError', 'Request aborted'));
      return;
    }
    const request = (plain ? http : https).request({
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      method: 'POST',
      path: '/',
      agent: agents[plain ? 'http:' : 'https:'],
      headers: [...Object.entries(headers).flat(), 'content-length', String(Buffer.byteLength(body))],
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
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    request.end(body);
  });
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
