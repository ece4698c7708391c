import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packageService, STAGES } from './packaged.ts';

const example = await packageService(...STAGES.example);

const SENDER = { 'Fn::GetAtt': ['CognitoDashsmsDashsenderLambdaFunction', 'Arn'] };
const CHALLENGE = { 'Fn::GetAtt': ['CognitoDashauthDashchallengeLambdaFunction', 'Arn'] };
const KEY = { 'Fn::GetAtt': ['CognitoKey', 'Arn'] };

const propertiesOf = (id: string) =>
  example.template.Resources[id]?.Properties ?? assert.fail(`${id} does not exist`);

describe('the example pool', () => {
  const pool = propertiesOf('UserPool');

  it('hands its codes over, and sign-in by code too', () => {
    assert.deepEqual(pool.LambdaConfig, {
      CustomSMSSender: { LambdaArn: SENDER, LambdaVersion: 'V1_0' },
      KMSKeyID: KEY,
      DefineAuthChallenge: CHALLENGE,
      CreateAuthChallenge: CHALLENGE,
      VerifyAuthChallengeResponse: CHALLENGE,
    });
  });

  it('is signed up to with a phone number, which also recovers an account and may be a second factor', () => {
    assert.deepEqual(pool.UsernameAttributes, ['phone_number']);
    assert.deepEqual(pool.AutoVerifiedAttributes, ['phone_number']);
    assert.deepEqual(pool.AccountRecoverySetting, {
      RecoveryMechanisms: [{ Name: 'verified_phone_number', Priority: 1 }],
    });
    assert.equal(pool.MfaConfiguration, 'OPTIONAL');
    assert.deepEqual(pool.EnabledMfas, ['SMS_MFA']);
    assert.deepEqual(pool.UserAttributeUpdateSettings, {
      AttributesRequireVerificationBeforeUpdate: ['phone_number'],
    });
  });

  it('has the role that Cognito insists on, for this account alone', () => {
    assert.deepEqual(pool.SmsConfiguration, {
      SnsCallerArn: { 'Fn::GetAtt': ['UserPoolSmsRole', 'Arn'] },
      ExternalId: 'smsaero-prod',
    });
    const role = propertiesOf('UserPoolSmsRole');
    assert.deepEqual(role.AssumeRolePolicyDocument.Statement, [
      {
        Effect: 'Allow',
        Principal: { Service: 'cognito-idp.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: {
            'sts:ExternalId': 'smsaero-prod',
            'aws:SourceAccount': { Ref: 'AWS::AccountId' },
          },
          ArnLike: {
            'aws:SourceArn': {
              'Fn::Sub': `arn:\${AWS::Partition}:cognito-idp:\${AWS::Region}:\${AWS::AccountId}:userpool/*`,
            },
          },
        },
      },
    ]);
    assert.deepEqual(
      role.Policies.map(({ PolicyDocument }: { PolicyDocument: object }) => PolicyDocument),
      [
        {
          Version: '2012-10-17',
          Statement: [{ Sid: 'PublishToPhones', Effect: 'Allow', Action: 'sns:Publish', Resource: '*' }],
        },
      ],
    );
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
    assert.deepEqual(example.template.Outputs['UserPoolId']?.Value, { Ref: 'UserPool' });
    assert.deepEqual(example.template.Outputs['UserPoolClientId']?.Value, { Ref: 'UserPoolClient' });
  });
});
