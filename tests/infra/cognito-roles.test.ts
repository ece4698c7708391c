import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expectedFunctions } from './functions.ts';
import { POOL_ARN, POOL_ID, packageService, resourcesOf, STAGES, type Template } from './packaged.ts';
import { allows, type Context, place, type Statement } from './policy.ts';

const [existing, example] = await Promise.all([
  packageService(...STAGES.pool),
  packageService(...STAGES.example),
]);

const arn = (service: string, resource: string) =>
  `arn:aws:${service}:${place.Region}:${place.AccountId}:${resource}`;
const senderLog = arn('logs', 'log-group:/aws/lambda/smsaero-prod-cognito-sms-sender');
const challengeLog = arn('logs', 'log-group:/aws/lambda/smsaero-prod-cognito-auth-challenge');
const table = arn('dynamodb', 'table/smsaero-prod');
const queue = arn('sqs', 'smsaero-prod-cognito-failures');
const key = arn('kms', 'key/0e0f0000-0000-4000-8000-000000000000');
const otherKey = arn('kms', 'key/1e0f0000-0000-4000-8000-000000000000');
const attributes = {
  'SmsDashhookLogGroup.Arn': arn('logs', 'log-group:/aws/lambda/smsaero-prod-sms-hook:*'),
  'CognitoDashsmsDashsenderLogGroup.Arn': `${senderLog}:*`,
  'CognitoDashauthDashchallengeLogGroup.Arn': `${challengeLog}:*`,
  'GuardTable.Arn': table,
  'CognitoFailureQueue.Arn': queue,
  'CognitoKey.Arn': key,
  UserPool: POOL_ID,
};

