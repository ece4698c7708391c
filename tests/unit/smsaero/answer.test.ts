import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readAnswer } from '../../../lib/smsaero/answer.ts';

const MESSAGE = {
  id: 539820423,
  from: 'SMS Aero',
  number: '79031234567',
  text: 'Код',
  status: 0,
  cost: 4.19,
};
const read = (statusCode: number, body: unknown, retryAfter?: string, complete = true) =>
  readAnswer({
    statusCode,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    retryAfter,
    complete,
  });
const sent = (data: unknown) => read(200, { success: true, data, message: null });
const refused = (statusCode: number, data: unknown, message = 'Validation error.') =>
  read(statusCode, { success: false, data, message });

describe('readAnswer: accepted', () => {
  const accepted = { status: 'accepted', messageId: '539820423', cost: 4.19 };

  it('takes an object, an array of one, numbers and strings', () => {
    assert.deepEqual(sent(MESSAGE), accepted);
    assert.deepEqual(sent([MESSAGE]), accepted);
    assert.deepEqual(sent({ ...MESSAGE, id: '539820423', status: '0', cost: '4.19' }), accepted);
    assert.deepEqual(sent({ ...MESSAGE, status: 8, extendStatus: 'moderation' }), accepted);
    assert.deepEqual(read(200, `\ufeff${JSON.stringify({ success: true, data: MESSAGE })}`), accepted);
    assert.deepEqual(sent({ id: 539820423, status: 99 }), { ...accepted, cost: undefined });
  });

  it('takes a final status of undelivered or rejected for a failure', () => {
    for (const status of [2, 6, '6']) {
      assert.deepEqual(sent({ ...MESSAGE, status }), {
        status: 'failed',
        reason: 'rejected',
        messageId: String(MESSAGE.id),
      });
    }
  });
});

describe('readAnswer: refused', () => {
  for (const [reason, result] of [
    ['unauthorized', refused(401, null, 'Your request was made with invalid credentials.')],
    ['unauthorized', read(401, '')],
    ['no_money', refused(402, null, 'Not enough money')],
    ['bad_sender_name', refused(400, { sign: ['required'] })],
    ['bad_sender_name', refused(400, { number: ['incorrect'], sign: ['incorrect'] })],
    ['invalid_recipient', refused(400, { number: ['incorrect'] })],
    ['blacklisted', refused(400, { number: ['blacklist'] })],
    ['blacklisted', refused(400, null, 'Number is in black list')],
    ['ip_not_allowed', refused(404, null, 'Invalid ip-address')],
    ['rate_limited', refused(429, null, 'Too many requests')],
    ['rate_limited', refused(400, null, 'Daily limit exceeded')],
    ['rejected', refused(400, { text: ['incorrect'] })],
    ['rejected', refused(403, null, 'Forbidden')],
    ['rejected', refused(404, null, 'Page not found.')],
    ['rejected', refused(200, null, 'No')],
    ['no_money', refused(200, null, 'Not enough money')],
    ['no_money', read(200, { result: 'no credits' })],
    ['bad_sender_name', refused(200, { sign: ['incorrect'] })],
    ['rejected', read(200, { result: 'reject', reason: 'empty field' })],
    ['bad_sender_name', read(400, { success: false, data: null, message: { sign: ['incorrect'] } })],
    ['bad_sender_name', refused(400, null, 'Sign is not approved')],
    ['bad_sender_name', read(200, { result: 'reject', reason: 'incorrect sender name' })],
    ['invalid_recipient', refused(400, null, 'Incorrect number')],
    ['ip_not_allowed', read(404, 'Invalid ip-address')],
    ['no_money', refused(400, null, 'Insufficient funds')],
    ['no_money', refused(400, null, 'No credits')],
    ['unauthorized', refused(400, null, 'Your request was made with invalid credentials.')],
    ['unauthorized', read(200, { result: 'reject', reason: 'incorrect user or password' })],
    ['malformed_answer', read(404, '<html>Not found</html>')],
    ['malformed_answer', read(302, '')],
    ['malformed_answer', read(400, '[]')],
  ] as const) {
    it(`knows ${reason} by ${JSON.stringify(result)}`, () => {
      assert.deepEqual(result, { status: 'failed', reason });
    });
  }

  it('passes on when to come back, if it is said in seconds', () => {
    assert.deepEqual(read(429, '', '7'), { status: 'failed', reason: 'rate_limited', retryAfter: 7 });
    assert.deepEqual(read(429, '', '1e300'), { status: 'failed', reason: 'rate_limited', retryAfter: 3600 });
    assert.deepEqual(read(429, '', '-5'), { status: 'failed', reason: 'rate_limited' });
    assert.deepEqual(read(429, '', '0'), { status: 'failed', reason: 'rate_limited' });
    assert.deepEqual(read(429, '', '0.5'), { status: 'failed', reason: 'rate_limited', retryAfter: 1 });
    assert.deepEqual(read(429, '', 'Wed, 21 Oct 2026 07:28:00 GMT'), {
      status: 'failed',
      reason: 'rate_limited',
    });
  });
});

describe('readAnswer: unknown', () => {
  for (const [reason, result] of [
    ['server_error', refused(500, null, 'Internal Server Error')],
    ['server_error', read(502, '<html>Bad gateway</html>')],
    ['malformed_answer', read(200, '<html>Welcome</html>')],
    ['malformed_answer', read(200, '')],
    ['malformed_answer', read(204, '')],
    ['malformed_answer', read(200, '{"success":true,"data":{"id":5398')],
    ['malformed_answer', read(200, { result: 'accepted', id: 5 })],
    ['malformed_answer', read(409, { success: true, data: { id: 7 } })],
    ['malformed_answer', sent({ id: ['7'] })],
    ['malformed_answer', sent({ id: 2 ** 53 })],
    ['malformed_answer', sent(null)],
    ['malformed_answer', sent([])],
    ['malformed_answer', sent({ id: 0 })],
    ['malformed_answer', sent({ id: 'soon' })],
    ['malformed_answer', read(200, { success: 'true', data: MESSAGE })],
    ['malformed_answer', read(200, { success: true, data: MESSAGE }, undefined, false)],
  ] as const) {
    it(`cannot tell from ${JSON.stringify(result)}`, () => {
      assert.deepEqual(result, { status: 'unknown', reason });
    });
  }

  it('gives a result for any answer, and never success without a message id', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 599 }),
        fc.oneof(fc.json(), fc.string()),
        (statusCode, body) => {
          assert.notEqual(read(statusCode, body).status, 'accepted');
        },
      ),
    );
  });
});
