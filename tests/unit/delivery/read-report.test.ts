import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readReport } from '../../../lib/delivery/receive-report.ts';

const request = (body: string, query: Record<string, string> = {}) => ({
  query,
  body: Buffer.from(body),
});
const delivered = { messageId: '539820001', code: 1 };

describe('a delivery report', () => {
  for (const [form, body] of Object.entries({
    'a form': 'id=539820001&status=1&extendStatus=delivery',
    'a form with more in it': 'number=79031234567&id=539820001&cost=4.19&status=1&sign=SMS+Aero&text=%D0%9A',
    'JSON with numbers': '{"id":539820001,"status":1,"extendStatus":"delivery"}',
    'JSON with strings': '{"id":"539820001","status":"1"}',
    'a form with spaces around the id': 'id=+539820001%0A&status=1',
    'JSON with spaces around': ' \n{"id":539820001,"status":1}\n',
    'JSON with more in it': '{"id":539820001,"status":1,"number":79031234567,"nested":{"id":2}}',
  })) {
    it(`is read as ${form}`, () => assert.deepEqual(readReport(request(body)), delivered));
  }

  it('is read from a query where there is no body', () => {
    assert.deepEqual(readReport(request('', { id: '539820001', status: '1' })), delivered);
  });

  it('keeps a status that nobody knows', () => {
    assert.deepEqual(readReport(request('id=1&status=17')), { messageId: '1', code: 17 });
  });

  for (const body of [
    ...['', 'hello', '{', '{}', '[]', '{"id":539820001}', 'id=539820001', 'id=&status=1'],
    ...['id=abc&status=1', 'id=0&status=1', 'id=-5&status=1', 'id=1.5&status=1', 'id=1&status='],
    ...['id=1&status=delivered', 'id=1&status=1.5', 'id=1&status=NaN', '{"id":null,"status":1}'],
    ...['{"id":{"$gt":0},"status":1}', '{"id":1e30,"status":1}'],
    `id=${'9'.repeat(20)}&status=1`,
    '\u0000\u0001',
  ]) {
    it(`is none: ${JSON.stringify(body)}`, () => assert.equal(readReport(request(body)), undefined));
  }
});
