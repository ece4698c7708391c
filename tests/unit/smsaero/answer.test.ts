import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isForeign, readAnswer, readStatus } from '../../../lib/smsaero/answer.ts';

const MESSAGE = { id: 539820423, number: '79031234567', text: 'Код', status: 0, cost: 4.19 };
const answerOf = (statusCode: number, body: unknown, complete = true) => ({
  statusCode,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  complete,
});
const read = (...answer: Parameters<typeof answerOf>) => readAnswer(answerOf(...answer));
const sent = (data: unknown) => read(200, { success: true, data, message: null });
const refused = (statusCode: number, data: unknown, message = 'Validation error.') =>
  read(statusCode, { success: false, data, message });

describe('readAnswer: accepted', () => {
  const accepted = { status: 'accepted', messageId: '539820423', messageStatus: 'accepted', cost: 4.19 };

  it('takes an object, an array of one, numbers and strings', () => {
    assert.deepEqual(sent(MESSAGE), accepted);
    assert.deepEqual(sent([MESSAGE]), accepted);
    assert.deepEqual(sent({ ...MESSAGE, id: '539820423', status: '0', cost: '4.19' }), accepted);
    assert.deepEqual(read(200, `\ufeff${JSON.stringify({ success: true, data: MESSAGE })}`), accepted);
  });

  it('says where SMS Aero has the message, if that is known', () => {
    const messageStatus = (status: unknown) => {
      const result = sent({ ...MESSAGE, status });
      assert.ok(result.status === 'accepted');
      return result.messageStatus;
    };
    const ways = [0, 1, 3, 4, 8, '8', 5, 7, 99, '', null, undefined].map(messageStatus);
    const known = ['accepted', 'delivered', 'sent', 'sent', 'moderation', 'moderation'];
    assert.deepEqual(ways, [...known, ...Array(6)]);
    const bare = { status: 'accepted', messageId: '539820423', messageStatus: undefined, cost: undefined };
    assert.deepEqual(sent({ id: 539820423, status: 99 }), bare);
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

  it('believes the id of a message for Telegram, whatever its status: an SMS follows what is not delivered', () => {
    const telegram = (data: object, statusCode = 200) =>
      readAnswer(answerOf(statusCode, { success: true, data, message: null }), 'telegram');
    // As smsaero_python has it in send_telegram.
    const data = { id: 1, telegramCode: '1234', idSms: null, extendStatus: 'queue', cost: '1.00' };
    const taken = { status: 'accepted', messageId: '1', cost: 1 };
    assert.deepEqual(telegram({ ...data, status: 0 }), { ...taken, messageStatus: 'accepted' });
    assert.deepEqual(telegram({ ...data, status: 1 }), { ...taken, messageStatus: 'delivered' });
    for (const status of [2, 6, '6']) assert.deepEqual(telegram({ ...data, status }), taken, String(status));
    const malformed = { status: 'unknown', reason: 'malformed_answer' };
    assert.deepEqual(telegram({ ...data, id: 0 }), malformed);
    assert.deepEqual(telegram({}, 502), { status: 'unknown', reason: 'server_error' });
  });
});

describe('readAnswer: refused', () => {
  for (const [reason, result] of [
    ['unauthorized', read(401, '')],
    ['no_money', read(402, '')],
    ['bad_sender_name', refused(400, { number: ['incorrect'], sign: ['incorrect'] })],
    ['invalid_recipient', refused(400, { number: ['incorrect'] })],
    ['invalid_recipient', refused(400, { numbers: ['incorrect'] })],
    ['blacklisted', refused(400, { number: ['blacklist'] })],
    ['blacklisted', refused(400, null, 'Number is in black list')],
    ['ip_not_allowed', refused(404, null, 'Invalid ip-address')],
    ['rate_limited', refused(429, null, 'Too many requests')],
    ['rate_limited', refused(400, null, 'Daily limit exceeded')],
    ['rejected', refused(400, { text: ['incorrect'] })],
    ['rejected', refused(200, null, 'No')],
    ['no_money', refused(200, null, 'Not enough money')],
    ['no_money', read(200, { result: 'no credits' })],
    ['rejected', read(200, { result: 'reject', reason: 'empty field' })],
    ['bad_sender_name', read(400, { success: false, data: null, message: { sign: ['incorrect'] } })],
    ['bad_sender_name', refused(400, null, 'Sign is not approved')],
    ['bad_sender_name', read(200, { result: 'reject', reason: 'incorrect sender name' })],
    ['invalid_recipient', refused(400, null, 'Incorrect number')],
    ['ip_not_allowed', read(404, '\n "Invalid IP-address."\n')],
    ['malformed_answer', read(404, 'Invalid ip-address of the proxy')],
    ['malformed_answer', read(404, 'Proxy: invalid ip-address')],
    ['malformed_answer', read(300, '')],
    ['no_money', refused(400, null, 'Insufficient funds')],
    ['unauthorized', refused(400, null, 'Your request was made with invalid credentials.')],
    ['unauthorized', read(200, { result: 'reject', reason: 'incorrect user or password' })],
    ['malformed_answer', read(400, '[]')],
    ['malformed_answer', read(403, '<html>Your IP-address is on a blacklist: too many requests</html>')],
    ['malformed_answer', read(403, { message: 'Forbidden' })],
    ['malformed_answer', read(400, { success: false, data: { number: ['incorrect'] } }, false)],
    ['unauthorized', read(401, { success: false }, false)],
  ] as const) {
    it(`knows ${reason} by ${JSON.stringify(result)}`, () => {
      assert.deepEqual(result, { status: 'failed', reason });
    });
  }

  it('passes on when to come back, if it is said in seconds', () => {
    const date = 'Wed, 21 Oct 2026 07:28:00 GMT';
    for (const [retryAfter, expected] of Object.entries({ 7: 7, '1e300': 3600, 0.5: 1, 0: 0, [date]: 0 })) {
      const failed = { status: 'failed', reason: 'rate_limited' };
      assert.deepEqual(
        readAnswer({ ...answerOf(429, ''), retryAfter }),
        expected > 0 ? { ...failed, retryAfter: expected } : failed,
      );
    }
  });
});

describe('readAnswer: unknown', () => {
  for (const [reason, result] of [
    ['server_error', refused(500, null, 'Internal Server Error')],
    ['server_error', read(502, '<html>Bad gateway</html>')],
    ['malformed_answer', read(200, '<html>Welcome</html>')],
    ['malformed_answer', read(200, '')],
    ['malformed_answer', read(200, '{"success":true,"data":{"id":5398')],
    ['malformed_answer', read(200, { result: 'accepted', id: 5 })],
    ['malformed_answer', read(400, { result: 'accepted', id: 5 })],
    ['malformed_answer', read(300, { success: true, data: MESSAGE })],
    ['malformed_answer', sent({ id: '7a' })],
    ['malformed_answer', sent({ id: 'a7' })],
    ['malformed_answer', sent({ id: ' 7' })],
    ['malformed_answer', sent({ id: '7\n' })],
    ['malformed_answer', sent({ id: '1'.repeat(20) })],
    ['malformed_answer', sent({ id: ['7'] })],
    ['malformed_answer', sent({ id: 2 ** 53 })],
    ['malformed_answer', sent(null)],
    ['malformed_answer', sent([])],
    ['malformed_answer', sent({ id: 0 })],
    ['malformed_answer', read(200, { success: 'true', data: MESSAGE })],
    ['malformed_answer', read(200, { success: true, data: MESSAGE }, false)],
  ] as const) {
    it(`cannot tell from ${JSON.stringify(result)}`, () => {
      assert.deepEqual(result, { status: 'unknown', reason });
    });
  }

  const anyAnswer = fc.record({
    statusCode: fc.integer({ min: 200, max: 599 }),
    body: fc.oneof(fc.json(), fc.string()),
    complete: fc.boolean(),
  });
  it('gives a result for any answer, never success without an id, and what may be asked again was not sent', () => {
    fc.assert(
      fc.property(anyAnswer, fc.constantFrom('sms', 'telegram'), (answer, channel) => {
        const { status } = readAnswer(answer, channel);
        assert.notEqual(status, 'accepted');
        assert.notEqual(readStatus(answer, '1').status, 'known');
        if (isForeign(answer)) assert.equal(status, 'failed');
      }),
      { numRuns: 300 },
    );
  });
});

describe('isForeign: a refusal that is not SMS Aero’s', () => {
  const REFUSED_BY = [300, 301, 302, 304, 307, 400, 401, 402, 403, 404, 407, 408, 429, 451, 499];
  for (const [what, expected, statuses, bodies] of [
    [
      'any redirect or client error without its envelope',
      true,
      REFUSED_BY,
      ['', '<html>', '[]', 'null', '{}', { message: 'Forbidden' }, { success: 'false' }],
    ],
    [
      'none with the envelope of API v2, or of v1',
      false,
      REFUSED_BY,
      [
        { success: false },
        { success: true },
        ...['reject', 'no credits', 'accepted'].map((result) => ({ result })),
      ],
    ],
    [
      'none where the message may have been sent',
      false,
      [200, 201, 204, 226, 500, 502, 503, 504, 520, 599],
      ['', '<html>', { success: false }, { message: 'x' }],
    ],
  ] as [string, boolean, number[], unknown[]][]) {
    it(`is ${what}`, () => {
      for (const status of statuses) {
        for (const body of bodies) {
          assert.equal(isForeign(answerOf(status, body)), expected, `${status} ${JSON.stringify(body)}`);
        }
      }
    });
  }

  it('is one with half of an envelope, which says nothing', () => {
    assert.ok(isForeign(answerOf(400, { success: false }, false)));
  });
});

describe('readStatus', () => {
  const answer = (data: unknown, statusCode = 200, success = true) =>
    answerOf(statusCode, { success, data, message: null });

  it('is read whatever types it has', () => {
    const at = 1_719_115_825_000;
    const known = { status: 'known', message: 'delivered', at, cost: 4.19, smsMessageId: undefined };
    const data = { id: 5, status: 1, cost: 4.19, dateAnswer: 1_719_115_825 };
    assert.deepEqual(readStatus(answer(data), '5'), known);
    assert.deepEqual(readStatus(answer([data]), '5'), known);
    const strings = Object.fromEntries(Object.entries(data).map(([name, value]) => [name, String(value)]));
    assert.deepEqual(readStatus(answer(strings), '5'), known);
  });

  it('has no time where what stands there is none', () => {
    for (const dateAnswer of [0, -1, null, '', 20_260_301_093_000, 1e300, 1_262_304_000, 4_102_444_800]) {
      const read = readStatus(answer({ id: 5, status: 1, dateAnswer }), '5');
      assert.ok(read.status === 'known');
      assert.equal(read.at, undefined, String(dateAnswer));
    }
  });

  it('names the SMS that took over from Telegram, whatever type its id has', () => {
    const of = (idSms: unknown, status = 2) => {
      const read = readStatus(answer({ id: 5, idSms, status }), '5');
      return read.status === 'known' ? [read.message, read.smsMessageId] : read.status;
    };
    assert.deepEqual(of(539_820_423), ['undelivered', '539820423']);
    assert.deepEqual(of('539820423'), ['undelivered', '539820423']);
    for (const none of [null, undefined, 0, '0', '', -1, 1.5, {}, true, 'x']) {
      assert.deepEqual(of(none), ['undelivered', undefined], String(none));
    }
    assert.deepEqual(of(539_820_423, 5), ['accepted', '539820423'], 'whatever Telegram’s code means');
    assert.equal(of(null, 5), 'not_known');
  });

  for (const [status, ...answers] of [
    [
      'not_known',
      answer({ id: 6, status: 1 }), // another message
      answer({ id: 5, status: 5 }), // a code that nobody knows
      answer({}, 404, false),
      answer({ id: 5, status: 1 }, 300),
      ...[null, [], 'x'].map((data) => answer(data)),
    ],
    [
      'unavailable',
      answer({}, 500),
      ...[200, 302, 403, 404, 451, 502].map((statusCode) => answerOf(statusCode, '<html>')), // of a proxy
      { ...answer({}, 404, false), complete: false },
    ],
    ['unauthorized', answer({}, 401, false), answerOf(401, '<html>')],
    ['rate_limited', answer({}, 429, false)],
    ['ip_not_allowed', answerOf(404, { success: false, data: null, message: 'Invalid ip-address' })],
  ] as [string, ...ReturnType<typeof answerOf>[]][]) {
    it(`says ${status}`, () => {
      for (const each of answers) {
        const read = readStatus(each, '5');
        assert.equal(read.status === 'refused' ? read.reason : read.status, status, JSON.stringify(each));
      }
    });
  }
});
