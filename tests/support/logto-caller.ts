import http from 'node:http';
import { json } from 'node:stream/consumers';
import { LOGTO_SECRET } from './stack.ts';

/** What Logto asks for. */
export interface LogtoMessage {
  /** Digits with the country code. */
  readonly number: string;
  readonly code: string;
  /** Address of the person's device; absent where the platform does not know it. */
  readonly ip?: string | undefined;
}

/** An answer of the function. */
export interface LogtoAnswer {
  readonly status: number;
  /** Seconds. */
  readonly retryAfter: number | undefined;
  readonly body: { readonly code?: string; readonly messageId?: string };
}

/** A Logto that keeps its connections: thousands of requests from one process. */
export interface LogtoCaller {
  /** Asks a function for a message. @throws Error if there is no answer in HTTP, or none in JSON */
  ask(url: string, message: LogtoMessage): Promise<LogtoAnswer>;
  close(): void;
}

/** Makes a caller. */
export function createLogtoCaller(): LogtoCaller {
  // A server of Node closes connections that idle for 5 s: on a busy machine a request may just have been written to one.
  const agent = new http.Agent({ keepAlive: true, timeout: 2_000 });
  const headers = { authorization: LOGTO_SECRET, 'content-type': 'application/json' };
  return {
    ask: (url, { number, code, ip }) =>
      new Promise((resolve, reject) => {
        const request = http.request(`${url}/sms/logto`, { method: 'POST', agent, headers }, (response) => {
          const retryAfter = response.headers['retry-after'];
          json(response).then(
            (body) =>
              resolve({
                status: response.statusCode ?? 0,
                retryAfter: retryAfter === undefined ? undefined : Number(retryAfter),
                body: body as LogtoAnswer['body'],
              }),
            reject,
          );
        });
        request.on('error', reject);
        request.end(JSON.stringify({ to: number, type: 'SignIn', payload: { code }, ip }));
      }),
    close: () => agent.destroy(),
  };
}
