import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readHttpEvent } from '../../../lib/http/request.ts';

describe('readHttpEvent', () => {
  it('reads the method in any case', () => {
    assert.equal(readHttpEvent({ httpMethod: 'post' }).method, 'POST');
    assert.equal(readHttpEvent({ requestContext: { http: { method: 'Post' } } }).method, 'POST');
    assert.equal(readHttpEvent({ httpMethod: 7 }).method, '');
  });

  it('takes the last value of a repeated header, under its name in lower case', () => {
    const { headers } = readHttpEvent({
      multiValueHeaders: { Authorization: ['Bearer first', 'Bearer last'], 'X-Nothing': [], 'X-Odd': [7] },
    });
    assert.deepEqual(headers, { authorization: 'Bearer last' });
  });

  it('takes single values before multiple ones, joined as API Gateway joins them', () => {
    const { headers } = readHttpEvent({
      headers: { 'X-Forwarded-For': '203.0.113.24, 198.51.100.7' },
      multiValueHeaders: { 'x-forwarded-for': ['203.0.113.24'], Accept: ['*/*'] },
    });
    assert.deepEqual(headers, { 'x-forwarded-for': '203.0.113.24, 198.51.100.7', accept: '*/*' });
  });
});
