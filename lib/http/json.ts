import type * as z from 'zod/mini';
import { HttpError } from './error.ts';
import type { HttpRequest } from './request.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses the JSON body of a request, whatever its content type says: Auth0's sample sends `text/plain`.
 *
 * @param schema what the body must be
 * @throws HttpError `invalid_request` with paths and codes, for no UTF-8, no JSON, or another shape
 */
export function parseJsonBody<Body>(request: HttpRequest, schema: z.ZodMiniType<Body>): Body {
  const result = schema.safeParse(decode(request.body));
  if (!result.success) {
    const fields = result.error.issues.map(({ path, code }) => ({ path: path.map(String).join('.'), code }));
    throw new HttpError('invalid_request', fields);
  }
  return result.data;
}

function decode(body: Buffer | undefined): unknown {
  try {
    return JSON.parse(UTF8.decode(body));
  } catch {
    throw new HttpError('invalid_request', [{ path: '', code: 'invalid_json' }]);
  }
}
