import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readDiagnosis } from '../../../cli/doctor/diagnosis.ts';
import { judgeTable } from '../../../cli/doctor/table.ts';

describe('judgeTable', () => {
  const table = {
    TableStatus: 'ACTIVE',
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    GlobalSecondaryIndexes: [{ IndexName: 'due', IndexStatus: 'ACTIVE' }],
  } as const;
  const timeToLive = { TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' } as const;
  const judge = (...changes: [object?, object?]) =>
    judgeTable(
      'smsaero-dev',
      'dev',
      { ...table, ...changes[0], GlobalSecondaryIndexes: [...indexes(changes[0])] },
      {
        ...timeToLive,
        ...changes[1],
      },
    ).map(({ status, detail }) => [status, detail]);
  const indexes = (change: { GlobalSecondaryIndexes?: readonly object[] } = {}) =>
    change.GlobalSecondaryIndexes ?? table.GlobalSecondaryIndexes;

  it('passes one that is as infra/table.yml has it', () => {
    assert.deepEqual(judge(), [['pass', 'smsaero-dev, with time to live, stream and index']]);
  });

  it('names each part that is missing, and what that costs', () => {
    for (const [change, live, problem] of [
      [{ TableStatus: 'CREATING' }, {}, 'is CREATING'],
      [{}, { TimeToLiveStatus: 'DISABLED' }, 'has no time to live on expiresAt: it grows without end'],
      [{}, { AttributeName: 'ttl' }, 'has no time to live on expiresAt: it grows without end'],
      [
        { StreamSpecification: undefined },
        {},
        'has no stream of new and old images: nobody is notified of deliveries',
      ],
      [{ GlobalSecondaryIndexes: [] }, {}, 'has no index due: deliveries without a report stay open'],
      [
        { GlobalSecondaryIndexes: [{ IndexName: 'due', IndexStatus: 'CREATING' }] },
        {},
        'has an index due that is CREATING',
      ],
    ] as const) {
      assert.deepEqual(judge(change, live), [['fail', `smsaero-dev ${problem}`]]);
    }
  });
});

describe('readDiagnosis', () => {
  const read = (answer: object) =>
    readDiagnosis({ ...answer }, 500).map(({ check, status, detail }) => `${status} ${check}: ${detail}`);

  it('reads gates, balance, sender name and configuration', () => {
    const gates = [
      { gate: 'https://gate.smsaero.org/v2', ok: true, ms: 87 },
      { gate: 'gate.smsaero.ru', ok: false, ms: 700, cause: 'CONNECT_TIMEOUT' },
    ];
    const senderName = { approved: ['MTS', 'TELE2'] };
    assert.deepEqual(read({ gates, balance: 337.03, senderName, configuration: 'ok' }), [
      'pass from Lambda: configuration: read and valid',
      'pass from Lambda: gate gate.smsaero.org: accepts the credentials, 87 ms',
      'warn from Lambda: gate gate.smsaero.ru: does not work (CONNECT_TIMEOUT); another gate does',
      'warn from Lambda: balance: 337.03 RUB, below 500',
      'pass from Lambda: sender name: approved for MTS, TELE2',
    ]);
  });

  it('says what only Lambda can: no money, a name that nobody takes, an address that may not ask', () => {
    const gates = [{ gate: 'a', ok: true }];
    const of = (answer: object) => read({ gates, configuration: 'ok', ...answer }).slice(2);
    assert.deepEqual(of({ balance: -3 }), ['fail from Lambda: balance: -3.00 RUB']);
    assert.match(
      of({ senderName: { kind: 'absent', name: 'Shop' } })[0] ?? '',
      /^fail .* not one of the names/,
    );
    assert.match(of({ senderName: { kind: 'shared', name: 'SMSAero' } })[0] ?? '', /^warn .*: shared by all/);
    const names = { KZ: { kind: 'absent', name: 'ShopKZ' }, BY: { kind: 'shared', name: 'SMSAero' } };
    assert.match(
      of({ senderNames: names }).join('\n'),
      /^fail .* for KZ: not one of.*\nwarn .* for BY: shared/,
    );
    const own = { kind: 'own', name: 'Shop', accepted: false, approved: [], pending: [] };
    const pending = [{ operator: 'MTS', state: 'moderation' }];
    assert.deepEqual(of({ senderName: { ...own, pending } }), [
      'fail from Lambda: sender name: approved for no operator: MTS (moderation)',
    ]);
    assert.deepEqual(of({ senderName: { ...own, approved: ['TELE2'], pending } }), [
      'warn from Lambda: sender name: approved for TELE2; not for MTS (moderation)',
    ]);
    const refused = { gate: 'a', ok: false, cause: 'ip_not_allowed' };
    const found = readDiagnosis(
      { configuration: 'ok', gates: [refused], problems: { balance: 'ip_not_allowed' } },
      500,
    );
    for (const { todo } of found.slice(1)) assert.match(todo ?? '', /^clear the list in the cabinet/);
  });

  it('says what is wrong, and takes an odd answer for none', () => {
    assert.deepEqual(
      read({
        gates: [{ gate: 'a', ok: false, cause: 'unauthorized' }],
        configuration: 'configuration_invalid',
      }),
      [
        'fail from Lambda: configuration: configuration_invalid',
        'fail from Lambda: gate a: does not work (unauthorized: SMS Aero refuses the e-mail address and the API key)',
      ],
    );
    assert.deepEqual(
      read({ gates: [], configuration: 'ok', problems: { senderName: 'HTTP_500' } }).slice(1),
      ['warn from Lambda: sender name: no answer from SMS Aero (HTTP_500)'],
    );
    assert.deepEqual(read({ gates: 'x', balance: null, senderName: [] }), [
      'fail from Lambda: configuration: account-monitor did not report it',
    ]);
  });
});
