import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import { HttpError } from '../../../lib/http/error.ts';
import { parseJsonBody } from '../../../lib/http/json.ts';

const schema = z.object({ name: z.string() });

/** What comes of a body: the name in it, or the problems. */
function read(body: Buffer | undefined) {
  try {
    return parseJsonBody({ method: 'POST', path: '/', headers: {}, query: {}, body }, schema).name;
  } catch (error) {
    assert.ok(error instanceof HttpError);
    assert.equal(error.code, 'invalid_request');
    return error.fields;
  }
}

describe('parseJsonBody', () => {
  it('reads UTF-8, also after a byte order mark', () => {
    assert.equal(read(Buffer.from('{"name":"Анна 😀"}')), 'Анна 😀');
    assert.equal(read(Buffer.from('\ufeff{"name":"Анна"}')), 'Анна');
  });

  for (const [what, body] of [
    ['a byte that is no UTF-8 in a text', Buffer.from('{"name":"\xff"}', 'latin1')],
    [
      'Windows-1251',
      Buffer.from([...Buffer.from('{"name":"'), 0xc0, 0xed, 0xed, 0xe0, ...Buffer.from('"}')]),
    ],
    ['no JSON', Buffer.from('name=Анна')],
    ['nothing', undefined],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.deepEqual(read(body), [{ path: '', code: 'invalid_json' }]);
    });
  }

  it('names the field that is wrong, and no value', () => {
    assert.deepEqual(read(Buffer.from('{"name":482913}')), [{ path: 'name', code: 'invalid_type' }]);
  });
});
