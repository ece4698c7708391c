import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { alarmOf } from './functions.ts';
import {
  assertZipped,
  functionsOf,
  POOL_ARN,
  packageService,
  propertiesIn,
  resourcesOf,
  STAGES,
  type Template,
} from './packaged.ts';

const SENDER = { 'Fn::GetAtt': ['CognitoDashsmsDashsenderLambdaFunction', 'Arn'] };
const CHALLENGE = { 'Fn::GetAtt': ['CognitoDashauthDashchallengeLambdaFunction', 'Arn'] };
const KEY = { 'Fn::GetAtt': ['CognitoKey', 'Arn'] };

const [existing, example] = await Promise.all([
  packageService(...STAGES.own),
  packageService(...STAGES.example),
]);

const propertiesOf = ({ template }: { template: Template }, id: string) => propertiesIn(template, id);

const functionOf = ({ template }: { template: Template }, name: string) =>
  functionsOf(template).find(({ FunctionName }) => FunctionName.endsWith(`-${name}`)) ??
  assert.fail(`${name} does not exist`);

for (const [way, built] of [
  ['an existing pool', existing],
  ['an example pool', example],
] as const) {
  describe(`the package for ${way}`, () => {
    it('gives each function the time, the memory and the variables it needs', () => {
      const sender = functionOf(built, 'cognito-sms-sender');
      assert.equal(sender.Handler, 'dist/cognito-sms-sender/index.handler');
      assert.equal(sender.Timeout, 30);
      assert.equal(sender.MemorySize, 1024);
      assert.deepEqual(sender.Role, { 'Fn::GetAtt': ['CognitoSmsSenderRole', 'Arn'] });
      const challenge = functionOf(built, 'cognito-auth-challenge');
      assert.equal(challenge.Handler, 'dist/cognito-auth-challenge/index.handler');
      assert.equal(challenge.Timeout, 5, 'Cognito waits no longer');
      assert.equal(challenge.MemorySize, 1769);
      assert.deepEqual(challenge.Role, { 'Fn::GetAtt': ['CognitoAuthChallengeRole', 'Arn'] });

      const { SMSAERO_COGNITO_KEY_ARN, ...common } = sender.Environment.Variables;
      assert.deepEqual(SMSAERO_COGNITO_KEY_ARN, KEY);
      const hook = functionOf(built, 'sms-hook').Environment.Variables;
      assert.deepEqual(common, hook);
      assert.deepEqual(challenge.Environment.Variables, {
        ...hook,
        SMSAERO_LIMIT_WRONG_ANSWERS_HOUR: '10',
        SMSAERO_LIMIT_WRONG_ANSWERS_DAY: '30',
        SMSAERO_CHALLENGE_TIME_MS: '2000',
      });
      for (const { Runtime, Architectures } of functionsOf(built.template)) {
        assert.deepEqual([Runtime, Architectures], ['nodejs24.x', ['arm64']]);
      }
    });

    it('tries an event three times within ten minutes, then keeps it for 14 days and raises an alarm', () => {
      assert.deepEqual(propertiesOf(built, 'CognitoDashsmsDashsenderLambdaEvConf'), {
        FunctionName: { Ref: 'CognitoDashsmsDashsenderLambdaFunction' },
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 2,
        MaximumEventAgeInSeconds: 600,
        DestinationConfig: {
          OnFailure: { Destination: { 'Fn::GetAtt': ['CognitoFailureQueue', 'Arn'] } },
        },
      });
      assert.deepEqual(propertiesOf(built, 'CognitoFailureQueue'), {
        QueueName: 'smsaero-prod-cognito-failures',
        MessageRetentionPeriod: 14 * 24 * 3600,
        SqsManagedSseEnabled: true,
      });
      const { AlarmDescription, ...alarm } = propertiesOf(built, 'CognitoFailureAlarm');
      assert.match(AlarmDescription, /docs\/operations\/alarms\.md/);
      assert.deepEqual(alarm, alarmOf('CognitoFailureQueue', 'smsaero-prod-cognito-failures'));
    });

    it('has a symmetric key that rotates, whose use IAM decides, and its alias', () => {
      const key = propertiesOf(built, 'CognitoKey');
      assert.equal(key.KeySpec, 'SYMMETRIC_DEFAULT');
      assert.equal(key.EnableKeyRotation, true);
      assert.deepEqual(key.KeyPolicy.Statement, [
        {
          Sid: 'IamDecides',
          Effect: 'Allow',
          Principal: { AWS: { 'Fn::Sub': `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:root` } },
          Action: 'kms:*',
          Resource: '*',
        },
      ]);
      assert.deepEqual(propertiesOf(built, 'CognitoKeyAlias'), {
        AliasName: 'alias/smsaero-prod-cognito',
        TargetKeyId: { Ref: 'CognitoKey' },
      });
    });

    it('lets that pool of this account call both functions, and nobody else', () => {
      const source = way === 'an existing pool' ? POOL_ARN : { 'Fn::GetAtt': ['UserPool', 'Arn'] };
      const permissions = resourcesOf(built.template, 'AWS::Lambda::Permission').filter(
        ([, { Properties }]) =>
          !['apigateway.amazonaws.com', 'events.amazonaws.com'].includes(Properties.Principal),
      );
      assert.deepEqual(
        permissions.map(([, { Properties }]) => Properties),
        [SENDER, CHALLENGE].map((FunctionName) => ({
          FunctionName,
          Action: 'lambda:InvokeFunction',
          Principal: 'cognito-idp.amazonaws.com',
          SourceArn: source,
          SourceAccount: { Ref: 'AWS::AccountId' },
        })),
      );
    });

    it('says what the pool has to be told', () => {
      const { Outputs } = built.template;
      assert.deepEqual(Outputs['CognitoKeyArn']?.Value, KEY);
      assert.deepEqual(Outputs['CognitoSmsSenderArn']?.Value, SENDER);
      assert.deepEqual(Outputs['CognitoAuthChallengeArn']?.Value, CHALLENGE);
      assert.deepEqual(Outputs['CognitoFailureQueueUrl']?.Value, { Ref: 'CognitoFailureQueue' });
    });

    it('zips each function of the project alone', async () => {
      const sources = await readdir(new URL('../../functions/', import.meta.url));
      const packaged = functionsOf(built.template).map(({ Handler }) => Handler.split('/')[1]);
      assert.deepEqual(packaged.map((name) => `${name}.ts`).sort(), sources.sort());
      for (const name of packaged) {
        assertZipped(built, name);
      }
    });
  });
}

describe('an existing pool', () => {
  it('is not touched', () => {
    const types = Object.values(existing.template.Resources).map(({ Type }) => Type);
    assert.deepEqual(
      types.filter((type) => type.startsWith('AWS::Cognito::') || type.startsWith('Custom::')),
      [],
    );
  });

  it('excludes the example, and osls says so', async () => {
    const both = packageService(`--param=userPoolArn=${POOL_ARN}`, '--param=cognito=example');
    await assert.rejects(both, (error: { stderr?: string; stdout?: string }) => {
      assert.match(`${error.stdout}${error.stderr}`, /cognito=example and userPoolArn exclude each other/);
      return true;
    });
  });
});
