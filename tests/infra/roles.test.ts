import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deliveryKey } from '../../lib/delivery/item.ts';
import { expectedFunctions, logicalName, roleOf } from './functions.ts';
import { POOL_ID, packageService, propertiesIn, resourcesOf, type Template } from './packaged.ts';
import { allows, arn, type Context, place, type Statement } from './policy.ts';

const { template } = await packageService('example');
const { template: own } = await packageService('own');

const logGroup = (name: string) => arn('logs', `log-group:/aws/lambda/smsaero-prod-${name}`);

const table = arn('dynamodb', 'table/smsaero-prod');
const stream = `${table}/stream/2026-11-24T00:00:00.000`;
const commands = arn('sqs', 'smsaero-prod-commands');
const deadLetters = arn('sqs', 'smsaero-prod-dead-letters');
const failures = arn('sqs', 'smsaero-prod-event-failures');
const cognitoFailures = arn('sqs', 'smsaero-prod-cognito-failures');
const bus = arn('events', 'event-bus/smsaero-prod');
const key = arn('kms', 'key/0e0f0000-0000-4000-8000-000000000000');
const codeKey = arn('kms', 'key/1e0f0000-0000-4000-8000-000000000000');

const FUNCTIONS = Object.keys(expectedFunctions('prod', true));
const attributes = {
  'GuardTable.Arn': table,
  'GuardTable.StreamArn': stream,
  'CommandQueue.Arn': commands,
  'DeadLetterQueue.Arn': deadLetters,
  'EventFailureQueue.Arn': failures,
  'CognitoFailureQueue.Arn': cognitoFailures,
  'EventBus.Arn': bus,
  'CognitoKey.Arn': codeKey,
  UserPool: POOL_ID,
  ...Object.fromEntries(FUNCTIONS.map((name) => [`${logicalName(name)}LogGroup.Arn`, `${logGroup(name)}:*`])),
};

