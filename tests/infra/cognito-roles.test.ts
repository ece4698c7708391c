import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expectedFunctions } from './functions.ts';
import { POOL_ARN, POOL_ID, packageService, resourcesOf, STAGES, type Template } from './packaged.ts';
import { allows, type Context, place, type Statement } from './policy.ts';

const [existing, example] = await Promise.all([
  packageService(...STAGES.own),
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

  describe(`the roles with ${way}`, () => {
    it('are one for each function, taken by Lambda alone', () => {
      const roles = resourcesOf(template, 'AWS::IAM::Role').map(([id]) => id);
      const own = ['CognitoAuthChallengeRole', 'CognitoSmsSenderRole'];
      assert.deepEqual(
        roles.filter((id) => id !== 'UserPoolSmsRole').sort(),
        [...own, ...Object.values(expectedFunctions('prod')).map(({ role }) => role)].sort(),
      );
      for (const id of own) {
        assert.deepEqual(template.Resources[id]?.Properties.AssumeRolePolicyDocument.Statement, [
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ]);
      }
    });

    // Those about configuration and table are sms-hook's: roles.test.ts asks them for all that there is.
    it('hold those of sms-hook, and these', () => {
      const log = (id: string) => ({
        Sid: 'WriteLog',
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [id, 'Arn'] },
      });
      const shared = hook.filter(({ Sid }) => Sid !== 'WriteLog');
      assert.equal(shared.length, 3);
      assert.deepEqual(challenge, [...shared, log('CognitoDashauthDashchallengeLogGroup')]);
      assert.deepEqual(sender, [
        ...shared,
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

    it('let the sender alone open codes of that pool, keep failures and write its log', async () => {
      const context = { 'kms:EncryptionContext:userpool-id': POOL_ID };
      const other = { 'kms:EncryptionContext:userpool-id': 'eu-central-1_Other0000' };
      const [senderStream, challengeStream] = [`${senderLog}:log-stream:a`, `${challengeLog}:log-stream:a`];
      for (const [expected, statements, action, resource, asked] of [
        [true, sender, 'kms:Decrypt', key, context],
        [false, sender, 'kms:Decrypt', key, {}],
        [false, sender, 'kms:Decrypt', key, other],
        [false, sender, 'kms:Decrypt', otherKey, context],
        [false, challenge, 'kms:Decrypt', key, context],
        [false, hook, 'kms:Decrypt', key, context],
        ...['Encrypt', 'GenerateDataKey', 'CreateGrant', 'DescribeKey', 'ScheduleKeyDeletion'].map(
          (action) => [false, sender, `kms:${action}`, key, context] as const,
        ),
        [true, sender, 'sqs:SendMessage', queue],
        [false, sender, 'sqs:SendMessage', arn('sqs', 'smsaero-dev-cognito-failures')],
        [false, challenge, 'sqs:SendMessage', queue],
        ...['ReceiveMessage', 'DeleteMessage', 'PurgeQueue', 'GetQueueAttributes'].map(
          (action) => [false, sender, `sqs:${action}`, queue] as const,
        ),
        [true, sender, 'logs:PutLogEvents', senderStream],
        [true, challenge, 'logs:PutLogEvents', challengeStream],
        [false, sender, 'logs:PutLogEvents', challengeStream],
        [false, challenge, 'logs:PutLogEvents', senderStream],
      ] as readonly (readonly [boolean, Statement[], string, string, Context?])[]) {
        const found = await allows(statements, attributes, action, resource, asked);
        assert.equal(found, expected, `${action} of ${resource} with ${JSON.stringify(asked)}`);
      }
    });

    it('write to log groups that the template makes', () => {
      for (const [id, group] of [
        ['CognitoDashsmsDashsenderLogGroup', senderLog],
        ['CognitoDashauthDashchallengeLogGroup', challengeLog],
      ] as const) {
        assert.equal(template.Resources[id]?.Properties.LogGroupName, group.split(':').at(-1));
      }
    });
  });
}
