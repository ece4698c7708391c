import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expectedFunctions, logicalName } from './functions.ts';
import { packageService } from './packaged.ts';
import { allows, type Context, place, type Statement } from './policy.ts';

const { template } = await packageService('--stage', 'prod');

const arn = (service: string, resource: string) =>
  `arn:aws:${service}:${place.Region}:${place.AccountId}:${resource}`;
const logGroup = (name: string) => arn('logs', `log-group:/aws/lambda/smsaero-prod-${name}`);

const table = arn('dynamodb', 'table/smsaero-prod');
const stream = `${table}/stream/2026-11-24T00:00:00.000`;
const commands = arn('sqs', 'smsaero-prod-commands');
const deadLetters = arn('sqs', 'smsaero-prod-dead-letters');
const failures = arn('sqs', 'smsaero-prod-event-failures');
const bus = arn('events', 'event-bus/smsaero-prod');

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
const statementsOf = (role: string): Statement[] =>
  roleOf(role).Policies.flatMap(
    // biome-ignore lint/suspicious/noExplicitAny: the specification test checks the shape
    ({ PolicyDocument }: any) => PolicyDocument.Statement,
  );

/** Everything that a function of this service could want, each with what it would want it of. */
const POSSIBLE: [string, string, Context?][] = [
  ['ssm:GetParametersByPath', arn('ssm', 'parameter/smsaero/prod')],
  [
    'kms:Decrypt',
    arn('kms', 'key/0e0f0000-0000-4000-8000-000000000000'),
    {
      'kms:ViaService': 'ssm.eu-central-1.amazonaws.com',
      'kms:EncryptionContext:PARAMETER_ARN': arn('ssm', 'parameter/smsaero/prod/apiKey'),
      'kms:ResourceAliases': ['alias/aws/ssm'],
    },
  ],
  ...[
    table,
    `${table}/index/due`,
    `${table}/index/other`,
    stream,
    arn('dynamodb', 'table/smsaero-dev'),
  ].flatMap((resource) =>
    [
      ...['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchGetItem', 'BatchWriteItem'],
      ...['Query', 'Scan', 'PartiQLSelect', 'DescribeTable', 'UpdateTable', 'DeleteTable'],
      ...['GetRecords', 'GetShardIterator', 'DescribeStream', 'ListStreams'],
    ].map((action): [string, string] => [`dynamodb:${action}`, resource]),
  ),
  ...[commands, deadLetters, failures, arn('sqs', 'smsaero-dev-commands')].flatMap((resource) =>
    [
      ...['SendMessage', 'ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes'],
      ...['PurgeQueue', 'SetQueueAttributes', 'DeleteQueue', 'ListQueues', 'StartMessageMoveTask'],
    ].map((action): [string, string] => [`sqs:${action}`, resource]),
  ),
  ...[bus, arn('events', 'event-bus/default'), arn('events', 'event-bus/smsaero-dev')].flatMap((resource) =>
    ['PutEvents', 'PutRule', 'PutTargets', 'DescribeEventBus'].map((action): [string, string] => [
      `events:${action}`,
      resource,
    ]),
  ),
  ...FUNCTIONS.flatMap(([name]) =>
    ['CreateLogGroup', 'CreateLogStream', 'PutLogEvents', 'GetLogEvents'].map((action): [string, string] => [
      `logs:${action}`,
      `${logGroup(name)}:log-stream:a`,
    ]),
  ),
  ['sns:Publish', arn('sns', 'smsaero-prod-alarms')],
  ['lambda:InvokeFunction', arn('lambda', 'function:smsaero-prod-sms-hook')],
];

const CONFIGURATION = [
  `ssm:GetParametersByPath ${arn('ssm', 'parameter/smsaero/prod')}`,
  `kms:Decrypt ${arn('kms', 'key/0e0f0000-0000-4000-8000-000000000000')}`,
];
const of = (resource: string, service: string, ...actions: string[]) =>
  actions.map((action) => `${service}:${action} ${resource}`);
const SEND = of(table, 'dynamodb', 'GetItem', 'UpdateItem', 'DeleteItem');

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
  'message-status': [...CONFIGURATION, ...of(table, 'dynamodb', 'GetItem')],
  'delivery-report': [...CONFIGURATION, ...of(table, 'dynamodb', 'GetItem', 'UpdateItem')],
  'delivery-check': [
    ...CONFIGURATION,
    ...of(table, 'dynamodb', 'GetItem', 'UpdateItem'),
    ...of(`${table}/index/due`, 'dynamodb', 'Query'),
  ],
  'delivery-events': [
    ...of(stream, 'dynamodb', 'GetRecords', 'GetShardIterator', 'DescribeStream', 'ListStreams'),
    ...of(failures, 'sqs', 'SendMessage'),
    ...of(bus, 'events', 'PutEvents'),
  ],
};

for (const [name, { role }] of FUNCTIONS) {
  describe(`the role of ${name}`, () => {
    it('is taken by Lambda alone and holds its own policy only', () => {
      assert.deepEqual(roleOf(role).AssumeRolePolicyDocument.Statement, [
        { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ]);
      assert.deepEqual(Object.keys(roleOf(role)).sort(), ['AssumeRolePolicyDocument', 'Policies']);
      assert.equal(roleOf(role).Policies.length, 1);
    });

    it('allows what it needs and nothing else', () => {
      const allowed = POSSIBLE.filter(([action, resource, context]) =>
        allows(statementsOf(role), attributes, action, resource, context),
      ).map(([action, resource]) => `${action} ${resource}`);
      const log = of(`${logGroup(name)}:log-stream:a`, 'logs', 'CreateLogStream', 'PutLogEvents');
      assert.deepEqual(allowed.sort(), [...(ALLOWED[name] ?? []), ...log].sort());
      const granted = statementsOf(role).flatMap(({ Action }) => Action);
      assert.equal(granted.length, allowed.length, 'an action that the list above does not know');
    });

    it('names each action, and no wildcard but those of the key and of the log group', () => {
      for (const { Sid, Action, Resource, Condition } of statementsOf(role)) {
        assert.doesNotMatch(JSON.stringify(Action), /[*?]/, Sid);
        if (Sid !== 'DecryptConfiguration') {
          assert.doesNotMatch(JSON.stringify(Resource), /[*?]/, Sid);
          assert.equal(Condition, undefined, Sid);
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