/** Every statement that a role holds: its own, and those of policies that name it. */
function statementsOf(role: string, built: Template = template): Statement[] {
  const attached = resourcesOf(built, 'AWS::IAM::RolePolicy')
    .map(([, { Properties }]) => Properties)
    .filter(({ RoleName }) => RoleName.Ref === role);
  const policies = [...propertiesIn(built, role).Policies, ...attached];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

type Call = [action: string, resource: string, context?: Context];
const every = (service: string, actions: readonly string[], resources: readonly string[]): Call[] =>
  resources.flatMap((resource) => actions.map((action): Call => [`${service}:${action}`, resource]));

/** What KMS is asked with for a parameter, and for a code of Cognito's. */
const parameters = {
  'kms:ViaService': 'ssm.eu-central-1.amazonaws.com',
  'kms:EncryptionContext:PARAMETER_ARN': arn('ssm', 'parameter/smsaero/prod/apiKey'),
  'kms:ResourceAliases': ['alias/aws/ssm'],
};
const ofPool = (id: string) => ({ 'kms:EncryptionContext:userpool-id': id });

const DELIVERY = deliveryKey('x');
const BALANCE = 'balance#x';

/** Partition keys that a request names: those of deliveries, of the account's balance, of the guard, and of more than one at once. */
const KEYS: string[][] = [
  ...[DELIVERY, BALANCE, 'message#x', 'sealed#x', 'recipient#x', 'address#x', 'block#x', 'total#x', 'x'].map(
    (key) => [key],
  ),
  [DELIVERY, 'message#x'],
];
const LEADING_KEYS = 'dynamodb:LeadingKeys';

/**
 * Each action that some role has, asked of all that there is and of what is another's. No other action needs to be asked for: no
 * role has a wildcard in one, and each that a role has is found here.
 */
const POSSIBLE: Call[] = [
  ...every(
    'ssm',
    ['GetParametersByPath'],
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
  ['kms:Decrypt', key, ofPool(POOL_ID)],
  ['kms:Decrypt', codeKey, ofPool(POOL_ID)],
  ['kms:Decrypt', codeKey, ofPool('eu-central-1_Other0000')],
  ['kms:Decrypt', codeKey],
  ...every(
    'dynamodb',
    ['GetItem', 'UpdateItem', 'Query', 'GetRecords', 'GetShardIterator', 'DescribeStream'],
    [table, `${table}/index/other`, stream, arn('dynamodb', 'table/smsaero-dev')],
  ),
  ...KEYS.flatMap((keys) =>
    ['GetItem', 'UpdateItem', 'Query'].map((action): Call => {
      return [`dynamodb:${action}`, table, { [LEADING_KEYS]: keys }];
    }),
  ),
  // The leading keys of an index are its own: shards.
  ...['0', 'f'].map((shard): Call => {
    return ['dynamodb:Query', `${table}/index/due`, { [LEADING_KEYS]: [shard] }];
  }),
  ...every(
    'sqs',
    ['SendMessage', 'ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes'],
    [commands, deadLetters, failures, cognitoFailures, arn('sqs', 'smsaero-dev-commands')],
  ),
  ...every(
    'events',
    ['PutEvents'],
    [bus, ...['default', 'smsaero-dev'].map((name) => arn('events', `event-bus/${name}`))],
  ),
  ...every(
    'logs',
    ['CreateLogStream', 'PutLogEvents'],
    [
      ...[...FUNCTIONS.map(logGroup), logGroup('sms-hook2')],
      arn('logs', 'log-group:/aws/http-api/smsaero-prod'),
    ].map((group) => `${group}:log-stream:a`),
  ),
];

/** It has no resource, says AWS's list, and Lambda asks for it "on your stream" all the same: nothing to compute. */
const LIST_STREAMS = 'dynamodb:ListStreams';

const CONFIGURATION = [
  `ssm:GetParametersByPath ${arn('ssm', 'parameter/smsaero/prod')}`,
  `kms:Decrypt ${key}`,
];
const of = (resource: string, service: string, ...actions: string[]) =>
  actions.map((action) => `${service}:${action} ${resource}`);
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
  'cognito-sms-sender': [
    ...CONFIGURATION,
    ...SEND,
    `kms:Decrypt ${codeKey}`,
    ...of(cognitoFailures, 'sqs', 'SendMessage'),
  ],
  'cognito-auth-challenge': [...CONFIGURATION, ...SEND],
};

/** Statements that hold for items with keys that begin so, and for no request without a key. */
const NARROWED: Readonly<Record<string, string>> = {
  ReadDeliveries: deliveryKey('*'),
  MoveDeliveries: deliveryKey('*'),
  KeepBalances: 'balance#*',
};

for (const name of FUNCTIONS) {
  const role = roleOf(name);
  const statements = statementsOf(role);

  describe(`the role of ${name}`, () => {
    it('is taken by Lambda, holds its policy only, and writes to a log group that the template makes', () => {
      const { AssumeRolePolicyDocument, Policies, ...others } = propertiesIn(template, role);
      assert.deepEqual(AssumeRolePolicyDocument.Statement, [
        { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ]);
      assert.deepEqual([Policies.length, others], [1, {}]);
      const { LogGroupName } = propertiesIn(template, `${logicalName(name)}LogGroup`);
      assert.equal(LogGroupName, logGroup(name).split(':').at(-1));
    });

    it('allows what it needs and nothing else', async () => {
      const granted = statements.flatMap(({ Action }) => Action).filter((action) => action !== LIST_STREAMS);
      const allowed: string[] = [];
      for (const [action, resource, context] of POSSIBLE) {
        if (granted.includes(action) && (await allows(statements, attributes, action, resource, context))) {
          const keys = context?.[LEADING_KEYS];
          allowed.push(`${action} ${resource}${keys ? ` ${keys}` : ''}`);
        }
      }
      const log = of(`${logGroup(name)}:log-stream:a`, 'logs', 'CreateLogStream', 'PutLogEvents');
      assert.deepEqual(allowed.sort(), [...(ALLOWED[name] ?? []), ...log].sort());
      const used = new Set(allowed.map((call) => call.split(' ', 2).join(' ')));
      assert.equal(granted.length, used.size, 'an action that the list above does not know');
    });

    it('names each action, and no wildcard but those of the key and of the log group', () => {
      for (const { Sid = '', Action, Resource, Condition } of statements) {
        assert.doesNotMatch(JSON.stringify(Action), /[*?]/, Sid);
        if (Sid === 'DecryptConfiguration') continue;
        assert.doesNotMatch(JSON.stringify(Resource), /[*?]/, Sid);
        if (Sid === 'DecryptCodes') continue;
        const key = NARROWED[Sid];
        const narrowed = key && {
          'ForAllValues:StringLike': { [LEADING_KEYS]: key },
          Null: { [LEADING_KEYS]: 'false' },
        };
        assert.deepEqual(Condition, narrowed, Sid);
      }
    });
  });
}

describe('with what is your own', () => {
  for (const [what, role, asked, context, expected] of [
    ['your key', 'SmsHookRole', key, { 'kms:ResourceAliases': ['alias/other', 'alias/smsaero'] }, true],
    ['the key of AWS', 'SmsHookRole', key, {}, false],
    ['the key of codes of your pool', 'CognitoSmsSenderRole', codeKey, ofPool(POOL_ID), true],
    ['the key of codes of another pool', 'CognitoSmsSenderRole', codeKey, ofPool('eu-central-1_X'), false],
  ] as const) {
    it(`${role} may ${expected ? '' : 'not '}decrypt with ${what}`, async () => {
      const all = { ...(asked === key ? parameters : {}), ...context } as Context;
      assert.equal(await allows(statementsOf(role, own), attributes, 'kms:Decrypt', asked, all), expected);
    });
  }
});

it('no function has a role of another one, and there are no other roles', () => {
  for (const built of [template, own]) {
    const roles = resourcesOf(built, 'AWS::IAM::Role').map(([id]) => id);
    const ofFunctions = roles.filter((id) => id !== 'UserPoolSmsRole');
    assert.deepEqual(ofFunctions.sort(), FUNCTIONS.map(roleOf).sort());
  }
});
