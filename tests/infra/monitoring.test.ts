import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { METRICS, type MetricShape } from '../../lib/observability/metric-names.ts';
import { alarmsOf, metricsOf } from './alarms.ts';
import { functionsOf, packageService, propertiesIn, resourcesOf, type Template } from './packaged.ts';

const { template: off } = await packageService('own');
const { template: basic } = await packageService('dev');
const { template: full } = await packageService('example'); // with Cognito, which has an alarm and three metrics in others

const BASIC = [
  ...['balance', 'configuration', 'credentials', 'dead-letters', 'event-failures', 'failures'],
  ...['function-errors', 'refusals'],
];
const FULL = [
  ...['api-throttles', 'cognito-failures', 'command-age', 'configuration-age', 'days-left', 'deliveries'],
  ...['function-throttles', 'table'],
];

/** The names of the alarms and the level that the functions are told; how many of AWS's resources there are, by type. */
const foundIn = (template: Template) => ({
  alarms: [...alarmsOf(template).keys()].sort(),
  levels: [
    ...new Set(functionsOf(template).map(({ Environment }) => Environment.Variables.SMSAERO_MONITORING)),
  ],
  counts: ['CloudWatch::Dashboard', 'Logs::MetricFilter', 'SNS::Topic'].map(
    (type) => resourcesOf(template, `AWS::${type}`).length,
  ),
  outputs: ['AlarmTopicArn', 'DashboardUrl'].filter((name) => name in template.Outputs),
});

describe('the levels of monitoring', () => {
  for (const [what, template, expected] of [
    ['off leaves logs only', off, { alarms: [], levels: ['off'], counts: [0, 0, 0], outputs: [] }],
    [
      'basic, the default, has the alarms that a person has to act on',
      basic,
      { alarms: BASIC, levels: ['basic'], counts: [0, 0, 1], outputs: ['AlarmTopicArn'] },
    ],
    [
      'full has more alarms, and the dashboard',
      full,
      {
        alarms: [...BASIC, ...FULL].sort(),
        levels: ['full'],
        counts: [1, 1, 1],
        outputs: ['AlarmTopicArn', 'DashboardUrl'],
      },
    ],
  ] as const) {
    it(what, () => assert.deepEqual(foundIn(template), expected));
  }

  it('basic writes the metrics of its alarms, and no other', () => {
    const looked = [...alarmsOf(basic).values()].flatMap(metricsOf);
    const ours = looked.filter(({ namespace }) => namespace === 'SmsAero');
    for (const { by } of ours) assert.deepEqual(Object.keys(by), ['service']);
    const shapes: [string, MetricShape][] = Object.entries(METRICS);
    assert.deepEqual(
      [...new Set(ours.map(({ name }) => name))].sort(),
      shapes.flatMap(([name, shape]) => (shape.basic ? [name] : [])).sort(),
    );
  });

  it('notify one topic, on which CloudWatch publishes for this account only', () => {
    assert.equal(propertiesIn(basic, 'AlarmTopic').TopicName, 'smsaero-dev-alarms');
    const { Topics, PolicyDocument } = propertiesIn(basic, 'AlarmTopicPolicy');
    assert.deepEqual(Topics, [{ Ref: 'AlarmTopic' }]);
    const alarms = `arn:\${AWS::Partition}:cloudwatch:\${AWS::Region}:\${AWS::AccountId}:alarm:*`;
    assert.deepEqual(PolicyDocument.Statement, [
      {
        Sid: 'PublishAlarms',
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: { Ref: 'AlarmTopic' },
        Condition: {
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
          ArnLike: { 'aws:SourceArn': { 'Fn::Sub': alarms } },
        },
      },
    ]);
  });
});

