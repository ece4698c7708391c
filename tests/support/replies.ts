import assert from 'node:assert/strict';
import { OPERATIONS, problemsOf, problemsOfClosed } from './contracts.ts';
import type { Reply } from './function.ts';

/** Holds replies of running functions against docs/openapi.json, and remembers what it has seen. */
export class Replies {
  /** Each status and error code that was seen: `503 guard_unavailable`, `200`. */
  readonly seen = new Set<string>();

  /**
   * Asks a function and checks its answer.
   *
   * @param url of the function
   * @param at the operation: `POST /sms/logto`; the path's parameters in braces
   * @param expected status and code: `503 guard_unavailable`
   * @param request its path, if that has parameters, method, if it is another one, and the rest as `fetch` takes it
   */
  async check(
    url: string,
    at: string,
    expected: string,
    { path, ...request }: RequestInit & { path?: string } = {},
  ): Promise<Record<string, unknown>> {
    const [method = '', documented = ''] = at.split(' ');
    const response = await fetch(url + (path ?? documented), { method, ...request });
    const headers = Object.fromEntries(response.headers);
    const body = await response.text();
    const parsed = this.hold(at, { statusCode: response.status, headers, body });
    const code = parsed?.['code'];
    assert.equal([response.status, ...(code ? [code] : [])].join(' '), expected, body);
    this.seen.add(expected);
    return parsed;
  }

  /** Holds a reply against what the document says of the operation. @returns its body */
  hold(at: string, { statusCode, headers, body }: Reply): Record<string, unknown> {
    const parsed = body === '' ? undefined : JSON.parse(body);
    const described = OPERATIONS.get(at)?.responses[statusCode];
    assert.ok(described, `${at} says nothing of ${statusCode}`);
    for (const [name, header] of Object.entries(described.headers ?? {})) {
      const text = headers[name.toLowerCase()];
      assert.ok(text !== undefined || !header.required, `${at} ${statusCode} without ${name}`);
      const value = header.schema.type === 'integer' ? Number(text) : text;
      assert.deepEqual(problemsOf(header.schema, value), [], name);
    }
    const schema = described.content?.['application/json']?.schema;
    assert.equal(schema === undefined, parsed === undefined, `${at} ${statusCode} and its body`);
    if (schema) {
      assert.match(headers['content-type'] ?? '', /^application\/json/);
      assert.deepEqual(problemsOfClosed(schema, parsed), [], body);
    }
    return parsed;
  }
}
