import { randomUUID } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { asObject, type Fields, parseJson } from '../../lib/json.ts';
import { type Address, listen } from '../loopback.ts';
import type { RequestLog } from '../request-log.ts';
import { type Account, type FaultOrder, FaultOrderError, faultKinds, type Gate } from '../simulator/index.ts';
import { refusalOf, SECURITY_HEADERS } from './access.ts';
import { bundlePage } from './bundle.ts';
import type { Hello, SendForm } from './contract.ts';
import { Phone } from './phone.ts';
import { offeredPlatforms, sampleRequest, sendRequest } from './send.ts';
import { FaultSwitches } from './switches.ts';
import type { Templates } from './templates.ts';

export interface PageOptions extends Address {
  readonly account: Account;
  /** Gates that faults may be ordered for; the first is meant when an order names none. */
  readonly gates: readonly Gate[];
  readonly templates: Templates;
  /** The requests that the service answered. */
  readonly requests: RequestLog;
  /** Where the API listens. */
  readonly apiUrl: string;
  /** What the command line needs to reach this stack: environment variables by name. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Page {
  readonly url: string;
  readonly port: number;
  /** Resolves when the page is bundled. @throws Error with esbuild's messages */
  readonly ready: Promise<unknown>;
  close(): Promise<void>;
}

const BODY_LIMIT_BYTES = 64 * 1024;

/** The longest that a call may wait for a message, in s: a test runner gives up sooner. */
const MAX_WAIT_S = 60;

/** A request that cannot be carried out; the message says why. */
class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** What stands behind the route in the path. */
  readonly rest: string;
}

/** Answers with JSON unless it has answered by itself; undefined is a 204. */
type Route = (call: Call) => unknown;

async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await buffer(request);
  if (body.length > BODY_LIMIT_BYTES)
    throw new RequestError(400, `A body is at most ${BODY_LIMIT_BYTES} bytes`);
  const value = parseJson(body.toString('utf8'));
  if (value === undefined) throw new RequestError(400, 'The body is not JSON');
  return value;
}

async function readFields(request: IncomingMessage): Promise<Fields> {
  const fields = asObject(await readJson(request));
  if (!fields) throw new RequestError(400, 'The body must be an object');
  return fields;
}

/** A whole number of a query; undefined if it is absent. */
function numberIn(query: URLSearchParams, name: string, most: number): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= most)) {
    throw new RequestError(400, `${name} must be a number from 0 to ${most}`);
  }
  return value;
}

function formOf(fields: Fields): SendForm {
  const text = (name: string) => String(fields[name] ?? '');
  return {
    platform: text('platform'),
    to: text('to'),
    code: text('code'),
    type: text('type'),
    locale: text('locale'),
  };
}

/**
 * Starts the page of the local stack, with its API (docs/local-development.md).
 *
 * @throws when the port is in use (`code: 'EADDRINUSE'`)
 */
