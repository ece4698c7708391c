import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { circleIn } from './circle.ts';
import { expectedFunctions, logicalName, REPORT_URL } from './functions.ts';
import { assertZipped, functionsOf, packageService, resourcesOf, STAGES, type Template } from './packaged.ts';
import { problemsOf } from './specification.ts';

const dev = await packageService(...STAGES.dev);
const prod = await packageService(...STAGES.prod);

const FUNCTIONS = expectedFunctions('dev');
const ROUTES = {
  'GET /messages/{id}': 'message-status',
  'GET /reports/{token}': 'delivery-report',
  'POST /reports/{token}': 'delivery-report',
  'POST /sms/{platform}': 'sms-hook',
};

const stageSettings = ({ template }: { template: Template }) => {
  const { DefaultRouteSettings, RouteSettings } = template.Resources['HttpApiStage']?.Properties ?? {};
  return { others: DefaultRouteSettings, ...RouteSettings };
};

/** Every string of a value, keys included. */
const strings = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [key, ...strings(inner)])
    : [String(value)];

for (const [stage, built] of Object.entries({ dev, prod })) {
  describe(`the package of ${stage}`, () => {
    it('runs each function on Node 24 and arm64 with the memory and the time that it needs', () => {
      const found = resourcesOf(built.template, 'AWS::Lambda::Function');
      assert.deepEqual(
        found.map(([id]) => id).sort(),
        Object.keys(FUNCTIONS)
          .map((name) => `${logicalName(name)}LambdaFunction`)
          .sort(),
      );
      for (const [name, { memory, timeout, role }] of Object.entries(FUNCTIONS)) {
        const { Properties } = built.template.Resources[`${logicalName(name)}LambdaFunction`] ?? {};
        assert.equal(Properties.FunctionName, `smsaero-${stage}-${name}`);
        assert.equal(Properties.Handler, `dist/${name}/index.handler`);
        assert.equal(Properties.Runtime, 'nodejs24.x');
        assert.deepEqual(Properties.Architectures, ['arm64']);
        assert.equal(Properties.MemorySize, memory, name);
        assert.equal(Properties.Timeout, timeout, name);
        assert.deepEqual(Properties.Role, { 'Fn::GetAtt': [role, 'Arn'] });
        assert.deepEqual(Properties.LoggingConfig, { LogFormat: 'JSON', ApplicationLogLevel: 'INFO' });
        assert.equal(Properties.ReservedConcurrentExecutions, undefined, 'a new account cannot reserve any');
      }
    });

    it('has these routes, in payload format 2.0', () => {
      const routes = resourcesOf(built.template, 'AWS::ApiGatewayV2::Route').map(
        ([, { Properties }]) => Properties,
      );
      assert.deepEqual(routes.map(({ RouteKey }) => RouteKey).sort(), Object.keys(ROUTES));
      for (const [route, name] of Object.entries(ROUTES)) {
        const integration = `HttpApiIntegration${logicalName(name)}`;
        assert.deepEqual(routes.find(({ RouteKey }) => RouteKey === route)?.Target, {
          'Fn::Join': ['/', ['integrations', { Ref: integration }]],
        });
        const { IntegrationUri, PayloadFormatVersion } =
          built.template.Resources[integration]?.Properties ?? {};
        assert.deepEqual(IntegrationUri, { 'Fn::GetAtt': [`${logicalName(name)}LambdaFunction`, 'Arn'] });
        assert.equal(PayloadFormatVersion, '2.0');
      }
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

    it('zips the bundles, each alone, and nothing else', () => {
      assert.deepEqual(
        Object.keys(built.zips).sort(),
        Object.keys(FUNCTIONS)
          .map((name) => `${name}.zip`)
          .sort(),
      );
      for (const name of Object.keys(FUNCTIONS)) assertZipped(built, name);
    });
  });
}

describe('a stage', () => {
  it('sets what the functions read from their environment', () => {
    const common = (stage: string) => ({
      SMSAERO_CONFIG_PATH: `/smsaero/${stage}`,
      SMSAERO_GATES: '',
      SMSAERO_COUNTRIES: 'RU',
      SMSAERO_PLATFORM_TEXT: '',
      SMSAERO_TELEGRAM: 'on',
      SMSAERO_TABLE: `smsaero-${stage}`,
      SMSAERO_LIMIT_TOTAL_HOUR: '1000',
      SMSAERO_LIMIT_RANGE_HOUR: '',
      SMSAERO_REPORT_URL: REPORT_URL,
      SMSAERO_MONITORING: 'basic',
      POWERTOOLS_SERVICE_NAME: `smsaero-${stage}`,
    });
    const asked = {
      SMSAERO_GATES: 'https://gate.test/v2',
      SMSAERO_COUNTRIES: 'RU,KZ',
      SMSAERO_TELEGRAM: 'off',
    };
    for (const [built, stage, more] of [
      [dev, 'dev', asked],
      [prod, 'prod', {}],
    ] as const) {
      const variables = functionsOf(built.template).map(({ FunctionName, Environment }) => [
        FunctionName.replace(`smsaero-${stage}-`, ''),
        Environment.Variables,
      ]);
      const expected = Object.entries(expectedFunctions(stage)).map(([name, own]) => [
        name,
        { ...common(stage), ...more, ...own.variables },
      ]);
      assert.deepEqual(Object.fromEntries(variables), Object.fromEntries(expected));
    }
  });

  it('has one table, paid by use, whose items expire', () => {
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

  it('limits the rate of requests: to send, of reports, and of all others, each by itself', () => {
    const limits = (rate: number, burst: number) => ({
      DetailedMetricsEnabled: false,
      ThrottlingRateLimit: rate,
      ThrottlingBurstLimit: burst,
    });
    const settings = (sending: object, reports: object, others: object) => ({
      others,
      'POST /sms/{platform}': sending,
      'POST /reports/{token}': reports,
      'GET /reports/{token}': reports,
    });
    assert.deepEqual(stageSettings(dev), settings(limits(5, 10), limits(120, 140), limits(50, 100)));
    assert.deepEqual(stageSettings(prod), settings(limits(50, 100), limits(300, 500), limits(500, 1_000)));
  });

  it('names to its API only routes that each release has, and is made after them', () => {
    for (const { template } of [dev, prod]) {
      const { DependsOn = [], Properties } = template.Resources['HttpApiStage'] ?? assert.fail();
      const routes = [DependsOn].flat();
      const keys = routes.map((route) => template.Resources[route]?.Properties.RouteKey);
      assert.deepEqual(keys, ['POST /sms/{platform}', 'POST /reports/{token}', 'GET /reports/{token}']);
      assert.deepEqual(Object.keys(Properties.RouteSettings), keys);
    }
  });
});

describe('without a pool', () => {
  it('nothing of Cognito is there', () => {
    for (const { template } of [dev, prod]) {
      assert.doesNotMatch(JSON.stringify(template), /cognito|userpool/i);
      assert.deepEqual(resourcesOf(template, 'AWS::KMS::Key'), []);
      assert.deepEqual(
        resourcesOf(template, 'AWS::SQS::Queue').map(([id]) => id),
        ['CommandQueue', 'DeadLetterQueue', 'EventFailureQueue'],
      );
    }
  });
});

describe('every template', async () => {
  const packages = await Promise.all(Object.values(STAGES).map((options) => packageService(...options)));
  const templates = packages.flatMap(({ template, bucketTemplate }) => [template, bucketTemplate]);
  const isId = new Set(templates.flatMap(({ Resources }) => Object.keys(Resources)));

  it('holds only what the CloudFormation specification knows, and goes round in no circle', () => {
    for (const template of templates) {
      assert.deepEqual(problemsOf(template), []);
      assert.deepEqual(circleIn(template), []);
    }
  });

  it('holds no secret', () => {
    const resources = templates.flatMap(({ Resources }) => Object.entries(Resources));
    // Not one of these words, but in settings of Cognito, and in the name of a route.
    const shown = resources.filter(([, { Type }]) => !Type.startsWith('AWS::Cognito::'));
    for (const found of strings([shown, templates.map(({ Outputs }) => Outputs)])) {
      const text = found.replace(
        /(?<=^(GET|POST) \/reports\/\{)token(?=\}$)|^HttpApiRoute(Get|Post)ReportsTokenVar$/,
        '',
      );
      assert.doesNotMatch(text, /api.?key|secret(?!s?manager)|passw|bearer|basic |token|BEGIN .*KEY|AKIA/i);
      if (isId.has(text)) continue;
      assert.doesNotMatch(text, /(?=\w*\d)(?=\w*[A-Za-z])\w{24,}/, 'looks like a key');
    }
  });

  it('keeps every log for a limited time: a fortnight, in prod 90 days', () => {
    for (const { template } of packages) {
      const groups = resourcesOf(template, 'AWS::Logs::LogGroup').map(([, { Properties }]) => Properties);
      assert.equal(groups.length, functionsOf(template).length + 1, 'and of the API');
      const days = JSON.stringify(groups).includes('smsaero-dev') ? 14 : 90;
      for (const { RetentionInDays } of groups) assert.equal(RetentionInDays, days);
    }
  });

  it('leaves out what is not asked for: no condition, no empty ARN or URL, except for variables with a default', () => {
    for (const template of templates) {
      assert.equal(template.Conditions, undefined);
      for (const [id, { Properties }] of Object.entries(template.Resources)) {
        assert.deepEqual(
          emptyIn(Properties).filter((path) => !/\.(Environment\.Variables\.\w+|Fn::Join\.0)$/.test(path)),
          [],
          id,
        );
      }
    }
  });

  it('has no dependency that a reference says already', () => {
    for (const { Resources } of templates) {
      for (const [id, { DependsOn = [], Properties }] of Object.entries(Resources)) {
        for (const needed of [DependsOn].flat()) {
          const found = JSON.stringify(Properties ?? {}).match(
            new RegExp(`{"Ref":"${needed}"}|{"Fn::GetAtt":\\["${needed}",`),
          );
          assert.equal(found, null, `${id} depends on ${needed}`);
        }
      }
    }
  });

  it('is clean by cfn-lint, where that is installed', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'smsaero-lint-'));
    t.after(() => rm(folder, { recursive: true }));
    const files = await Promise.all(
      [...new Set(templates.map((template) => JSON.stringify(template)))].map(async (json, index) => {
        const file = join(folder, `${index}.json`);
        await writeFile(file, json);
        return file;
      }),
    );
    const ended = await promisify(execFile)('cfn-lint', [
      '--regions',
      'eu-central-1',
      'us-east-1',
      '--',
      ...files,
    ]).catch((error) => error);
    if (ended.code === 'ENOENT') return t.skip('cfn-lint is not installed');
    assert.equal(ended.stdout, '', ended.stderr);
  });
});

/** Paths of empty texts in a value. */
const emptyIn = (value: unknown, path = ''): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => emptyIn(inner, `${path}.${key}`))
    : value === ''
      ? [path]
      : [];
