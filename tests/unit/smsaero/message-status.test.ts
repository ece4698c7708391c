import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readStatus, statusOfCode } from '../../../lib/smsaero/message-status.ts';

const answer = (data: object, statusCode = 200, success = true) => ({
  statusCode,
  complete: true,
  body: JSON.stringify({ success, data, message: null }),
});

describe('a status of SMS Aero', () => {
  it('is known by its code, a number or digits', () => {
    assert.deepEqual([0, 1, 2, 3, 4, 6, 8, '1', 5, 7, 99, '', null].map(statusOfCode), [
      'accepted',
      'delivered',
      'undelivered',
      'sent',
      'sent',
      'rejected',
      'moderation',
      'delivered',
      ...Array(5),
    ]);
  });

  it('is read whatever types it has', () => {
    const known = { status: 'known', message: 'delivered', at: 1_719_115_825_000 };
    assert.deepEqual(readStatus(answer({ id: 5, status: 1, dateAnswer: 1_719_115_825 }), '5'), known);
    assert.deepEqual(readStatus(answer({ id: '5', status: '1', dateAnswer: '1719115825' }), '5'), known);
    assert.deepEqual(readStatus(answer([{ id: 5, status: 1, dateAnswer: 1_719_115_825 }]), '5'), known);
  });

  it('has no time where what stands there is none', () => {
    for (const dateAnswer of [0, -1, null, '', 20_260_301_093_000, 1e300]) {
      const read = readStatus(answer({ id: 5, status: 1, dateAnswer }), '5');
      assert.deepEqual(read, { status: 'known', message: 'delivered', at: undefined }, String(dateAnswer));
    }
  });

  it('of another message, or of a code that nobody knows, is none', () => {
    assert.deepEqual(readStatus(answer({ id: 6, status: 1 }), '5'), { status: 'not_known' });
    assert.deepEqual(readStatus(answer({ id: 5, status: 5 }), '5'), { status: 'not_known' });
    assert.deepEqual(readStatus(answer({}, 404, false), '5'), { status: 'not_known' });
    assert.deepEqual(readStatus({ statusCode: 200, complete: true, body: '<html>' }, '5'), {
      status: 'not_known',
    });
  });

  it('is refused, or not to be had', () => {
    assert.deepEqual(readStatus(answer({}, 401, false), '5'), { status: 'refused', reason: 'unauthorized' });
    assert.deepEqual(readStatus(answer({}, 429, false), '5'), { status: 'refused', reason: 'rate_limited' });
    assert.deepEqual(readStatus(answer({}, 500), '5'), { status: 'unavailable' });
  });
});
