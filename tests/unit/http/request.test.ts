import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import { HttpError } from '../../../lib/http/errors.ts';
import {
  MAX_BODY_BYTES,
  parseJsonBody,
  parseJsonOrFormBody,
  pathParameter,
  readBody,
} from '../../../lib/http/request.ts';
import { httpEvent } from '../../support/http-event.ts';

describe('pathParameter', () => {
  it('is what API Gateway says, whatever the path is', () => {
    const event = httpEvent({ path: '/dev/sms/other', pathParameters: { platform: 'logto' } });
    assert.equal(pathParameter(event, 'platform'), 'logto');
  });

  it('is the last part of the path behind a Function URL, which has no parameters', () => {
    const from = (path: string) => pathParameter(httpEvent({ path, pathParameters: undefined }), 'platform');
    assert.deepEqual(['/sms/logto', '/logto', '/', ''].map(from), ['logto', 'logto', '', '']);
  });
});

it('readBody takes 64 KiB, as text and as base64, and no byte more', () => {
  for (const length of [MAX_BODY_BYTES, MAX_BODY_BYTES + 1]) {
    const expected = length > MAX_BODY_BYTES ? undefined : length;
    for (const body of [' '.repeat(length), Buffer.alloc(length)]) {
      assert.equal(readBody(httpEvent({ body }))?.length, expected);
    }
  }
  assert.equal(readBody(httpEvent({ body: 'я'.repeat(MAX_BODY_BYTES / 2 + 1) })), undefined);
});

const schema = z.object({ name: z.string() });

/** The name in a body, or its problems. */
function read(body: string | Uint8Array | undefined) {
  try {
    return parseJsonBody(httpEvent({ body }), schema).name;
  } catch (error) {
    assert.ok(error instanceof HttpError);
    assert.equal(error.code, 'invalid_request');
    return error.fields;
  }
}

describe('parseJsonBody', () => {
  it('reads UTF-8, also after a byte order mark', () => {
    assert.equal(read('{"name":"Анна 😀"}'), 'Анна 😀');
    assert.equal(read(Buffer.from('{"name":"Анна 😀"}')), 'Анна 😀');
    assert.equal(read('\ufeff{"name":"Анна"}'), 'Анна');
  });

  for (const [what, body] of [
    ['Windows-1251', Buffer.from('{"name":"\xc0\xed\xed\xe0"}', 'latin1')],
    ['no JSON', 'name=Анна'],
    ['nothing', undefined],
  ] as const) {
    it(`refuses ${what}`, () => assert.deepEqual(read(body), [{ path: '', code: 'invalid_json' }]));
  }

  it('names the field that is wrong, and no value', () => {
    assert.deepEqual(read('{"name":482913}'), [{ path: 'name', code: 'invalid_type' }]);
  });
});

describe('parseJsonOrFormBody', () => {
  const form = 'application/x-www-form-urlencoded';
  const readAs = (type: string, body: string | Uint8Array) =>
    parseJsonOrFormBody(httpEvent({ body, headers: { 'content-type': type } }), schema).name;

  it('reads a form where the content type says so, and anything else as JSON', () => {
    for (const type of [form, `${form}; charset=UTF-8`, form.toUpperCase()]) {
      assert.equal(readAs(type, 'name=%D0%90%D0%BD%D0%BD%D0%B0+%22K%22&other=1'), 'Анна "K"');
      assert.equal(readAs(type, Buffer.from('name=first&name=last')), 'last');
    }
    for (const type of ['', 'application/json', `text/plain; ${form}`]) {
      assert.equal(readAs(type, '{"name":"Анна"}'), 'Анна');
    }
  });

  it('refuses a form without the field, and one that is not UTF-8 or too long', () => {
    assert.throws(() => readAs(form, '{"name":"Анна"}'), HttpError);
    assert.throws(() => readAs(form, Buffer.from([0x6e, 0xff])), HttpError);
    assert.throws(() => readAs(form, `name=${'x'.repeat(MAX_BODY_BYTES)}`), HttpError);
  });
});
