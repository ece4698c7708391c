import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deliveryKey } from '../../lib/delivery/item.ts';
import { expectedFunctions, logicalName } from './functions.ts';
import { packageService, STAGES } from './packaged.ts';
import { allows, type Context, place, type Statement } from './policy.ts';

const { template } = await packageService(...STAGES.prod);
const { template: own } = await packageService(...STAGES.own);

const arn = (service: string, resource: string) =>
  `arn:aws:${service}:${place.Region}:${place.AccountId}:${resource}`;
const logGroup = (name: string) => arn('logs', `log-group:/aws/lambda/smsaero-prod-${name}`);

const table = arn('dynamodb', 'table/smsaero-prod');
const stream = `${table}/stream/2026-11-24T00:00:00.000`;
const commands = arn('sqs', 'smsaero-prod-commands');
const deadLetters = arn('sqs', 'smsaero-prod-dead-letters');
const failures = arn('sqs', 'smsaero-prod-event-failures');
const bus = arn('events', 'event-bus/smsaero-prod');
const defaultBus = arn('events', 'event-bus/default');

const FUNCTIONS = Object.entries(expectedFunctions('prod'));
const attributes = {
  'GuardTable.Arn': table,
  'GuardTable.StreamArn': stream,
  'CommandQueue.Arn': commands,
  'DeadLetterQueue.Arn': deadLetters,
  'EventFailureQueue.Arn': failures,
  'EventBus.Arn': bus,
  ...Object.fromEntries(
    FUNCTIONS.map(([name]) => [`${logicalName(name)}LogGroup.Arn`, `${logGroup(name)}:*`]),
  ),
};

const roleOf = (role: string) => template.Resources[role]?.Properties ?? assert.fail(role);
const statementsOf = (role: string, properties = roleOf(role)): Statement[] =>
  properties.Policies.flatMap(
    // biome-ignore lint/suspicious/noExplicitAny: the specification test checks the shape
    ({ PolicyDocument }: any) => PolicyDocument.Statement,
  );

type Call = [action: string, resource: string, context?: Context];
const every = (service: string, actions: readonly string[], resources: readonly string[]): Call[] =>
  resources.flatMap((resource) => actions.map((action): Call => [`${service}:${action}`, resource]));

const key = arn('kms', 'key/0e0f0000-0000-4000-8000-000000000000');
const parameters = {
  'kms:ViaService': 'ssm.eu-central-1.amazonaws.com',
  'kms:EncryptionContext:PARAMETER_ARN': arn('ssm', 'parameter/smsaero/prod/apiKey'),
  'kms:ResourceAliases': ['alias/aws/ssm'],
};

const DELIVERY = deliveryKey('x');
const BALANCE = 'balance#x';

/** Partition keys that a request names: those of deliveries, of the account's balance, of the guard, and of more than one at once. */
const KEYS: string[][] = [
  ...[DELIVERY, BALANCE, 'message#x', 'sealed#x', 'recipient#x', 'address#x', 'block#x', 'total#x', 'x'].map(
    (key) => [key],
  ),
  [DELIVERY, 'message#x'],
];
const ITEM_ACTIONS = [
  ...['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchGetItem', 'BatchWriteItem', 'Query'],
];
const LEADING_KEYS = 'dynamodb:LeadingKeys';

