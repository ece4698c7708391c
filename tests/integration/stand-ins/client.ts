import http, { type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { Gate } from '../../../local/simulator/index.ts';

export const email = 'user@example.com';
export const apiKey = '0123456789abcdef0123456789abcdef';
export const right = { number: '79031234567', sign: 'SMSAero', text: 'Код для входа: 482913' };

/** How a call is made; a GET with a query unless it has a body. */
export interface Call {
  verb?: string;
  query?: string;
  json?: unknown;
  form?: string;
  body?: string | Buffer;
  headers?: Record<string, string>;
  /** Basic credentials `email:key`; null for none. */
  credentials?: string | null;
  /** Certificate to trust. */
  ca?: string;
  agent?: http.Agent;
  /** Sees the answer's head before its body is whole. */
  onHead?: () => void;
}

export interface Received {
  status: number;
  headers: IncomingHttpHeaders;
  /** The body as it came, and as text. */
  bytes: Buffer;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into JSON of any shape.
  json: any;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Calls a gate and gives what came back; rejects with the socket's error. */
export function call(gate: Gate, method: string, options: Call = {}): Promise<Received> {
  const { query = '', json, form, credentials = `${email}:${apiKey}`, ca, agent, onHead } = options;
  const body = json !== undefined ? JSON.stringify(json) : (form ?? options.body);
  const headers: Record<string, string | number> = { Accept: 'application/json', ...options.headers };
  if (credentials !== null) headers['Authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`;
  if (json !== undefined) headers['Content-Type'] = 'application/json';
  if (form !== undefined) headers['Content-Type'] = 'application/x-www-form-urlencoded';
  if (body !== undefined) headers['Content-Length'] = Buffer.byteLength(body);
  const verb = options.verb ?? (body === undefined ? 'GET' : 'POST');
  const url = `${gate.url}/${method}${query}`;
  return new Promise((resolve, reject) => {
    const request = (ca === undefined ? http : https).request(
      url,
      { method: verb, headers, agent: agent ?? false, ...(ca === undefined ? {} : { ca }) },
      (response) => {
        onHead?.();
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString('utf8');
          const { statusCode: status = 0, headers: answered } = response;
          resolve({ status, headers: answered, bytes, text, json: parsed(text) });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** Sends the right message, or parts of it changed. */
export function send(gate: Gate, changes: object = {}, options: Call = {}): Promise<Received> {
  return call(gate, 'sms/send', { json: { ...right, ...changes }, ...options });
}

/** The code of the socket error that a promise rejects with; fails when it resolves. */
export async function errorCodeOf(promise: Promise<unknown>): Promise<string | undefined> {
  return promise.then(
    (value) => {
      throw new Error(`Expected a socket error, got ${JSON.stringify(value)}`);
    },
    (error: NodeJS.ErrnoException) => error.code,
  );
}

/** True when a promise rejects because the other side reset the connection: an orderly end has no system call. */
export async function isReset(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ECONNRESET' && error.syscall === 'read',
  );
}

/** Waits until a condition holds; the test's own time limit is the end of patience. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
