import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expectedFunctions } from './functions.ts';
import { packageService, resourcesOf, STAGES } from './packaged.ts';
import { allows, type Context, place, type Statement } from './policy.ts';

const { template } = await packageService(...STAGES.topic);
const roles = resourcesOf(template, 'AWS::IAM::Role');
const role = template.Resources['SmsHookRole']?.Properties;
const statements: Statement[] = role.Policies.flatMap(
  // biome-ignore lint/suspicious/noExplicitAny: the specification test checks the shape
  ({ PolicyDocument }: any) => PolicyDocument.Statement,
);

const arn = (service: string, resource: string, { Region, AccountId } = place) =>
  `arn:aws:${service}:${Region}:${AccountId}:${resource}`;
const logGroup = arn('logs', 'log-group:/aws/lambda/smsaero-prod-sms-hook');
const table = arn('dynamodb', 'table/smsaero-prod');
const attributes = { 'SmsDashhookLogGroup.Arn': `${logGroup}:*`, 'GuardTable.Arn': table };
const may = (action: string, resource: string, context?: Context) =>
  allows(statements, attributes, action, resource, context);

describe("the function's role", () => {
  it("is nobody else's, and only Lambda takes it", () => {
    assert.deepEqual(
      roles.map(([id]) => id).sort(),
      Object.values(expectedFunctions('prod'))
        .map((one) => one.role)
        .sort(),
    );
    assert.deepEqual(role.AssumeRolePolicyDocument.Statement, [
      { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ]);
    assert.deepEqual(Object.keys(role).sort(), ['AssumeRolePolicyDocument', 'Policies', 'Tags']);
    assert.deepEqual(template.Resources['SmsDashhookLambdaFunction']?.Properties.Role, {
      'Fn::GetAtt': ['SmsHookRole', 'Arn'],
    });
  });

  it('holds exactly these statements', () => {
    const regional = `\${AWS::Region}:\${AWS::AccountId}`;
    assert.deepEqual(statements, [
      {
        Sid: 'ReadConfiguration',
        Effect: 'Allow',
        Action: 'ssm:GetParametersByPath',
        Resource: { 'Fn::Sub': `arn:\${AWS::Partition}:ssm:${regional}:parameter/smsaero/prod` },
      },
      {
        Sid: 'DecryptConfiguration',
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: { 'Fn::Sub': `arn:\${AWS::Partition}:kms:${regional}:key/*` },
        Condition: {
          StringEquals: { 'kms:ViaService': { 'Fn::Sub': `ssm.\${AWS::Region}.amazonaws.com` } },
          StringLike: {
            'kms:EncryptionContext:PARAMETER_ARN': {
              'Fn::Sub': `arn:\${AWS::Partition}:ssm:${regional}:parameter/smsaero/prod/*`,
            },
          },
          'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/smsaero' },
        },
      },
      {
        Sid: 'UseGuardTable',
        Effect: 'Allow',
        Action: ['dynamodb:UpdateItem', 'dynamodb:GetItem'],
        Resource: { 'Fn::GetAtt': ['GuardTable', 'Arn'] },
      },
      {
        Sid: 'WriteLog',
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': ['SmsDashhookLogGroup', 'Arn'] },
      },
    ]);
  });
});

describe('Parameter Store', () => {
  const read = 'ssm:GetParametersByPath';

  it("gives the stage's path", async () =>
    assert.equal(await may(read, arn('ssm', 'parameter/smsaero/prod')), true));

  for (const path of [
    '',
    '/',
    '/smsaero',
    '/smsaero/dev',
    '/smsaero/prod2',
    '/smsaero/prod/platforms',
    '/other/prod',
  ]) {
    it(`refuses the path "${path}"`, async () =>
      assert.equal(await may(read, arn('ssm', `parameter${path}`)), false));
  }

  it('refuses another account and another region', async () => {
    assert.equal(
      await may(read, arn('ssm', 'parameter/smsaero/prod', { ...place, AccountId: '444455556666' })),
      false,
    );
    assert.equal(
      await may(read, arn('ssm', 'parameter/smsaero/prod', { ...place, Region: 'us-east-1' })),
      false,
    );
  });

  for (const action of [
    'GetParameter',
    'GetParameters',
    'GetParameterHistory',
    'PutParameter',
    'DeleteParameter',
  ]) {
    it(`refuses ssm:${action}`, async () =>
      assert.equal(await may(`ssm:${action}`, arn('ssm', 'parameter/smsaero/prod/apiKey')), false));
  }
});

describe('the key', () => {
  const key = arn('kms', 'key/0e0f0000-0000-4000-8000-000000000000');
  const context = {
    'kms:ViaService': 'ssm.eu-central-1.amazonaws.com',
    'kms:EncryptionContext:PARAMETER_ARN': arn('ssm', 'parameter/smsaero/prod/platforms/logto'),
    'kms:ResourceAliases': ['alias/other', 'alias/smsaero'],
  };

  it('decrypts the parameters of the path', async () =>
    assert.equal(await may('kms:Decrypt', key, context), true));

  const refused: Record<string, Context> = {
    'without Parameter Store between': {},
    'through another service': { ...context, 'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com' },
    'the parameters of another stage': {
      ...context,
      'kms:EncryptionContext:PARAMETER_ARN': arn('ssm', 'parameter/smsaero/dev/apiKey'),
    },
    'with a key of another alias': { ...context, 'kms:ResourceAliases': ['alias/aws/ssm'] },
  };
  for (const [what, other] of Object.entries(refused)) {
    it(`does not decrypt ${what}`, async () => assert.equal(await may('kms:Decrypt', key, other), false));
  }

  it('neither encrypts nor is described', async () => {
    for (const action of ['kms:Encrypt', 'kms:GenerateDataKey', 'kms:DescribeKey', 'kms:CreateGrant']) {
      assert.equal(await may(action, key, context), false, action);
    }
  });
});
