import assert from 'node:assert/strict';
import { afterEach, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { AccountReport } from '../../../lib/account/inspect-account.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';
import { CONNECTOR, LOGTO_SECRET, type Stack, type StackOptions, startStack } from '../../support/stack.ts';

useAwsStandIns();

const PATH = '/smsaero/test';
const DAY = 86_400_000;

/** Nobody listens there. */
const DEAD = 'http://127.0.0.1:1/v2';

let stack: Stack;
const start = async (options: StackOptions = {}) => {
  stack = await startStack({
    function: 'account-monitor',
    guard: true,
    plainHttp: true,
    gates: 2,
    ...options,
  });
};
afterEach(async () => {
  for (const secret of [CONNECTOR.apiKey, CONNECTOR.email, LOGTO_SECRET]) {
    assert.ok(!stack.hook.output().includes(secret), 'a secret was logged');
  }
  await stack.close();
});

const diagnose = async () => (await stack.hook.invoke({ diagnose: true })) as unknown as AccountReport;
const watch = () => stack.hook.invoke({ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} });
const line = () => stack.hook.logs().findLast(({ message }) => message === 'account');
const latest = (name: string) => stack.hook.metrics().findLast((metric) => metric.name === name)?.value;
const hosts = () => stack.gates.map(({ url }) => new URL(url).host);