/** What the functions call, what they could want beside, and what nobody should: of each thing that there is, and of those of others. */
const POSSIBLE: Call[] = [
  ...every(
    'ssm',
    ['GetParametersByPath', 'GetParameter', 'GetParameters', 'PutParameter', 'DeleteParameter'],
    [
      ...['/smsaero/prod', '/smsaero/prod/apiKey', '/smsaero/prod/platforms', '/smsaero/prod2'],
      ...['/smsaero/dev', '/smsaero', '/other', '/', ''],
    ].map((path) => arn('ssm', `parameter${path}`)),
  ),
  ...[place.AccountId, place.Region].map((part): Call => {
    const elsewhere = arn('ssm', 'parameter/smsaero/prod').replace(part, '444455556666');
    return ['ssm:GetParametersByPath', elsewhere];
  }),
  ['kms:Decrypt', key, parameters],
  ['kms:Decrypt', key],
  ['kms:Decrypt', key, { ...parameters, 'kms:ViaService': 's3.eu-central-1.amazonaws.com' }],
  ['kms:Decrypt', key, { ...parameters, 'kms:ResourceAliases': ['alias/other'] }],
  [
    'kms:Decrypt',
    key,
    { ...parameters, 'kms:EncryptionContext:PARAMETER_ARN': arn('ssm', 'parameter/smsaero/dev/apiKey') },
  ],
  ['kms:Decrypt', key.replace(place.AccountId, '444455556666'), parameters],
  ...every('kms', ['Encrypt', 'GenerateDataKey', 'DescribeKey', 'CreateGrant', 'ScheduleKeyDeletion'], [key]),
  ...every(
    'dynamodb',
    [
      ...['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchGetItem', 'BatchWriteItem'],
      ...['Query', 'Scan', 'PartiQLSelect', 'DescribeTable', 'UpdateTable', 'DeleteTable'],
      ...['GetRecords', 'GetShardIterator', 'DescribeStream'],
    ],
    [table, `${table}/index/other`, stream, arn('dynamodb', 'table/smsaero-dev')],
  ),
  ...KEYS.flatMap((keys) =>
    every('dynamodb', ITEM_ACTIONS, [table]).map(([action, resource]): Call => {
      return [action, resource, { [LEADING_KEYS]: keys }];
    }),
  ),
  ...every('dynamodb', ['Scan', 'PartiQLSelect'], [`${table}/index/due`]),
  // The leading keys of an index are its own: shards.
  ...['0', 'f'].map((shard): Call => {
    return ['dynamodb:Query', `${table}/index/due`, { [LEADING_KEYS]: [shard] }];
  }),
  ...every(
    'sqs',
    [
      ...['SendMessage', 'ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes'],
      ...['PurgeQueue', 'SetQueueAttributes', 'DeleteQueue', 'ListQueues', 'StartMessageMoveTask'],
    ],
    [commands, deadLetters, failures, arn('sqs', 'smsaero-dev-commands'), arn('sqs', 'other')],
  ),
  ...every(
    'events',
    ['PutEvents', 'DescribeEventBus'],
    [bus, defaultBus, arn('events', 'event-bus/smsaero-dev')],
  ),
  ...every('events', ['PutRule', 'PutTargets'], [arn('events', 'rule/smsaero-prod/smsaero-prod-commands')]),
  ...FUNCTIONS.flatMap(([name]) =>
    every('logs', ['CreateLogStream', 'PutLogEvents', 'GetLogEvents'], [`${logGroup(name)}:log-stream:a`]),
  ),
  ['logs:PutLogEvents', arn('logs', 'log-group:/aws/http-api/smsaero-prod:log-stream:a')],
  ['logs:PutLogEvents', `${logGroup('sms-hook2')}:log-stream:a`],
  ...every('logs', ['CreateLogGroup', 'DeleteLogGroup', 'FilterLogEvents'], [logGroup('sms-hook')]),
  ['sns:Publish', arn('sns', 'smsaero-prod-alarms')],
  ['lambda:InvokeFunction', arn('lambda', 'function:smsaero-prod-sms-hook')],
  ['lambda:UpdateFunctionCode', arn('lambda', 'function:smsaero-prod-sms-hook')],
  ...every(
    'iam',
    ['PassRole', 'PutRolePolicy', 'CreateRole'],
    [`arn:aws:iam::${place.AccountId}:role/admin`],
  ),
  ['sts:AssumeRole', `arn:aws:iam::${place.AccountId}:role/admin`],
  ...every('s3', ['GetObject', 'PutObject'], ['arn:aws:s3:::deployment/smsaero/prod/sms-hook.zip']),
  ['secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:other-AbCdEf')],
  ['cloudformation:UpdateStack', arn('cloudformation', 'stack/smsaero-prod/1')],
  ['cloudwatch:DeleteAlarms', arn('cloudwatch', 'alarm:smsaero-prod-balance')],
];

/** It has no resource, says AWS's list, and Lambda asks for it "on your stream" all the same: nothing to compute. */
const LIST_STREAMS = 'dynamodb:ListStreams';

const CONFIGURATION = [
  `ssm:GetParametersByPath ${arn('ssm', 'parameter/smsaero/prod')}`,
  `kms:Decrypt ${key}`,
];
const of = (resource: string, service: string, ...actions: string[]) =>
  actions.map((action) => `${service}:${action} ${resource}`);
/** Calls for items with these keys. */
const ofItems = (keys: readonly string[][], ...actions: string[]) =>
  keys.flatMap((each) => of(`${table} ${each}`, 'dynamodb', ...actions));
const SEND = [...of(table, 'dynamodb', 'GetItem', 'UpdateItem'), ...ofItems(KEYS, 'GetItem', 'UpdateItem')];

