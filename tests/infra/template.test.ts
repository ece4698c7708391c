import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { arnOf, expectedFunctions, REPORT_URL, roleOf } from './functions.ts';
import { functionsOf, packageService, resourcesOf } from './packaged.ts';
import { circlesIn, problemsOf, referencesIn, tagPropertyOf } from './specification.ts';

const dev = await packageService('dev');
const example = await packageService('example');
const own = await packageService('own');
const templates = [dev, example, own].map(({ template }) => template);

/** Variables that each function has, and those that the options of a package change. */
const variablesOf = (stage: string, changes: object) => ({
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
  ...changes,
});
const ASKED = { SMSAERO_GATES: 'https://gate.test/v2', SMSAERO_COUNTRIES: 'RU,KZ', SMSAERO_TELEGRAM: 'off' };
const OWN = { SMSAERO_REPORT_URL: 'https://sms.example.com/reports', SMSAERO_MONITORING: 'off' };

for (const [name, built, stage, changes] of [
  ['dev', dev, 'dev', ASKED],
  ['example', example, 'prod', { SMSAERO_MONITORING: 'full' }],
  ['own', own, 'prod', OWN],
] as const) {
  const expected = expectedFunctions(stage, name !== 'dev');

  describe(`the package ${name}`, () => {
    it('runs each function on Node 24 and arm64 with the memory, the time and the variables that it needs', () => {
      const found = functionsOf(built.template).map((properties) => {
        const { FunctionName, Handler, Runtime, Architectures, MemorySize, Timeout, Role } = properties;
        // A new account cannot reserve any.
        assert.equal(properties.ReservedConcurrentExecutions, undefined);
        assert.deepEqual(properties.LoggingConfig, { LogFormat: 'JSON', ApplicationLogLevel: 'INFO' });
        const { Variables } = properties.Environment;
        return [FunctionName, Handler, Runtime, Architectures, MemorySize, Timeout, Role, Variables];
      });
      assert.deepEqual(
        found.sort(),
        Object.entries(expected)
          .map(([name, { memory, timeout, variables }]) => [
            `smsaero-${stage}-${name}`,
            `dist/${name}/index.handler`,
            ...['nodejs24.x', ['arm64'], memory, timeout, arnOf(roleOf(name))],
            { ...variablesOf(stage, changes), ...variables },
          ])
          .sort(),
      );
    });

    it('zips the bundles, each by itself, and nothing else', () => {
      const names = Object.keys(expected).map((name) => `${name}.zip`);
      assert.deepEqual(Object.keys(built.zips).sort(), names.sort());
      for (const name of Object.keys(expected)) {
        const files = [...(built.zips[`${name}.zip`]?.keys() ?? [])];
        assert.ok(files.includes(`dist/${name}/index.mjs`), name);
        const bundled = new RegExp(`^dist/${name}/[\\w-]+\\.mjs$`);
        assert.ok(files.every((file) => bundled.test(file)));
      }
    });

    it('keeps each log for 14 days, in prod for 90: of the functions and of the API', () => {
      const groups = resourcesOf(built.template, 'AWS::Logs::LogGroup');
      assert.equal(groups.length, Object.keys(expected).length + 1);
      const days = groups.map(([, { Properties }]) => Properties.RetentionInDays);
      assert.ok(days.every((each) => each === (stage === 'dev' ? 14 : 90)));
    });
  });
}

/** Every string of a value, keys included. */
const strings = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [key, ...strings(inner)])
    : [String(value)];

/** Paths of empty texts in a value. */
const emptyIn = (value: unknown, path = ''): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => emptyIn(inner, `${path}.${key}`))
    : value === ''
      ? [path]
      : [];

