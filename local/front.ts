import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type Address, type Listening, listen } from './loopback.ts';
import type { Exchange } from './request-log.ts';

/**
 * Listens where the API is documented and passes each request on as it came, so that the answers can be shown: serverless-offline logs none.
 *
 * @param target port of serverless-offline
 * @param onExchange called before the answer goes out, so that who has the answer finds the request
 * @throws when the port is in use (`code: 'EADDRINUSE'`)
 */
export async function startFront(
  address: Address & { readonly target: number },
  onExchange: (exchange: Exchange) => void,
): Promise<Listening> {
  const server = http.createServer((request, response) => {
    pass(request, response).catch((error: Error) =>
      response.writeHead(502).end(`The API does not answer: ${error.message}`),
    );
  });

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = Date.now();
    const { method = 'GET', url: path = '/' } = request;
    if (request.headers.origin !== undefined) {
      // serverless-offline lets pages of every origin send and read, and the secrets of this stack are in the documentation.
      response.writeHead(403).end('Web pages may not ask here');
      return;
    }
    const { promise: answered, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const options = { port: address.target, host: '127.0.0.1', agent: false, method, path };
    const passed = http.request({ ...options, headers: request.rawHeaders }, resolve).on('error', reject);
    request.pipe(passed);
    request.once('close', () => !request.complete && passed.destroy());
    const answer = await answered;
    const body = await buffer(answer);
    const { statusCode: status = 502, headers } = answer;
    const requestId = headers['x-request-id']?.toString();
    const durationMs = Date.now() - at;
    onExchange({ method, path, at, durationMs, status, requestId, answer: body.toString('utf8') });
    const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name));
    response.writeHead(status, Object.fromEntries(kept)).end(body);
  }

  return listen(server, address);
}

/** What belongs to one connection (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding'];
