import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { parseObject } from '../../lib/json.ts';

export type Parameters = ReadonlyMap<string, unknown>;

/** A call to the API, read whole. */
export interface ApiRequest {
  /** `sms/send`, without `/v2/` and trailing slash; empty when the path is not under `/v2/`. */
  method: string;
  parameters: Parameters;
  authorization: string | undefined;
}

/** Reads a call, with parameters from the query and a JSON body. @throws when the client goes away before the body is whole */
export async function readRequest(request: IncomingMessage): Promise<ApiRequest> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://gate');
  const body = parseObject(await text(request));
  return {
    method: /^\/v2\/(.*?)\/?$/.exec(pathname)?.[1] ?? '',
    parameters: new Map<string, unknown>([...searchParams, ...Object.entries(body ?? {})]),
    authorization: request.headers.authorization,
  };
}

/** A parameter as text: a JSON number counts as its digits, null and the empty string as absent. */
export function textOf(parameters: Parameters, name: string): string | undefined {
  const value = parameters.get(name);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** True when a parameter was given at all: not absent, null or the empty string. */
export function isGiven(parameters: Parameters, name: string): boolean {
  return ![undefined, null, ''].includes(parameters.get(name) as null);
}