/** What each may do; in everything else it is refused. */
const ALLOWED: Record<string, string[]> = {
  'sms-hook': [...CONFIGURATION, ...SEND],
  'sms-queue': [
    ...CONFIGURATION,
    ...SEND,
    ...of(
      commands,
      'sqs',
      'ReceiveMessage',
      'DeleteMessage',
      'ChangeMessageVisibility',
      'GetQueueAttributes',
    ),
    ...of(deadLetters, 'sqs', 'SendMessage'),
  ],
  'message-status': [...CONFIGURATION, ...ofItems([[DELIVERY]], 'GetItem')],
  'delivery-report': [...CONFIGURATION, ...ofItems([[DELIVERY]], 'GetItem', 'UpdateItem')],
  'delivery-check': [
    ...CONFIGURATION,
    ...ofItems([[DELIVERY]], 'GetItem', 'UpdateItem'),
    ...['0', 'f'].flatMap((shard) => of(`${table}/index/due ${shard}`, 'dynamodb', 'Query')),
  ],
  'account-monitor': [...CONFIGURATION, ...ofItems([[BALANCE]], 'GetItem', 'UpdateItem')],
  'delivery-events': [
    ...of(stream, 'dynamodb', 'GetRecords', 'GetShardIterator', 'DescribeStream'),
    ...of(failures, 'sqs', 'SendMessage'),
    ...of(bus, 'events', 'PutEvents'),
  ],
};

/** Statements that hold for items with keys that begin so, and for no request without a key. */
const NARROWED: Readonly<Record<string, string>> = {
  ReadDeliveries: deliveryKey('*'),
  MoveDeliveries: deliveryKey('*'),
  KeepBalances: 'balance#*',
};

for (const [name, { role }] of FUNCTIONS) {
  describe(`the role of ${name}`, () => {
    it('is taken by Lambda alone and holds its own policy only', () => {
      assert.deepEqual(roleOf(role).AssumeRolePolicyDocument.Statement, [
        { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ]);
      assert.deepEqual(Object.keys(roleOf(role)).sort(), ['AssumeRolePolicyDocument', 'Policies', 'Tags']);
      assert.equal(roleOf(role).Policies.length, 1);
    });

    it('allows what it needs and nothing else', async () => {
      const allowed: string[] = [];
      for (const [action, resource, context] of POSSIBLE) {
        if (await allows(statementsOf(role), attributes, action, resource, context)) {
          const keys = context?.[LEADING_KEYS];
          allowed.push(`${action} ${resource}${keys ? ` ${keys}` : ''}`);
        }
      }
      const log = of(`${logGroup(name)}:log-stream:a`, 'logs', 'CreateLogStream', 'PutLogEvents');
      assert.deepEqual(allowed.sort(), [...(ALLOWED[name] ?? []), ...log].sort());
      const granted = statementsOf(role)
        .flatMap(({ Action }) => Action)
        .filter((action) => action !== LIST_STREAMS);
      const used = new Set(allowed.map((call) => call.split(' ', 2).join(' ')));
      assert.equal(granted.length, used.size, 'an action that the list above does not know');
    });

    it('names each action, and no wildcard but those of the key and of the log group', () => {
      for (const { Sid, Action, Resource, Condition } of statementsOf(role)) {
        assert.doesNotMatch(JSON.stringify(Action), /[*?]/, Sid);
        if (Sid !== 'DecryptConfiguration') {
          assert.doesNotMatch(JSON.stringify(Resource), /[*?]/, Sid);
          const key = NARROWED[Sid ?? ''];
          assert.deepEqual(
            Condition,
            key && {
              'ForAllValues:StringLike': { [LEADING_KEYS]: key },
              Null: { [LEADING_KEYS]: 'false' },
            },
            Sid,
          );
        }
      }
    });

    it("has the function's log group, which the template makes", () => {
      assert.equal(
        template.Resources[`${logicalName(name)}LogGroup`]?.Properties.LogGroupName,
        logGroup(name).split(':').at(-1),
      );
    });
  });
}

it('a key of your own decrypts the parameters, in place of the one of AWS', async () => {
  const statements = statementsOf('SmsHookRole', own.Resources['SmsHookRole']?.Properties);
  for (const [aliases, expected] of [
    [['alias/other', 'alias/smsaero'], true],
    [['alias/aws/ssm'], false],
  ] as const) {
    const context = { ...parameters, 'kms:ResourceAliases': [...aliases] };
    assert.equal(await allows(statements, attributes, 'kms:Decrypt', key, context), expected);
  }
});

it('no function has a role of another one, and there are no other roles', () => {
  assert.deepEqual(
    Object.entries(template.Resources)
      .flatMap(([id, { Type }]) => (Type === 'AWS::IAM::Role' ? [id] : []))
      .sort(),
    FUNCTIONS.map(([, { role }]) => role).sort(),
  );
});
