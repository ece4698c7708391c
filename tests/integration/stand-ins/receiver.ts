import http, { type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import { listen } from '../../../local/loopback.ts';

/** A request as a receiver of delivery reports got it. */
export interface Delivered {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A server that takes delivery reports. */
export interface Receiver {
  /** `http(s)://127.0.0.1:PORT/reports/7?token=abc` */
  url: string;
  /** All that arrived, in that order. */
  readonly delivered: Delivered[];
  /** What each gets as an answer: an HTTP status, or 0 for a connection that is reset. 200 unless set. */
  answer: (report: Delivered) => number | Promise<number>;
  close(): Promise<void>;
}

/** Starts a receiver on loopback, over HTTPS with a certificate. */
export async function startReceiver(tls?: { key: string; cert: string }): Promise<Receiver> {
  const delivered: Delivered[] = [];
  const take = async (request: http.IncomingMessage, response: http.ServerResponse) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url: path = '', headers } = request;
    const report = { method, path, headers, body };
    delivered.push(report);
    const status = await receiver.answer(report);
    if (status === 0) request.socket.resetAndDestroy();
    else response.writeHead(status).end('taken');
  };
  const onRequest = (request: http.IncomingMessage, response: http.ServerResponse) =>
    void take(request, response);
  const server = tls ? https.createServer(tls, onRequest) : http.createServer(onRequest);
  const { authority, close } = await listen(server);
  const receiver: Receiver = {
    url: `${tls ? 'https' : 'http'}://${authority}/reports/7?token=abc`,
    delivered,
    answer: () => 200,
    close,
  };
  return receiver;
}

/** The fields of a form report, or of a JSON one. */
export function fieldsOf({ headers, body }: Delivered): Record<string, unknown> {
  if (headers['content-type'] === 'application/json') return JSON.parse(body);
  return Object.fromEntries(new URLSearchParams(body));
}

/** The statuses that were reported, as numbers. */
export function statusesOf(delivered: readonly Delivered[]): number[] {
  return delivered.map((report) => Number(fieldsOf(report)['status']));
}
