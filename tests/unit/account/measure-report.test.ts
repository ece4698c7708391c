import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AccountReport } from '../../../lib/account/inspect-account.ts';
import type { Spending } from '../../../lib/account/spending.ts';
import { measureReport } from '../../../lib/account/watch-account.ts';

const read = { configuration: 'ok', configurationAge: 3, platforms: ['logto'] } as const;
const WELL: AccountReport = {
  gates: [{ gate: 'gate.smsaero.org', ok: true, reached: true, ms: 212.4 }],
  balance: 337.03,
  senderName: { name: 'SMSAero', kind: 'shared' },
  ...read,
};

function measured(report: AccountReport, spending?: Spending): string[] {
  const lines: string[] = [];
  const measure = (values: Readonly<Record<string, number | undefined>>, by: object = {}) => {
    for (const [name, value] of Object.entries(values)) {
      if (value !== undefined) lines.push([name, value, ...Object.values(by)].join(' '));
    }
  };
  measureReport({ measure }, report, spending);
  return lines;
}

suite('The metrics of an account', () => {
  test('of which all is known', () => {
    assert.deepEqual(measured(WELL, { lastDay: 41.9, daysLeft: 8 }), [
      ...['ConfigurationUnusable 0', 'ConfigurationAge 3', 'Balance 337.03', 'SpentLastDay 41.9'],
      ...['DaysLeft 8', 'GateReached 1 gate.smsaero.org', 'GateTime 212.4 gate.smsaero.org'],
      ...['AccountRefused 0', 'SenderNameUsable 1'],
    ]);
  });

  test('with a gate that cannot be reached, which has no time, and one that refuses', () => {
    const gates = [
      { gate: 'a', ok: false, reached: false, ms: 700, cause: 'CONNECT_TIMEOUT' },
      { gate: 'b', ok: false, reached: true, ms: 90, cause: 'unauthorized' },
    ];
    assert.deepEqual(measured({ gates, ...read }).slice(2), [
      ...['GateReached 0 a', 'GateReached 1 b', 'GateTime 90 b', 'AccountRefused 1 unauthorized'],
      'CredentialsRefused 1 unauthorized',
    ]);
  });

  test('with each operator of a sender name, and one word on all sender names', () => {
    const pending = [{ operator: 'TELE2', approved: false, state: 'moderation' }];
    const own = { name: 'MyShop', kind: 'own', accepted: true, approved: ['MTS'], pending } as const;
    const of = (names: Pick<AccountReport, 'senderName' | 'senderNames'>) =>
      measured({ gates: [], ...read, ...names }).slice(2);
    const operators = ['OperatorApproves 1 MTS', 'OperatorApproves 0 TELE2'];
    assert.deepEqual(of({ senderName: own }), ['SenderNameUsable 1', ...operators]);
    assert.deepEqual(of({ senderName: { name: 'MyShop', kind: 'absent' } }), ['SenderNameUsable 0']);
    for (const accepted of [true, false]) {
      const senderNames = { KZ: { ...own, name: 'MyShopKZ', accepted } };
      const lines = [`SenderNameUsable ${accepted ? 1 : 0}`, ...operators];
      assert.deepEqual(of({ senderName: own, senderNames }), lines);
    }
  });
});
