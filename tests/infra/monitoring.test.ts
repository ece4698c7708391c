import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { METRICS, type MetricShape } from '../../lib/observability/metric-names.ts';
import { functionsOf, type Package, packageService, resourcesOf, STAGES } from './packaged.ts';

const off = await packageService(...STAGES.quiet);
const basic = await packageService(...STAGES.prod);
const full = await packageService(...STAGES.example); // with Cognito, which has an alarm and three metrics in others

const BASIC = [
  ...['balance', 'configuration', 'credentials', 'dead-letters', 'event-failures', 'failures'],
  ...['function-errors', 'refusals'],
];
const FULL = [
  ...['api-throttles', 'cognito-failures', 'command-age', 'configuration-age', 'days-left', 'deliveries'],
  ...['function-throttles', 'table'],
];

const alarmsOf = ({ template }: Package) =>
  resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
const namesOf = (built: Package) =>
  alarmsOf(built)
    .map(({ AlarmName }) => AlarmName.replace('smsaero-prod-', ''))
    .sort();
/** Every metric of every alarm: CloudWatch takes money for each, however many alarms look at it. */
const looksOf = (
  built: Package,
): { Namespace: string; MetricName: string; Dimensions: { Name: string }[] }[] =>
  alarmsOf(built).flatMap(({ Metrics, ...alarm }) =>
    Metrics
      ? Metrics.flatMap(({ MetricStat }: { MetricStat?: { Metric: object } }) => MetricStat?.Metric ?? [])
      : [alarm],
  );
const levelsOf = ({ template }: Package) =>
  new Set(functionsOf(template).map(({ Environment }) => Environment.Variables.SMSAERO_MONITORING));

describe('monitoring=off', () => {
  it('leaves logs only: no alarm, no topic, no dashboard, no metric that is counted from a log', () => {
    for (const type of ['CloudWatch::Alarm', 'CloudWatch::Dashboard', 'Logs::MetricFilter', 'SNS::Topic']) {
      assert.deepEqual(resourcesOf(off.template, `AWS::${type}`), [], type);
    }
    assert.ok(!('AlarmTopicArn' in off.template.Outputs || 'DashboardUrl' in off.template.Outputs));
    assert.ok(resourcesOf(off.template, 'AWS::Logs::LogGroup').length > 7);
    assert.deepEqual([...levelsOf(off)], ['off']);
  });
});

describe('monitoring=basic', () => {
  it('is the default, and has the alarms that a person has to act on, and no dashboard', () => {
    assert.deepEqual(namesOf(basic), BASIC);
    assert.deepEqual(resourcesOf(basic.template, 'AWS::CloudWatch::Dashboard'), []);
    assert.deepEqual(resourcesOf(basic.template, 'AWS::Logs::MetricFilter'), []);
    assert.ok(!('DashboardUrl' in basic.template.Outputs));
    assert.deepEqual([...levelsOf(basic)], ['basic']);
  });

  it('writes the metrics of its alarms, and no other', () => {
    const looked = looksOf(basic).filter(({ Namespace }) => Namespace === 'SmsAero');
    for (const { Dimensions } of looked)
      assert.deepEqual(
        Dimensions.map(({ Name }) => Name),
        ['service'],
      );
    const shapes: [string, MetricShape][] = Object.entries(METRICS);
    assert.deepEqual(
      [...new Set(looked.map(({ MetricName }) => MetricName))].sort(),
      shapes.flatMap(([name, shape]) => (shape.basic ? [name] : [])).sort(),
    );
  });

  it('notify one topic, on which CloudWatch publishes for this account only', () => {
    const [[, topic] = [], ...others] = resourcesOf(basic.template, 'AWS::SNS::Topic');
    assert.deepEqual(others, []);
    assert.deepEqual(topic?.Properties.TopicName, 'smsaero-prod-alarms');
    assert.deepEqual(basic.template.Resources['AlarmTopicPolicy']?.Properties, {
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
    assert.deepEqual(basic.template.Outputs['AlarmTopicArn']?.Value, { Ref: 'AlarmTopic' });
  });
});

describe('monitoring=full', () => {
  it('has more alarms, and the dashboard', () => {
    assert.deepEqual(namesOf(full), [...BASIC, ...FULL].sort());
    assert.equal(resourcesOf(full.template, 'AWS::CloudWatch::Dashboard').length, 1);
    assert.ok('DashboardUrl' in full.template.Outputs && 'AlarmTopicArn' in full.template.Outputs);
    assert.deepEqual([...levelsOf(full)], ['full']);
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
  const noCognito = (built: Package): number =>
    looksOf(built).filter(({ Dimensions }) => !/cognito/i.test(JSON.stringify(Dimensions))).length;

  for (const [level, built, most] of [
    ['off', off, 1],
    ['basic', basic, 4],
    ['full', full, 20],
  ] as const) {
    it(`is with ${level} what the table says, and at most $${most} with all else that is deployed`, async () => {
      const looks = noCognito(built);
      const metrics = (await idleMetrics(level)).size;
      const dashboards = resourcesOf(built.template, 'AWS::CloudWatch::Dashboard').length;
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

describe('the tags', () => {
  const specification = loadAwsServiceSpecSync();
  for (const [level, built] of Object.entries({ off, basic, full })) {
    it(`service and stage are on every resource that takes tags, with ${level}`, () => {
      let tagged = 0;
      for (const [id, { Type, Properties = {} }] of Object.entries(built.template.Resources)) {
        const [found] = specification.lookup('resource', 'cloudFormationType', 'equals', Type);
        const { tagPropertyName, variant } = found?.tagInformation ?? {};
        // Not every region's CloudFormation takes tags of dashboards yet: cfn-lint's schema of us-east-1 has none.
        if (!tagPropertyName || Type === 'AWS::CloudWatch::Dashboard') continue;
        tagged += 1;
        const tags = Properties[tagPropertyName];
        const byKey =
          variant === 'map'
            ? tags
            : Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
        assert.deepEqual([byKey?.service, byKey?.stage], ['smsaero', 'prod'], `${id}, ${Type}`);
      }
      assert.ok(tagged > 30);
    });
  }
});
