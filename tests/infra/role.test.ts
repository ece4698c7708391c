import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expectedFunctions } from './functions.ts';
import { packageService, resourcesOf } from './packaged.ts';
import { allows, type Context, place, type Statement } from './policy.ts';

const { template } = await packageService('--stage', 'prod', '--param=parameterKeyAlias=alias/smsaero');
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
    assert.deepEqual(Object.keys(role).sort(), ['AssumeRolePolicyDocument', 'Policies']);
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
        Action: ['dynamodb:UpdateItem', 'dynamodb:GetItem', 'dynamodb:DeleteItem'],
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

  it("gives the stage's path", () => assert.ok(may(read, arn('ssm', 'parameter/smsaero/prod'))));

  for (const path of [
    '',
    '/',
    '/smsaero',
    '/smsaero/dev',
    '/smsaero/prod2',
    '/smsaero/prod/platforms',
    '/other/prod',
  ]) {
    it(`refuses the path "${path}"`, () => assert.ok(!may(read, arn('ssm', `parameter${path}`))));
  }

  it('refuses another account and another region', () => {
    assert.ok(!may(read, arn('ssm', 'parameter/smsaero/prod', { ...place, AccountId: '444455556666' })));
    assert.ok(!may(read, arn('ssm', 'parameter/smsaero/prod', { ...place, Region: 'us-east-1' })));
  });

  for (const action of [
    'GetParameter',
    'GetParameters',
    'GetParameterHistory',
    'PutParameter',
    'DeleteParameter',
  ]) {
    it(`refuses ssm:${action}`, () =>
      assert.ok(!may(`ssm:${action}`, arn('ssm', 'parameter/smsaero/prod/apiKey'))));
  }
});

describe('the key', () => {
  const key = arn('kms', 'key/0e0f0000-0000-4000-8000-000000000000');
  const context = {
    'kms:ViaService': 'ssm.eu-central-1.amazonaws.com',
    'kms:EncryptionContext:PARAMETER_ARN': arn('ssm', 'parameter/smsaero/prod/platforms/logto'),
    'kms:ResourceAliases': ['alias/other', 'alias/smsaero'],
  };

  it('decrypts the parameters of the path', () => assert.ok(may('kms:Decrypt', key, context)));

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
    it(`does not decrypt ${what}`, () => assert.ok(!may('kms:Decrypt', key, other)));
  }

  it('neither encrypts nor is described', () => {
    for (const action of ['kms:Encrypt', 'kms:GenerateDataKey', 'kms:DescribeKey', 'kms:CreateGrant']) {
      assert.ok(!may(action, key, context), action);
    }
  });
});

describe("the guard's table", () => {
  it('is changed and read item by item', () => {
    for (const action of ['UpdateItem', 'GetItem', 'DeleteItem']) {
      assert.ok(may(`dynamodb:${action}`, table), action);
    }
  });

  it('is neither listed, emptied nor changed itself, and no other table is touched', () => {
    for (const action of [
      'Scan',
      'Query',
      'BatchGetItem',
      'BatchWriteItem',
      'PutItem',
      'DeleteTable',
      'UpdateTable',
    ]) {
      assert.ok(!may(`dynamodb:${action}`, table), action);
    }
    assert.ok(!may('dynamodb:GetItem', arn('dynamodb', 'table/smsaero-dev')));
    assert.ok(!may('dynamodb:UpdateItem', `${table}/index/other`));
  });
});

describe('the log', () => {
  it("is written to the function's own group", () => {
    assert.equal(
      template.Resources['SmsDashhookLogGroup']?.Properties.LogGroupName,
      logGroup.split(':').at(-1),
    );
    assert.ok(may('logs:CreateLogStream', `${logGroup}:log-stream:a`));
    assert.ok(may('logs:PutLogEvents', `${logGroup}:log-stream:a`));
  });

  it('is neither made, read, nor written elsewhere', () => {
    assert.ok(!may('logs:CreateLogGroup', `${logGroup}:*`));
    assert.ok(!may('logs:GetLogEvents', `${logGroup}:log-stream:a`));
    assert.ok(
      !may('logs:PutLogEvents', arn('logs', 'log-group:/aws/lambda/smsaero-prod-sms-hook2:log-stream:a')),
    );
    assert.ok(!may('logs:PutLogEvents', arn('logs', 'log-group:/aws/http-api/smsaero-prod:log-stream:a')));
  });
});