describe('every template', () => {
  it('holds only what the CloudFormation specification knows, and goes round in no circle', () => {
    for (const template of templates) {
      assert.deepEqual(problemsOf(template), []);
      assert.deepEqual(circlesIn(template), []);
    }
  });

  it('holds no secret', () => {
    const isId = new Set(templates.flatMap(({ Resources }) => Object.keys(Resources)));
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

  it('leaves out what is not asked for: no condition, no empty ARN or URL, nothing of Cognito without a pool', () => {
    assert.doesNotMatch(JSON.stringify(dev.template), /cognito|userpool|AWS::KMS/i);
    for (const template of templates) {
      assert.doesNotMatch(JSON.stringify(template), /"Fn::If"|"Conditions?":"/);
      const empty = emptyIn(template.Resources);
      // Variables with a default may be.
      const wrong = empty.filter((path) => !/\.(Environment\.Variables\.\w+|Fn::Join\.0)$/.test(path));
      assert.deepEqual(wrong, []);
    }
  });

  it('has no dependency that a reference says already', () => {
    for (const { Resources } of templates) {
      for (const [id, { DependsOn = [], Properties = {} }] of Object.entries(Resources)) {
        const said = referencesIn(Properties).map((name) => name.split('.')[0]);
        const twice = [DependsOn].flat().filter((needed) => said.includes(needed));
        assert.deepEqual(twice, [], id);
      }
    }
  });

  it('has the tags service and stage on each resource that takes tags', () => {
    for (const [stage, { Resources }] of [
      ['dev', dev.template],
      ['prod', example.template],
    ] as const) {
      const taking = Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
        const property = tagPropertyOf(Type);
        // Not every region's CloudFormation takes tags of dashboards yet: cfn-lint's schema of us-east-1 has none.
        return property && Type !== 'AWS::CloudWatch::Dashboard' ? [[id, Properties[property]] as const] : [];
      });
      assert.ok(taking.length > 30);
      for (const [id, tags] of taking) {
        const list = Array.isArray(tags)
          ? tags
          : Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
        const values = ['service', 'stage'].map((key) => list.find(({ Key }) => Key === key)?.Value);
        assert.deepEqual(values, ['smsaero', stage], id);
      }
    }
  });

  it('is clean by cfn-lint, where that is installed', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'smsaero-lint-'));
    t.after(() => rm(folder, { recursive: true }));
    // All of `dev` is in `example`.
    const files = await Promise.all(
      Object.entries({ example, own }).map(async ([name, { template }]) => {
        const file = join(folder, `${name}.json`);
        await writeFile(file, JSON.stringify(template));
        return file;
      }),
    );
    const options = ['--regions', 'eu-central-1', 'us-east-1', '--', ...files];
    const ended = await promisify(execFile)('cfn-lint', options).catch((error) => error);
    if (ended.code === 'ENOENT') return t.skip('cfn-lint is not installed');
    assert.equal(ended.stdout, '', ended.stderr);
  });
});

it('the comparison with the CloudFormation specification finds all that is wrong, and nothing else', () => {
  const Api = { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'test', ProtocolType: 'HTTP' } };
  const api = (...stages: object[]) => ({
    Resources: {
      Api,
      ...Object.fromEntries(
        stages.map((Properties, index) => [`S${index}`, { Type: 'AWS::ApiGatewayV2::Stage', Properties }]),
      ),
    },
    Outputs: { Url: { Value: { 'Fn::Sub': `https://\${Api}.execute-api.\${AWS::Region}.amazonaws.com` } } },
  });
  const right = { ApiId: { 'Fn::GetAtt': ['Api', 'ApiId'] }, StageName: 'x', DefaultRouteSettings: {} };
  assert.deepEqual(problemsOf(api(right)), []);
  const DefaultRouteSettings = { Rate: 1, ThrottlingRateLimit: 5, ThrottlingBurstLimit: 0.5 };
  const wrong = api(
    { ApiId: { Ref: 'Gone' }, Throttling: 1, DefaultRouteSettings },
    { ApiId: { 'Fn::GetAtt': ['Api', 'Gone'] }, StageName: 1, AutoDeploy: 'yes' },
  );
  assert.deepEqual(problemsOf({ ...wrong, Resources: { ...wrong.Resources, B: { Type: 'AWS::A::B' } } }), [
    'S0.StageName: required',
    'S0.Throttling: unknown',
    'S0.DefaultRouteSettings.Rate: unknown',
    'S0.DefaultRouteSettings.ThrottlingBurstLimit: an integer is expected',
    'S1.StageName: a string is expected',
    'S1.AutoDeploy: a boolean is expected',
    'B: unknown type AWS::A::B',
    'S0: Gone does not exist',
    'S1: Api.Gone does not exist',
  ]);
});

it('the search for circles finds one by whatever makes one resource need another', () => {
  const circle = (Properties: object, more: object = {}) =>
    circlesIn({
      Resources: {
        A: { Type: 'T', Properties, ...more },
        B: { Type: 'T', Properties: { Arn: { 'Fn::GetAtt': ['C', 'Arn'] } } },
        C: { Type: 'T', DependsOn: ['A'] },
      },
      Outputs: {},
    });
  assert.deepEqual(circle({}), []);
  for (const way of [circle({ Names: [{ 'Fn::Sub': `to \${B.Arn}` }] }), circle({}, { DependsOn: 'B' })]) {
    assert.deepEqual(way, ['A', 'B', 'C']);
  }
});
