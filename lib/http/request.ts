import { isUtf8 } from 'node:buffer';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type * as z from 'zod/mini';
import { parseJson } from '../json.ts';
import { HttpError, problemsOf } from './errors.ts';

/** The longest body that is read, in bytes; the longest of the platforms' real ones, Supabase's, is limited to 20 KB. */
export const MAX_BODY_BYTES = 64 * 1024;

/**
 * A parameter of the path, percent-decoded by API Gateway. A Function URL has no route and so no parameters: there it is what follows the
 * last slash, as it came.
 */
export function pathParameter({ pathParameters, rawPath }: APIGatewayProxyEventV2, name: string): string {
  return pathParameters?.[name] ?? rawPath.slice(rawPath.lastIndexOf('/') + 1);
}

/**
 * The body of a request: the raw bytes, as signatures are made over them.
 *
 * @returns undefined if there are more than {@link MAX_BODY_BYTES}
 */
export function readBody({ body, isBase64Encoded }: APIGatewayProxyEventV2): Buffer | undefined {
  const bytes = Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
  return bytes.length > MAX_BODY_BYTES ? undefined : bytes;
}

/**
 * Parses the JSON body of a request, whatever its content type says: Auth0's sample sends `text/plain`.
 *
 * @param schema what the body must be
 * @throws HttpError `invalid_request` with paths and codes, for no UTF-8, no JSON, or another shape
 */
export function parseJsonBody<Body>(event: APIGatewayProxyEventV2, schema: z.ZodMiniType<Body>): Body {
  return parseWith(schema, decode(readBody(event)));
}

/**
 * Parses the body of a platform that posts forms as well: one whose content type says so is read as a form, the last of fields with one
 * name counts, and any other is read as JSON.
 *
 * @param schema what the fields must be
 * @throws HttpError as {@link parseJsonBody}
 */
export function parseJsonOrFormBody<Body>(event: APIGatewayProxyEventV2, schema: z.ZodMiniType<Body>): Body {
  const body = readBody(event);
  return isForm(event) && body && isUtf8(body)
    ? parseWith(schema, Object.fromEntries(new URLSearchParams(body.toString('utf8'))))
    : parseWith(schema, decode(body));
}

/** Whether the content type says that the body is a form. */
export function isForm({ headers }: APIGatewayProxyEventV2): boolean {
  return /^\s*application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');
}

function parseWith<Body>(schema: z.ZodMiniType<Body>, value: unknown): Body {
  const result = schema.safeParse(value);
  if (!result.success) {
    throw new HttpError('invalid_request', problemsOf(result.error));
  }
  return result.data;
}

function decode(body: Buffer | undefined): unknown {
  const value = body && isUtf8(body) ? parseJson(body.toString('utf8')) : undefined;
  if (value === undefined) {
    throw new HttpError('invalid_request', [{ path: '', code: 'invalid_json' }]);
  }
  return value;
}
