import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { arnOf, failureQueue } from './functions.ts';
import { POOL_ARN, packageService, propertiesIn, resourcesOf } from './packaged.ts';

const SENDER = arnOf('CognitoDashsmsDashsenderLambdaFunction');
const CHALLENGE = arnOf('CognitoDashauthDashchallengeLambdaFunction');

const { template: existing } = await packageService('own');
const { template: example } = await packageService('example');
const propertiesOf = (id: string) => propertiesIn(example, id);

describe('the way that Cognito is connected', () => {
  const choose: (osls: { resolveVariable: (name: string) => Promise<unknown> }) => Promise<string> =
    createRequire(import.meta.url)('../../infra/cognito/way.cjs');

  for (const [cognito, way] of [
    ['local', 'local'],
    ['../off', 'off'], // it names a file
  ] as const) {
    it(`is ${way} for ${cognito}`, async () => {
      const values: Record<string, unknown> = { 'param:cognito': cognito, 'param:userPoolArn': '' };
      assert.equal(await choose({ resolveVariable: async (name) => values[name] ?? assert.fail(name) }), way);
    });
  }
});

describe('what comes with a pool', () => {
  it('tries an event three times within ten minutes, then keeps it for 14 days', () => {
    assert.deepEqual(propertiesOf('CognitoDashsmsDashsenderLambdaEvConf'), {
      FunctionName: { Ref: 'CognitoDashsmsDashsenderLambdaFunction' },
      Qualifier: '$LATEST',
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 600,
      DestinationConfig: { OnFailure: { Destination: arnOf('CognitoFailureQueue') } },
    });
    assert.deepEqual(propertiesOf('CognitoFailureQueue'), failureQueue('smsaero-prod-cognito-failures'));
  });

  it('has a symmetric key that rotates, whose use IAM decides, and its alias', () => {
    const { KeySpec, EnableKeyRotation, KeyPolicy } = propertiesOf('CognitoKey');
    assert.deepEqual([KeySpec, EnableKeyRotation], ['SYMMETRIC_DEFAULT', true]);
    const root = { 'Fn::Sub': `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:root` };
    assert.deepEqual(KeyPolicy.Statement, [
      { Sid: 'IamDecides', Effect: 'Allow', Principal: { AWS: root }, Action: 'kms:*', Resource: '*' },
    ]);
    const alias = { AliasName: 'alias/smsaero-prod-cognito', TargetKeyId: { Ref: 'CognitoKey' } };
    assert.deepEqual(propertiesOf('CognitoKeyAlias'), alias);
  });

  for (const [way, template, source] of [
    ['an existing pool', existing, POOL_ARN],
    ['the example', example, arnOf('UserPool')],
  ] as const) {
    it(`lets ${way} of this account call both functions, and nobody else`, () => {
      const permissions = resourcesOf(template, 'AWS::Lambda::Permission')
        .map(([, { Properties }]) => Properties)
        .filter(({ Principal }) => !/^(apigateway|events)\./.test(Principal));
      assert.deepEqual(
        permissions,
        [SENDER, CHALLENGE].map((FunctionName) => ({
          FunctionName,
          Action: 'lambda:InvokeFunction',
          Principal: 'cognito-idp.amazonaws.com',
          SourceArn: source,
          SourceAccount: { Ref: 'AWS::AccountId' },
        })),
      );
    });

    it(`says what ${way} has to be told`, () => {
      for (const [name, value] of Object.entries({
        CognitoKeyArn: arnOf('CognitoKey'),
        CognitoSmsSenderArn: SENDER,
        CognitoAuthChallengeArn: CHALLENGE,
        CognitoFailureQueueUrl: { Ref: 'CognitoFailureQueue' },
      })) {
        assert.deepEqual(template.Outputs[name]?.Value, value);
      }
    });
  }

  it('does not touch an existing pool', () => {
    const types = Object.values(existing.Resources).map(({ Type }) => Type);
    assert.ok(!types.some((type) => /^(AWS::Cognito|Custom)::/.test(type)));
  });
});

describe('the example pool', () => {
  it('hands its codes over, and sign-in by code too', () => {
    assert.deepEqual(propertiesOf('UserPool').LambdaConfig, {
      CustomSMSSender: { LambdaArn: SENDER, LambdaVersion: 'V1_0' },
      KMSKeyID: arnOf('CognitoKey'),
      DefineAuthChallenge: CHALLENGE,
      CreateAuthChallenge: CHALLENGE,
      VerifyAuthChallengeResponse: CHALLENGE,
    });
  });

  it('is signed up to with a phone number, which also recovers an account and may be a second factor', () => {
    const pool = propertiesOf('UserPool');
    assert.deepEqual(pool.UsernameAttributes, ['phone_number']);
    assert.deepEqual(pool.AutoVerifiedAttributes, ['phone_number']);
    assert.deepEqual(pool.AccountRecoverySetting.RecoveryMechanisms, [
      { Name: 'verified_phone_number', Priority: 1 },
    ]);
    assert.deepEqual([pool.MfaConfiguration, pool.EnabledMfas], ['OPTIONAL', ['SMS_MFA']]);
    assert.deepEqual(pool.UserAttributeUpdateSettings, {
      AttributesRequireVerificationBeforeUpdate: ['phone_number'],
    });
  });

  it('has the role that Cognito insists on, for this account', () => {
    assert.deepEqual(propertiesOf('UserPool').SmsConfiguration, {
      SnsCallerArn: arnOf('UserPoolSmsRole'),
      ExternalId: 'smsaero-prod',
    });
    const { AssumeRolePolicyDocument, Policies } = propertiesOf('UserPoolSmsRole');
    const pools = `arn:\${AWS::Partition}:cognito-idp:\${AWS::Region}:\${AWS::AccountId}:userpool/*`;
    assert.deepEqual(AssumeRolePolicyDocument.Statement[0].Condition, {
      StringEquals: { 'sts:ExternalId': 'smsaero-prod', 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
      ArnLike: { 'aws:SourceArn': { 'Fn::Sub': pools } },
    });
    assert.deepEqual(Policies[0].PolicyDocument.Statement, [
      { Sid: 'PublishToPhones', Effect: 'Allow', Action: 'sns:Publish', Resource: '*' },
    ]);
  });

  it('has an app client without a secret that hides who exists, and whose sessions live as long as a code', () => {
    assert.deepEqual(propertiesOf('UserPoolClient'), {
      ClientName: 'smsaero-prod',
      UserPoolId: { Ref: 'UserPool' },
      ExplicitAuthFlows: ['ALLOW_CUSTOM_AUTH', 'ALLOW_USER_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      AuthSessionValidity: 5,
      PreventUserExistenceErrors: 'ENABLED',
      EnableTokenRevocation: true,
    });
    const { UserPoolId, UserPoolClientId } = example.Outputs;
    assert.deepEqual(
      [UserPoolId?.Value, UserPoolClientId?.Value],
      [{ Ref: 'UserPool' }, { Ref: 'UserPoolClient' }],
    );
  });
});