/** A client of the table itself. */
const database = () =>
  new DynamoDBClient({
    endpoint: stack.table.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
const balanceItem = async () => {
  const { Items = [] } = await database().send(new ScanCommand({ TableName: 'smsaero-test' }));
  const item = Items.find(({ pk }) => pk?.S?.startsWith('balance#'));
  return item ?? assert.fail('no readings in the table');
};

suite('account-monitor, asked for a diagnosis', () => {
  test('answers what it sees, and writes nothing', async () => {
    await start();
    stack.account.balance = 337.03;
    const { gates, configurationAge, ...report } = await diagnose();
    assert.deepEqual(
      gates.map(({ ms, ...gate }) => ({ ...gate, timed: ms > 0 })),
      hosts().map((gate) => ({ gate, ok: true, reached: true, timed: true })),
    );
    assert.deepEqual(report, {
      balance: 337.03,
      senderName: { name: 'SMSAero', kind: 'shared' },
      configuration: 'ok',
      platforms: ['logto'],
    });
    assert.ok(Number.isInteger(configurationAge));
    assert.deepEqual(stack.hook.metrics(), []);
    assert.ok(!stack.table.calls.includes('UpdateItem'));
    assert.equal(stack.account.messages().length, 0);
  });

  test('tells a refusal of one gate from one of all', async () => {
    await start();
    stack.gates[0]?.faults.order({ fault: 'ip_not_allowed', method: 'auth' });
    assert.deepEqual(
      (await diagnose()).gates.map(({ ok, cause }) => [ok, cause]),
      [
        [false, 'ip_not_allowed'],
        [true, undefined],
      ],
    );
    stack.account.apiKey = 'rotatedKey_0123456789_rotatedKey';
    const { gates, balance, problems } = await diagnose();
    assert.deepEqual(
      gates.map(({ cause }) => cause),
      ['unauthorized', 'unauthorized'],
    );
    assert.equal(balance, undefined);
    assert.deepEqual(problems, { balance: 'unauthorized', senderName: 'unauthorized' });
  });

  test('takes a new key at once', async () => {
    await start();
    assert.equal((await diagnose()).balance, 1_000);
    stack.account.apiKey = 'rotatedKey_0123456789_rotatedKey';
    stack.parameters.put(`${PATH}/apiKey`, stack.account.apiKey);
    const { gates, balance } = await diagnose();
    assert.deepEqual([gates.map(({ ok }) => ok), balance], [[true, true], 1_000]);
  });

  test('says of a sender name how it stands', async () => {
    await start({ prepare: (parameters) => parameters.put(`${PATH}/senderName`, 'MyShop') });
    assert.deepEqual((await diagnose()).senderName, { name: 'MyShop', kind: 'absent' });
    stack.account.senderNames = ['MyShop'];
    assert.deepEqual((await diagnose()).senderName, {
      name: 'MyShop',
      kind: 'own',
      accepted: true,
      approved: ['MEGAFON', 'MTS', 'BEELINE', 'TELE2'],
      pending: [],
    });
    stack.gates.forEach(({ faults }) => void faults.order({ fault: 'html_200', method: 'sign/list' }));
    const { senderName, problems } = await diagnose();
    assert.deepEqual([senderName, problems], [undefined, { senderName: 'MALFORMED_ANSWER' }]);
  });

  test('says of the sender name of each country how it stands, and warns of one that is not', async () => {
    const prepare: StackOptions['prepare'] = (parameters) =>
      parameters.put(`${PATH}/senderNames`, '{"KZ":"MyShopKZ","BY":"SMSAero"}');
    await start({ prepare });
    stack.account.senderNames = ['MyShopKZ'];
    assert.deepEqual((await diagnose()).senderNames, {
      KZ: { name: 'MyShopKZ', kind: 'own', accepted: true, approved: [], pending: [] },
      BY: { name: 'SMSAero', kind: 'shared' },
    });
    stack.account.senderNames = [];
    const { senderName, senderNames } = await diagnose();
    assert.deepEqual(
      [senderName?.kind, senderNames?.['KZ']],
      ['shared', { name: 'MyShopKZ', kind: 'absent' }],
    );
  });
});

suite('account-monitor, on schedule', () => {
  test('writes metrics and one line', async () => {
    await start();
    await watch();
    assert.deepEqual(
      [
        latest('Balance'),
        latest('GateReached'),
        latest('AccountRefused'),
        latest('SenderNameUsable'),
        latest('ConfigurationUnusable'),
      ],
      [1_000, 1, 0, 1, 0],
    );
    assert.equal(latest('DaysLeft'), undefined);
    assert.deepEqual([line()?.['level'], line()?.['balance']], ['INFO', 1_000]);
    assert.equal(stack.hook.logs().filter(({ message }) => message === 'account').length, 1);
  });

  test('tells how long the balance lasts, by the readings of a day', async () => {
    await start();
    await watch();
    const item = await balanceItem();
    const [[now]] = JSON.parse(item['readings']?.S ?? '') as [[number, number]];
    const dayAgo = [
      [now - DAY, 1_300],
      [now - DAY / 2, 1_100],
    ];
    await database().send(
      new PutItemCommand({
        TableName: 'smsaero-test',
        Item: { ...item, readings: { S: JSON.stringify(dayAgo) } },
      }),
    );
    await watch();
    assert.deepEqual([latest('SpentLastDay'), latest('DaysLeft')], [300, 3.3]);
    assert.deepEqual([line()?.['spentLastDay'], line()?.['daysLeft']], [300, 3.3]);
    assert.ok(Number((await balanceItem())['expiresAt']?.N) * 1000 > now + DAY);
  });

  test('keeps the readings of two accounts apart', async () => {
    await start();
    await watch();
    stack.account.email = 'other@example.com';
    stack.parameters.put(`${PATH}/email`, stack.account.email);
    await watch();
    const { Items = [] } = await database().send(new ScanCommand({ TableName: 'smsaero-test' }));
    assert.equal(Items.filter(({ pk }) => pk?.S?.startsWith('balance#')).length, 2);
  });

  test('warns of what is not as it should be', async () => {
    await start({ gateUrls: (urls) => [...urls, DEAD] });
    await watch();
    assert.equal(line()?.['level'], 'WARN');
    assert.deepEqual(
      stack.hook.metrics().flatMap(({ name, value }) => (name === 'GateReached' ? [value] : [])),
      [1, 1, 1, 1, 0, 0],
    );
  });

  test('writes the metrics without the table', async () => {
    await start();
    stack.table.choose = () => 'reset';
    await watch();
    assert.equal(latest('Balance'), 1_000);
    assert.ok(stack.hook.logs().some(({ message }) => message === 'balance reading not saved'));
  });

  test('counts a configuration that cannot be used, and then recovers', async () => {
    await start({ prepare: (parameters) => parameters.put(`${PATH}/email`, 'nobody') });
    await watch();
    assert.deepEqual([latest('ConfigurationUnusable'), latest('Balance')], [1, undefined]);
    stack.parameters.put(`${PATH}/email`, CONNECTOR.email);
    await sleep(1_100); // a failure is not asked about again for a second, by the clock of the function's process
    await watch();
    assert.deepEqual([latest('ConfigurationUnusable'), latest('Balance')], [0, 1_000]);
  });
});