/** Every statement that a role holds: its own, and those of policies that name it. */
function statementsOf(template: Template, role: string): Statement[] {
  const own = template.Resources[role]?.Properties.Policies ?? [];
  const attached = resourcesOf(template, 'AWS::IAM::RolePolicy')
    .map(([, { Properties }]) => Properties)
    .filter(({ RoleName }) => RoleName.Ref === role);
  return [...own, ...attached].flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

const shared = [
  { Sid: 'ReadConfiguration', Action: 'ssm:GetParametersByPath' },
  { Sid: 'DecryptConfiguration', Action: 'kms:Decrypt' },
  { Sid: 'UseGuardTable', Action: ['dynamodb:UpdateItem', 'dynamodb:GetItem'] },
];
const log = (id: string) => ({
  Sid: 'WriteLog',
  Effect: 'Allow',
  Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: { 'Fn::GetAtt': [id, 'Arn'] },
});

for (const [way, { template }, pool] of [
  [
    'an existing pool',
    existing,
    { 'Fn::Select': [1, { 'Fn::Split': ['/', POOL_ARN] }] } as unknown as string,
  ],
  ['an example pool', example, { Ref: 'UserPool' } as unknown as string],
] as const) {
  const sender = statementsOf(template, 'CognitoSmsSenderRole');
  const challenge = statementsOf(template, 'CognitoAuthChallengeRole');
  const hook = statementsOf(template, 'SmsHookRole');
  const may = (statements: Statement[], action: string, resource: string, context?: Context) =>
    allows(statements, attributes, action, resource, context);

  describe(`the roles with ${way}`, () => {
    it('are one for each function, taken by Lambda alone', () => {
      const roles = resourcesOf(template, 'AWS::IAM::Role').map(([id]) => id);
      assert.deepEqual(
        roles.filter((id) => id !== 'UserPoolSmsRole').sort(),
        [
          'CognitoAuthChallengeRole',
          'CognitoSmsSenderRole',
          ...Object.values(expectedFunctions('prod')).map(({ role }) => role),
        ].sort(),
      );
      for (const id of ['CognitoAuthChallengeRole', 'CognitoSmsSenderRole']) {
        assert.deepEqual(template.Resources[id]?.Properties.AssumeRolePolicyDocument.Statement, [
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ]);
      }
    });

    it('hold exactly these statements', () => {
      // Those about configuration and table are sms-hook's, which role.test.ts compares in full.
      assert.deepEqual(
        hook.slice(0, 3).map(({ Sid, Action }) => ({ Sid, Action })),
        shared,
      );
      assert.deepEqual(challenge, [...hook.slice(0, 3), log('CognitoDashauthDashchallengeLogGroup')]);
      assert.deepEqual(sender, [
        ...hook.slice(0, 3),
        {
          Sid: 'KeepFailures',
          Effect: 'Allow',
          Action: 'sqs:SendMessage',
          Resource: { 'Fn::GetAtt': ['CognitoFailureQueue', 'Arn'] },
        },
        log('CognitoDashsmsDashsenderLogGroup'),
        {
          Sid: 'DecryptCodes',
          Effect: 'Allow',
          Action: 'kms:Decrypt',
          Resource: { 'Fn::GetAtt': ['CognitoKey', 'Arn'] },
          Condition: { StringEquals: { 'kms:EncryptionContext:userpool-id': pool } },
        },
      ]);
    });
  });

  describe(`the key with ${way}`, () => {
    const context = { 'kms:EncryptionContext:userpool-id': POOL_ID };

    it("opens that pool's codes to the sender", async () =>
      assert.equal(await may(sender, 'kms:Decrypt', key, context), true));

    const refused: [string, Statement[], string, Context][] = [
      ['without a pool in the context', sender, key, {}],
      ['for another pool', sender, key, { 'kms:EncryptionContext:userpool-id': 'eu-central-1_Other0000' }],
      ['with another key', sender, otherKey, context],
      ['to the challenge function', challenge, key, context],
      ['to the HTTP function', hook, key, context],
    ];
    for (const [what, statements, resource, asked] of refused) {
      it(`opens nothing ${what}`, async () =>
        assert.equal(await may(statements, 'kms:Decrypt', resource, asked), false));
    }

    it('is used for nothing else', async () => {
      for (const action of [
        'Encrypt',
        'GenerateDataKey',
        'CreateGrant',
        'DescribeKey',
        'ScheduleKeyDeletion',
      ]) {
        assert.equal(await may(sender, `kms:${action}`, key, context), false, action);
      }
    });
  });

  describe(`the failure queue with ${way}`, () => {
    it('takes events of the sender', async () =>
      assert.equal(await may(sender, 'sqs:SendMessage', queue), true));

    it('is not read or emptied by it, and no other queue is written', async () => {
      for (const action of ['ReceiveMessage', 'DeleteMessage', 'PurgeQueue', 'GetQueueAttributes']) {
        assert.equal(await may(sender, `sqs:${action}`, queue), false, action);
      }
      assert.equal(await may(sender, 'sqs:SendMessage', arn('sqs', 'smsaero-dev-cognito-failures')), false);
      assert.equal(await may(challenge, 'sqs:SendMessage', queue), false);
    });
  });

  describe(`the logs with ${way}`, () => {
    it('are written each by its own function', async () => {
      assert.equal(await may(sender, 'logs:PutLogEvents', `${senderLog}:log-stream:a`), true);
      assert.equal(await may(challenge, 'logs:PutLogEvents', `${challengeLog}:log-stream:a`), true);
      assert.equal(await may(sender, 'logs:PutLogEvents', `${challengeLog}:log-stream:a`), false);
      assert.equal(await may(challenge, 'logs:PutLogEvents', `${senderLog}:log-stream:a`), false);
      for (const [id, group] of [
        ['CognitoDashsmsDashsenderLogGroup', senderLog],
        ['CognitoDashauthDashchallengeLogGroup', challengeLog],
      ] as const) {
        assert.equal(template.Resources[id]?.Properties.LogGroupName, group.split(':').at(-1));
      }
    });
  });
}
