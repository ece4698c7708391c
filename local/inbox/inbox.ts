import { readFile } from 'node:fs/promises';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { asObject, type Fields, parseJson } from '../../lib/json.ts';
import { type Address, listen } from '../loopback.ts';
import {
  type Account,
  type FaultOrder,
  FaultOrderError,
  faultKinds,
  type Gate,
  type Message,
} from '../simulator/index.ts';
import { readBody } from '../simulator/request.ts';

/** What the inbox shows. */
export interface InboxOptions extends Address {
  account: Account;
  /** Gates that faults may be ordered for. */
  gates: readonly Gate[];
  /** Where the API listens, for the request that the empty page shows. Default: `http://127.0.0.1:3000`. */
  apiUrl?: string;
  /** What the command line needs to reach this stack: environment variables by name. */
  environment?: () => Readonly<Record<string, string>>;
}

/** A running inbox. */
export interface Inbox {
  /** `http://127.0.0.1:PORT` */
  url: string;
  port: number;
  close(): Promise<void>;
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
  });
  response.end(JSON.stringify(value));
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

// The page loads nothing from elsewhere and is in no frame.
const pageHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
};

/**
 * Starts the phone inbox: the page at `/`, messages as JSON at `/api/messages` (newest first), their changes at
 * `/api/events`, what reached the gates at `/api/ledger`, faults at `/api/faults` (GET, POST an order, DELETE all),
 * what `npm run smsaero -- --local` needs at `/api/environment`.
 * @throws when the port is in use (`code: 'EADDRINUSE'`).
 */
export async function startInbox({
  account,
  gates,
  apiUrl,
  environment,
  ...address
}: InboxOptions): Promise<Inbox> {
  const html = await readFile(new URL('index.html', import.meta.url), 'utf8');
  const page = html.replaceAll('{{apiUrl}}', () => escapeHtml(apiUrl ?? 'http://127.0.0.1:3000'));

  const route = async (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '/').split('?', 1)[0];
    switch (`${request.method} ${path}`) {
      case 'GET /':
        response.writeHead(200, pageHeaders).end(page);
        return;
      case 'GET /api/messages':
        return json(response, 200, account.messages());
      case 'GET /api/events':
        return streamEvents(account, response);
      case 'GET /api/ledger':
        return json(response, 200, account.ledger);
      case 'GET /api/faults':
        return json(response, 200, describeFaults(gates));
      case 'GET /api/environment':
        return json(response, 200, environment?.() ?? {});
      case 'POST /api/faults':
        return json(response, 201, await orderFault(gates, request));
      case 'DELETE /api/faults':
        for (const gate of gates) gate.faults.clear();
        response.writeHead(204).end();
        return;
      default:
        return json(response, 404, { error: `There is no ${request.method} ${path} here` });
    }
  };
  const server = http.createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      if (response.destroyed) return;
      if (!(error instanceof FaultOrderError)) throw error;
      json(response, 400, { error: error.message });
    });
  });
  const { authority, port, close } = await listen(server, address);
  return { url: `http://${authority}`, port, close };
}

const BODY_LIMIT_BYTES = 64 * 1024;

async function readOrder(request: IncomingMessage): Promise<Fields> {
  const body = await readBody(request, BODY_LIMIT_BYTES);
  if (body === undefined) throw new FaultOrderError(`A fault order is at most ${BODY_LIMIT_BYTES} bytes`);
  const value = parseJson(body);
  if (value === undefined) throw new FaultOrderError('The body is not JSON');
  const order = asObject(value);
  if (!order) throw new FaultOrderError('A fault order is an object with "fault"');
  return order;
}

/**
 * Passes a fault order on to a gate: `{"fault": ..., "gate"?: name, "times"?, "delayMs"?, "method"?, ...}`. Default: the first gate.
 * @returns the gate's name and the faults that it still has to play.
 * @throws FaultOrderError for an unknown gate or fault, or a wrong option.
 */
async function orderFault(gates: readonly Gate[], request: IncomingMessage): Promise<object> {
  const { gate: name, ...order } = await readOrder(request);
  const gate = name === undefined ? gates[0] : gates.find((each) => each.name === name);
  if (!gate) {
    const known = gates.map((each) => each.name).join(', ');
    throw new FaultOrderError(`Unknown gate ${JSON.stringify(name)}; known are ${known}`);
  }
  // Anything may stand here: the gate checks it.
  gate.faults.order(order as unknown as FaultOrder);
  return { gate: gate.name, pending: gate.faults.pending };
}

/** What each gate still has to play, and every kind of fault there is. */
function describeFaults(gates: readonly Gate[]): object {
  return {
    gates: gates.map(({ name, url, faults }) => ({ gate: name, url, pending: faults.pending })),
    kinds: faultKinds,
  };
}

/**
 * Writes an account's messages as server-sent events until the reader goes away: `accepted` for a new message,
 * `changed` when its status moves, the message's JSON as data and its id as event id.
 */
function streamEvents(account: Account, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  // At once, so that the reader knows it is connected; after a break it tries again in a second.
  response.write('retry: 1000\n\n');
  const writer = (event: string) => (message: Message) => {
    response.write(`id: ${message.id}\nevent: ${event}\ndata: ${JSON.stringify(message)}\n\n`);
  };
  const accepted = writer('accepted');
  const changed = writer('changed');
  account.events.on('accepted', accepted);
  account.events.on('changed', changed);
  response.once('close', () => {
    account.events.off('accepted', accepted);
    account.events.off('changed', changed);
  });
}
