import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { statusOfCode } from '../../../lib/smsaero/message-status.ts';

describe('a status of SMS Aero', () => {
  it('is known by its code, a number or digits', () => {
    assert.deepEqual([0, 1, 2, 3, 4, 6, 8, '1', 5, 7, 99, '', null].map(statusOfCode), [
      ...['accepted', 'delivered', 'undelivered', 'sent', 'sent', 'rejected', 'moderation', 'delivered'],
      ...Array(5),
    ]);
  });
});
