import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { functionsOf, loadZip, packageService, resourcesOf, type Template } from './packaged.ts';
import { problemsOf } from './specification.ts';

const dev = await packageService();
const prod = await packageService('--stage', 'prod');
const other = await packageService(
  '--stage',
  'staging',
  '--param=countries=RU,KZ',
  '--param=gates=https://gate.test/v2',
);

const stageSettings = ({ template }: { template: Template }) =>
  template.Resources['HttpApiStage']?.Properties.DefaultRouteSettings;

const retentions = ({ template }: { template: Template }) =>
  resourcesOf(template, 'AWS::Logs::LogGroup').map(([, { Properties }]) => Properties.RetentionInDays);

/** Every string of a value, keys included. */
const strings = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [key, ...strings(inner)])
    : [String(value)];

for (const [stage, built] of Object.entries({ dev, prod, staging: other })) {
  describe(`the package of ${stage}`, () => {
    it('holds only what the CloudFormation specification knows', () => {
      assert.deepEqual(problemsOf(built.bucketTemplate), []);
      assert.deepEqual(problemsOf(built.template), []);
    });

    it('runs the function on Node 24 and arm64 with one vCPU and time to answer by its own deadline', () => {
      const [hook, ...others] = functionsOf(built.template);
      assert.deepEqual(others, []);
      assert.equal(hook.FunctionName, `smsaero-${stage}-sms-hook`);
      assert.equal(hook.Handler, 'dist/sms-hook/index.handler');
      assert.equal(hook.Runtime, 'nodejs24.x');
      assert.deepEqual(hook.Architectures, ['arm64']);
      assert.equal(hook.MemorySize, 1769);
      assert.equal(hook.Timeout, 6);
      assert.deepEqual(hook.LoggingConfig, { LogFormat: 'JSON', ApplicationLogLevel: 'INFO' });
    });

    it('has one route, in payload format 2.0', () => {
      const routes = resourcesOf(built.template, 'AWS::ApiGatewayV2::Route');
      assert.deepEqual(
        routes.map(([, { Properties }]) => Properties.RouteKey),
        ['POST /sms/{platform}'],
      );
      const integrations = resourcesOf(built.template, 'AWS::ApiGatewayV2::Integration');
      assert.deepEqual(
        integrations.map(([, { Properties }]) => Properties.PayloadFormatVersion),
        ['2.0'],
      );
      assert.deepEqual(built.template.Outputs['SmsHookUrl']?.Value, {
        'Fn::Sub': `https://\${HttpApi}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}/sms/logto`,
      });
    });

    it('keeps nothing of what a caller wrote in the access log', () => {
      const { Format } = built.template.Resources['HttpApiStage']?.Properties.AccessLogSettings ?? {};
      const values = Object.values(JSON.parse(Format));
      assert.ok(values.includes('$context.routeKey'));
      for (const value of values) {
        assert.match(String(value), /^\$context\./);
        assert.doesNotMatch(String(value), /path|query|header|authoriz|body|domain|message/i);
      }
    });

    it('holds no secret', () => {
      for (const text of strings([built.template, built.bucketTemplate])) {
        assert.doesNotMatch(text, /api.?key|secret(?!s?manager)|passw|bearer|basic |token|BEGIN .*KEY|AKIA/i);
        assert.doesNotMatch(text, /(?=\w*\d)(?=\w*[A-Za-z])\w{24,}/, 'looks like a key');
      }
    });

    it('zips the bundle and nothing else', () => {
      assert.deepEqual(Object.keys(built.zips), ['sms-hook.zip']);
      assert.deepEqual([...(built.zips['sms-hook.zip']?.keys() ?? [])], ['dist/sms-hook/index.mjs']);
    });
  });
}

describe('a stage', () => {
  it('sets what the function reads from its environment', () => {
    const variables = [dev, prod, other].map(
      ({ template }) => functionsOf(template)[0].Environment.Variables,
    );
    const common = (stage: string) => ({
      SMSAERO_CONFIG_PATH: `/smsaero/${stage}`,
      SMSAERO_GATES: '',
      SMSAERO_COUNTRIES: 'RU',
      SMSAERO_TABLE: `smsaero-${stage}`,
      SMSAERO_LIMIT_TOTAL_HOUR: '1000',
      POWERTOOLS_SERVICE_NAME: `smsaero-${stage}`,
    });
    assert.deepEqual(variables, [
      common('dev'),
      common('prod'),
      { ...common('staging'), SMSAERO_GATES: 'https://gate.test/v2', SMSAERO_COUNTRIES: 'RU,KZ' },
    ]);
  });

  it("has the guard's table, paid by use, whose items expire", () => {
    const [[, table] = [], ...others] = resourcesOf(prod.template, 'AWS::DynamoDB::Table');
    assert.deepEqual(others, []);
    assert.equal(table?.Properties.TableName, 'smsaero-prod');
    assert.equal(table?.Properties.BillingMode, 'PAY_PER_REQUEST');
    assert.deepEqual(table?.Properties.KeySchema, [{ AttributeName: 'pk', KeyType: 'HASH' }]);
    assert.deepEqual(table?.Properties.TimeToLiveSpecification, {
      AttributeName: 'expiresAt',
      Enabled: true,
    });
  });

  it('limits the rate of requests', () => {
    const limits = { DetailedMetricsEnabled: false, ThrottlingRateLimit: 5, ThrottlingBurstLimit: 10 };
    assert.deepEqual(stageSettings(dev), limits);
    assert.deepEqual(stageSettings(prod), { ...limits, ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 });
    assert.deepEqual(stageSettings(other), limits, 'a stage without parameters of its own is as dev');
  });

  it('keeps every log for a limited time', () => {
    assert.deepEqual(retentions(dev), [14, 14]);
    assert.deepEqual(retentions(prod), [90, 90]);
  });
});

describe('the alarms', () => {
  it('go to one topic, on which CloudWatch publishes for this account alone', () => {
    const [[, topic] = [], ...others] = resourcesOf(prod.template, 'AWS::SNS::Topic');
    assert.deepEqual(others, []);
    assert.deepEqual(topic?.Properties, { TopicName: 'smsaero-prod-alarms' });
    assert.deepEqual(prod.template.Resources['AlarmTopicPolicy']?.Properties, {
      Topics: [{ Ref: 'AlarmTopic' }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'PublishAlarms',
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: 'sns:Publish',
            Resource: { Ref: 'AlarmTopic' },
            Condition: {
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
              ArnLike: {
                'aws:SourceArn': {
                  'Fn::Sub': `arn:\${AWS::Partition}:cloudwatch:\${AWS::Region}:\${AWS::AccountId}:alarm:*`,
                },
              },
            },
          },
        ],
      },
    });
    assert.deepEqual(prod.template.Outputs['AlarmTopicArn']?.Value, { Ref: 'AlarmTopic' });
  });
});

describe('the zip', () => {
  it('loads on its own and exports a handler', async () => {
    assert.equal(await loadZip(prod, 'sms-hook'), 'function');
  });
});

describe('without a pool', () => {
  it('nothing of Cognito is there', () => {
    for (const { template } of [dev, prod, other]) {
      assert.doesNotMatch(JSON.stringify(template), /cognito|userpool/i);
      assert.deepEqual(resourcesOf(template, 'AWS::KMS::Key'), []);
      assert.deepEqual(resourcesOf(template, 'AWS::SQS::Queue'), []);
    }
  });
});