export async function startPage(options: PageOptions): Promise<Page> {
  const { account, gates, templates, requests, apiUrl } = options;
  const phone = new Phone(account, () => templates.current);
  const switches = new FaultSwitches(account, gates);
  requests.events.on('messageEnded', (isUnavailable) => switches.messageEnded(isUnavailable));
  const bundled = bundlePage();
  bundled.catch(() => {}); // who awaits `ready` gets the error
  const run = randomUUID();

  const sampleOf = (fields: Fields) => {
    const edited = typeof fields['body'] === 'string' ? fields['body'] : undefined;
    const sample = sampleRequest(apiUrl, formOf(fields), edited);
    if (!sample) throw new RequestError(400, `Unknown platform ${JSON.stringify(fields['platform'])}`);
    return sample;
  };

  /**
   * Writes changes as server-sent events until the reader leaves. `hello` comes first. `accepted` and `changed` carry a message, `request`
   * a request; `cleared`, `templates` and `switches` say that there is something to read again.
   */
  function streamEvents(response: ServerResponse, hello: Hello): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const write = (event: string, data: unknown = null) =>
      response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    response.write('retry: 1000\n\n'); // ms after which a browser connects again
    write('hello', hello);
    const told = [
      [phone.events, 'accepted', 'accepted'],
      [phone.events, 'changed', 'changed'],
      [phone.events, 'cleared', 'cleared'],
      [requests.events, 'changed', 'request'],
      [templates.events, 'saved', 'templates'],
      [switches.events, 'changed', 'switches'],
    ] as unknown as readonly [source: EventEmitter, event: string, name: string][];
    for (const [source, event, name] of told) {
      const listener = (data?: unknown) => write(name, data);
      source.on(event, listener);
      response.once('close', () => source.off(event, listener));
    }
  }

  const routes: Readonly<Record<string, Route>> = {
    'GET /api/messages': ({ query }) => phone.messages(query.get('to') ?? undefined),
    'DELETE /api/messages': ({ query }) => phone.clear(query.get('to') ?? undefined),
    async 'GET /api/messages/latest'({ query, response }) {
      const to = query.get('to');
      if (to === null) throw new RequestError(400, 'to must be a phone number: ?to=79031234567');
      const waitS = numberIn(query, 'wait', MAX_WAIT_S);
      const after = numberIn(query, 'after', Number.MAX_SAFE_INTEGER);
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      const waitMs = waitS === undefined ? undefined : waitS * 1_000;
      const message = await phone.latest(to, { after, waitMs }, gone.signal);
      if (message) return message;
      const within = waitS ? ` within ${waitS} s` : '';
      throw new RequestError(404, `No message to ${to}${within}`);
    },
    async 'GET /api/events'({ response }) {
      streamEvents(response, { run, build: (await bundled).build, apiUrl });
    },
    'GET /api/requests': () => requests.list(),
    'GET /api/environment': () => options.environment,
    'GET /api/templates': () => templates.check(templates.current),
    'POST /api/templates/check': async ({ request }) => templates.check(await readJson(request)),
    async 'PUT /api/templates'({ request, response }) {
      const checked = templates.save(await readJson(request));
      if (checked.problems.some(({ level }) => level === 'error')) response.statusCode = 422;
      return checked;
    },
    'GET /api/connector.json'({ response }) {
      response.setHeader('Content-Disposition', 'attachment; filename="connector.json"');
      response.setHeader('Content-Type', 'application/json; charset=utf-8');
      response.end(templates.file);
    },
    'GET /api/platforms': () => offeredPlatforms(),
    'POST /api/send/preview': async ({ request }) => sampleOf(await readFields(request)),
    'POST /api/send': async ({ request }) => sendRequest(sampleOf(await readFields(request))),
    'GET /api/switches': () => switches.list(),
    'DELETE /api/switches': () => switches.clear(),
    async 'PUT /api/switches/'({ request, rest }) {
      const { for: until } = await readFields(request);
      if (until !== 'next_message' && until !== 'until_off') {
        throw new RequestError(400, 'for must be next_message or until_off');
      }
      switches.set(rest, until);
    },
    'DELETE /api/switches/': ({ rest }) => switches.set(rest, undefined),
    'GET /api/faults': () => ({
      gates: gates.map(({ name, url, faults }) => ({ gate: name, url, pending: faults.pending })),
      kinds: faultKinds,
    }),
    async 'POST /api/faults'({ request, response }) {
      const { gate: name, ...order } = await readFields(request);
      const gate = name === undefined ? gates[0] : gates.find((each) => each.name === name);
      if (!gate) {
        const known = gates.map((each) => each.name).join(', ');
        throw new RequestError(400, `Unknown gate ${JSON.stringify(name)}; known are ${known}`);
      }
      gate.faults.order(order as unknown as FaultOrder); // anything may stand here: the gate checks it
      response.statusCode = 201;
      return { gate: gate.name, pending: gate.faults.pending };
    },
    'DELETE /api/faults'() {
      for (const gate of gates) gate.faults.clearOrders();
      switches.clear();
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://page');
    const { method = 'GET' } = request;
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const refusal = refusalOf(request.headers, port, pathname === '/');
    if (refusal) throw new RequestError(403, refusal);
    const asset = method === 'GET' && !pathname.startsWith('/api/') && (await bundled).files.get(pathname);
    if (asset) {
      response.writeHead(200, { 'Content-Type': asset.type }).end(asset.body);
      return;
    }
    const [, parent = '', rest = ''] = /^(.*\/)([^/]*)$/.exec(pathname) ?? [];
    const route = routes[`${method} ${pathname}`] ?? (rest ? routes[`${method} ${parent}`] : undefined);
    if (!route) throw new RequestError(404, `There is no ${method} ${pathname} here`);
    const value = await route({ request, response, query, rest });
    if (response.headersSent) return;
    if (value === undefined) response.writeHead(204).end();
    else sendJson(response, response.statusCode, value);
  }

  const server = http.createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.destroyed) return;
      const status =
        error instanceof RequestError ? error.status : error instanceof FaultOrderError ? 400 : 500;
      sendJson(response, status, { error: (error as Error).message });
    });
  });
  const { authority, port, close } = await listen(server, options);
  return { url: `http://${authority}`, port, ready: bundled, close };
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(value));
}