/** What account-monitor writes of an account of which all is known while nobody sends: each metric with its dimensions, once. */
async function idleMetrics(level: string): Promise<Set<string>> {
  const report = {
    gates: ['org', 'net', 'ru'].map((gate) => ({ gate, ok: true, reached: true, ms: 90 })),
    balance: 1000,
    senderName: {
      name: 'Mine',
      kind: 'own',
      accepted: true,
      approved: ['A', 'B', 'C', 'D', 'E'],
      pending: [],
    },
    configuration: 'ok',
    configurationAge: 3,
  };
  const lib = new URL('../../lib/', import.meta.url);
  const script = `
    const { PowertoolsMetrics } = await import('${lib}observability/metrics.ts');
    const { measureReport } = await import('${lib}account/watch-account.ts');
    measureReport(new PowertoolsMetrics(), ${JSON.stringify(report)}, { lastDay: 0 });`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { POWERTOOLS_SERVICE_NAME: 'smsaero-prod', SMSAERO_MONITORING: level },
  });
  const lines = stdout.split('\n').filter((line) => line !== '');
  const written = lines
    .map((line) => JSON.parse(line))
    .flatMap(({ _aws, ...values }) =>
      _aws.CloudWatchMetrics[0].Dimensions.flatMap((names: string[]) =>
        _aws.CloudWatchMetrics[0].Metrics.map(({ Name }: { Name: string }) =>
          [Name, ...names.map((name) => values[name])].join(' '),
        ),
      ),
    );
  return new Set(written);
}

describe('what a level costs a month while nobody sends', async () => {
  const costs = await readFile(new URL('../../docs/operations/costs.md', import.meta.url), 'utf8');
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const noCognito = (template: Template): number =>
    [...alarmsOf(template).values()]
      .flatMap(metricsOf)
      .filter(({ by }) => !/cognito/i.test(JSON.stringify(by))).length;

  for (const [level, template, most] of [
    ['off', off, 1],
    ['basic', basic, 4],
    ['full', full, 20],
  ] as const) {
    it(`is with ${level} what the table says, and at most $${most} with all else that is deployed`, async () => {
      const looks = noCognito(template);
      const metrics = (await idleMetrics(level)).size;
      const dashboards = resourcesOf(template, 'AWS::CloudWatch::Dashboard').length;
      // List prices of CloudWatch, USD a month: docs/operations/costs.md.
      const cost = 0.1 * looks + 0.3 * metrics + 3 * dashboards;
      const row = `| \`${level}\` | ${looks} | ${metrics} | ${dashboards} | $${cost.toFixed(2)} |`;
      assert.ok(costs.includes(row), row);
      const [, rest = ''] = /The rest of the stack costs about \$(\d\.\d\d)/.exec(costs) ?? assert.fail();
      const sum = cost + Number(rest);
      assert.ok(sum <= most);
      const [, said = ''] =
        new RegExp(`^ *\\| \`${level}\` .*\\$(\\d+\\.\\d) \\|$`, 'm').exec(readme) ?? assert.fail();
      assert.equal(said, sum.toFixed(1));
    });
  }

  it('adds up to what the page says of 1,000 codes and more', () => {
    const found = (form: RegExp): number => Number(form.exec(costs)?.[1] ?? assert.fail(String(form)));
    const rest = found(/The rest of the stack costs about \$(\d\.\d\d)/);
    const million = found(/^\| \*\*sum\*\* \| \| \*\*([\d.]+)\*\* \|/m);
    const busy = [
      0,
      found(/`basic` writes all its seven metrics: \$([\d.]+\d)/),
      found(/writes about 45: \$([\d.]+\d)/),
    ];
    for (const codes of [1_000, 100_000, 1_000_000]) {
      const use = (million * codes) / 1_000_000;
      const row =
        new RegExp(`^\\| \\**${codes.toLocaleString('en')}\\** \\| (.*) \\|$`, 'm').exec(costs)?.[1] ??
        assert.fail();
      const figures = row
        .split(' | ')
        .slice(0, 4)
        .map((cell) => cell.replace(' at most', ''));
      assert.deepEqual(
        figures,
        [use, ...busy.map((monitoring) => use + rest + monitoring)].map((sum) => sum.toFixed(2)),
      );
    }
    const parts = Array.from(
      costs
        .slice(costs.indexOf('## What a million codes cost'), costs.indexOf('| **sum** |'))
        .matchAll(/ \| (\d+\.\d\d) \|/g),
      ([, usd]) => Number(usd),
    );
    assert.equal(parts.reduce((sum, usd) => sum + usd).toFixed(2), million.toFixed(2));
  });
});
