import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSenderNames, standingOf } from '../../../lib/smsaero/account-lists.ts';

const APPROVED = { status: 1, extendStatus: 'approve' };
const ENTRY = {
  id: 12345,
  name: 'MyShop',
  ...APPROVED,
  statusOperators: {
    1: { operator: 1, extendOperator: 'MEGAFON', ...APPROVED },
    4: { operator: '4', extendOperator: 'MTS', status: '0', extendStatus: 'moderation' },
  },
};
const READ = {
  id: '12345',
  name: 'MyShop',
  approved: true,
  state: 'approve',
  operators: [
    { operator: 'MEGAFON', approved: true, state: 'approve' },
    { operator: 'MTS', approved: false, state: 'moderation' },
  ],
};

describe('readSenderNames', () => {
  it('takes an object with string indices, or an array', () => {
    const data = { totalCount: '21', 0: ENTRY, links: { self: '/v2/sign/list?page=1' } };
    assert.deepEqual(readSenderNames({ data }), { names: [READ], total: 21 });
    assert.deepEqual(readSenderNames({ data: [ENTRY] }), { names: [READ], total: 1 });
    assert.deepEqual(readSenderNames({ data: { totalCount: '0' } }), { names: [], total: 0 });
    assert.deepEqual(readSenderNames({ data: [] }), { names: [], total: 0 });
  });

  it('keeps what it can of an odd entry, and says when there is no list', () => {
    const odd = { id: null, name: 'X', status: 7, statusOperators: [{ operator: 9 }, null, {}] };
    const operators = [{ operator: '9', approved: false, state: 'unknown' }];
    assert.deepEqual(readSenderNames({ data: { 0: odd, 1: null, 2: 'x', 3: { name: 5 } } }), {
      names: [{ id: 'X', name: 'X', approved: false, state: '7', operators }],
      total: 1,
    });
    for (const extendStatus of ['approve', 'moderation']) {
      const [name] = readSenderNames({ data: [{ name: 'X', extendStatus }] })?.names ?? [];
      const expected = [extendStatus === 'approve', extendStatus];
      assert.deepEqual([name?.approved, name?.state], expected, 'the word where there is no code');
    }
    for (const data of [null, undefined, 'x', 5]) assert.equal(readSenderNames({ data }), undefined);
  });
});

describe('standingOf', () => {
  it('knows the shared name by any spelling, and an own one by its own', () => {
    for (const name of ['SMSAero', 'SMS Aero', 'Sms Aero']) {
      assert.deepEqual(standingOf(name, []), { kind: 'shared' });
    }
    assert.deepEqual(standingOf('MyShop', [READ]), {
      kind: 'own',
      accepted: true,
      approved: ['MEGAFON'],
      pending: [{ operator: 'MTS', approved: false, state: 'moderation' }],
    });
    assert.deepEqual(standingOf('myshop', [READ]), { kind: 'absent' });
  });
});
