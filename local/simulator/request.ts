import type { IncomingMessage } from 'node:http';
import { asObject, parseJson } from '../../lib/json.ts';
import { type Answer, failure } from './envelope.ts';

/** Parameters of a call, from query and body together. */
export type Parameters = ReadonlyMap<string, unknown>;

/** A call to the API, read whole. */
export interface ApiRequest {
  /** `sms/send`, without `/v2/` and trailing slash; empty when the path is not under `/v2/`. */
  method: string;
  parameters: Parameters;
  /** The Authorization header's value. */
  authorization: string | undefined;
  /** The caller's address, IPv4 as such. */
  address: string;
  /** An answer that is due before any method is asked: a body that cannot be read. */
  refusal?: Answer;
}

const BODY_LIMIT_BYTES = 1024 * 1024;

/**
 * The body of a request; undefined if it has more bytes than the limit. Then it is read and thrown away, so that the client still gets to
 * see the answer.
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length <= limit) chunks.push(chunk as Buffer);
  }
  return length > limit ? undefined : Buffer.concat(chunks).toString('utf8');
}

// PHP's way to write arrays: numbers[]=1&numbers[]=2, or numbers[0]=1.
function addForm(parameters: Map<string, unknown>, form: URLSearchParams): void {
  const lists = new Map<string, string[]>();
  for (const [key, value] of form) {
    const list = /^(.+)\[\d*\]$/.exec(key)?.[1];
    if (list === undefined) parameters.set(key, value);
    else lists.set(list, [...(lists.get(list) ?? []), value]);
  }
  for (const [key, values] of lists) parameters.set(key, values);
}

function addJson(parameters: Map<string, unknown>, body: string): boolean {
  const value = parseJson(body);
  for (const [key, item] of Object.entries(asObject(value) ?? {})) parameters.set(key, item);
  return value !== undefined;
}

/**
 * Reads a call: GET or POST, parameters from the query, a JSON body or a form body. A body without a content type
 * is JSON when it begins with a brace.
 * @throws when the client goes away before the body is whole.
 */
export async function readRequest(request: IncomingMessage): Promise<ApiRequest> {
  const target = request.url ?? '/';
  const end = target.indexOf('?');
  const path = end < 0 ? target : target.slice(0, end);
  const parameters = new Map<string, unknown>();
  if (end >= 0) addForm(parameters, new URLSearchParams(target.slice(end + 1)));
  const read: ApiRequest = {
    method: /^\/v2\/(.*?)\/?$/.exec(path)?.[1] ?? '',
    parameters,
    authorization: request.headers.authorization,
    address: (request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
  };
  const body = await readBody(request, BODY_LIMIT_BYTES);
  if (body === undefined) return { ...read, refusal: failure(413, 'Request entity too large') };
  if (!['GET', 'HEAD', 'POST'].includes(request.method ?? '')) {
    return { ...read, refusal: failure(405, 'Method Not Allowed. This URL can only handle GET, POST.') };
  }
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json' || (type === undefined && body.startsWith('{'))) {
    if (body !== '' && !addJson(parameters, body)) {
      return { ...read, refusal: failure(400, 'Invalid JSON data in request body: Syntax error.') };
    }
  } else {
    addForm(parameters, new URLSearchParams(body));
  }
  return read;
}

/** A parameter as text: a JSON number counts as its digits, null and the empty string as absent. */
export function textOf(parameters: Parameters, name: string): string | undefined {
  const value = parameters.get(name);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** True when a parameter was given at all: not absent, null or the empty string. */
export function isGiven(parameters: Parameters, name: string): boolean {
  const value = parameters.get(name);
  return value !== undefined && value !== null && value !== '';
}
