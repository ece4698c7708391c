import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IndexStatus, TableDescription, TimeToLiveDescription } from '@aws-sdk/client-dynamodb';
import { readDiagnosis } from '../../../cli/doctor/diagnosis.ts';
import { judgeAddresses, judgeTable } from '../../../cli/doctor/table.ts';
import type { Fields } from '../../../lib/json.ts';

describe('judgeTable', () => {
  const index = (IndexStatus: IndexStatus) => ({
    GlobalSecondaryIndexes: [{ IndexName: 'due', IndexStatus }],
  });
  const judge = (table: TableDescription, live: TimeToLiveDescription = {}) => {
    const stream = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } as const;
    const sound = { TableStatus: 'ACTIVE', StreamSpecification: stream, ...index('ACTIVE') } as const;
    const timeToLive = { TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt', ...live } as const;
    return judgeTable('smsaero-dev', 'local', { ...sound, ...table }, timeToLive);
  };

  it('passes one that is as infra/table.yml has it', () => {
    const detail = 'smsaero-dev, with time to live, stream and index';
    assert.deepEqual(judge({}), [{ check: 'table', status: 'pass', detail }]);
  });

  const noLife = 'has no time to live on expiresAt: it grows without end';
  const noStream = 'has no stream of new and old images: nobody is notified of deliveries';
  for (const [problem, table, live] of [
    ['is CREATING', { TableStatus: 'CREATING' }, {}],
    [noLife, {}, { TimeToLiveStatus: 'DISABLED' }],
    [noLife, {}, { AttributeName: 'ttl' }],
    [noStream, { StreamSpecification: undefined }, {}],
    ['has no index due: deliveries without a report stay open', { GlobalSecondaryIndexes: [] }, {}],
    ['has an index due that is CREATING', index('CREATING'), {}],
  ] as const satisfies [string, TableDescription, TimeToLiveDescription][]) {
    it(`says of one that it ${problem}, and what to do`, () => {
      const [finding, ...others] = judge(table, live);
      const detail = `smsaero-dev ${problem}`;
      assert.deepEqual(
        [finding, others],
        [{ check: 'table', status: 'fail', detail, todo: 'npm start' }, []],
      );
    });
  }
});

it('judgeAddresses says of each platform what to do', () => {
  const seenAt = 1_772_357_400;
  const notices = [
    { platform: 'logto', problem: 'private', seenAt },
    { platform: 'direct', problem: 'unparseable', seenAt },
  ] as const;
  const held = 'the limit by address does not hold for those messages';
  assert.deepEqual(
    judgeAddresses(notices, (seenAt + 120) * 1_000).map(({ status, detail, todo }) => [status, detail, todo]),
    [
      [
        'warn',
        `logto gives addresses that are private (2 min ago): ${held}`,
        'set TRUST_PROXY_HEADER=1 in Logto, and have its proxy pass X-Forwarded-For on',
      ],
      [
        'warn',
        `direct gives addresses that cannot be read (2 min ago): ${held}`,
        "pass the address of the person's device as `ip`, one IPv4 or IPv6 address",
      ],
    ],
  );
});

describe('readDiagnosis', () => {
  const read = (answer: Fields) =>
    readDiagnosis(answer, 500).map(({ check, status, detail }) =>
      `${status} ${check}: ${detail}`.replace(' from Lambda:', ''),
    );
  const ok = { gates: [], configuration: 'ok' };
  const own = { kind: 'own', name: 'Shop', accepted: false, approved: [], pending: [] };
  const pending = [{ operator: 'MTS', state: 'moderation' }];
  const absent = { kind: 'absent', name: 'Shop' };

  it('reads gates, balance, sender name and configuration, also of an older version', () => {
    const gates = [
      { gate: 'https://gate.smsaero.org/v2', ok: true, ms: 87 },
      { gate: 'gate.smsaero.ru', ok: false, ms: 700, cause: 'CONNECT_TIMEOUT' },
    ];
    const senderName = { approved: ['MTS', 'TELE2'] };
    assert.deepEqual(read({ gates, balance: 337.03, senderName, configuration: 'ok' }), [
      'pass configuration: read and valid',
      'pass gate gate.smsaero.org: accepts the credentials, 87 ms',
      'warn gate gate.smsaero.ru: does not work (CONNECT_TIMEOUT); another gate does',
      'warn balance: 337.03 RUB, below 500',
      'pass sender name: approved for MTS, TELE2',
    ]);
  });

  for (const [answer, problem] of [
    [{ balance: -3 }, 'fail balance: -3.00 RUB'],
    [
      { senderName: absent },
      'fail sender name Shop: not one of the names of the account: every message is refused',
    ],
    [
      { senderNames: { KZ: absent } },
      'fail sender name Shop for KZ: not one of the names of the account: every message is refused',
    ],
    [
      { senderName: { ...own, pending } },
      'fail sender name Shop: approved for no operator: MTS (moderation)',
    ],
    [
      { senderName: { ...own, approved: ['TELE2'], pending } },
      'warn sender name Shop: approved for TELE2; not for MTS (moderation)',
    ],
    [{ problems: { senderName: 'HTTP_500' } }, 'warn sender name: no answer from SMS Aero (HTTP_500)'],
    [
      { gates: [{ gate: 'a', ok: false, cause: 'unauthorized' }] },
      'fail gate a: does not work (unauthorized: SMS Aero refuses the e-mail address and the API key)',
    ],
  ] as const satisfies [Fields, string][]) {
    it(`finds ${problem}`, () =>
      assert.deepEqual(read({ ...ok, ...answer }), ['pass configuration: read and valid', problem]));
  }

  it('says what to do about a reason of SMS Aero, wherever it was asked', () => {
    const refused = { gate: 'a', ok: false, cause: 'ip_not_allowed' };
    const answer = { configuration: 'ok', gates: [refused], problems: { balance: 'ip_not_allowed' } };
    const todos = readDiagnosis(answer, 500).flatMap(({ todo }) => todo ?? []);
    assert.deepEqual(
      todos.map((todo) => todo.slice(0, 29)),
      ['clear the list in the cabinet', 'clear the list in the cabinet'],
    );
  });

  it('takes an odd answer for none', () => {
    const none = 'fail configuration: account-monitor did not report it';
    assert.deepEqual(read({ gates: 'x', balance: null, senderName: [] }), [none]);
    assert.deepEqual(read({ configuration: 'configuration_invalid' }), [
      'fail configuration: configuration_invalid',
    ]);
  });
});
