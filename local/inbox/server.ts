import { readFile } from 'node:fs/promises';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Address, listen } from '../loopback.ts';
import { type Account, FaultOrderError, type Gate } from '../simulator/index.ts';
import { streamEvents } from './events.ts';
import { describeFaults, orderFault } from './faults.ts';

/** What the inbox shows. */
export interface InboxOptions extends Address {
  account: Account;
  /** Gates that faults may be ordered for; the first is meant when an order names none. */
  gates: readonly Gate[];
  /** Where the API listens, for the request that the empty page shows; `http://127.0.0.1:3000` unless told. */
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

// The page loads nothing from anywhere and is shown by nobody else.
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
