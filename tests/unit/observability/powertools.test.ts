import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

const [logger, metrics] = ['logger', 'powertools-metrics'].map(
  (name) => new URL(`../../../lib/observability/${name}.ts`, import.meta.url).href,
);

const CONTEXT = {
  awsRequestId: '00000000-0000-4000-8000-000000000001',
  functionName: 'smsaero-test-sms-hook',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:smsaero-test-sms-hook',
  memoryLimitInMB: '1769',
};

const FIELDS = { outcome: 'accepted', cost: 4.19, none: undefined, nothing: null, empty: '', ms: { a: 0.1 } };

/** What Powertools and our own code write for the same calls in the same environment: two lists of lines. */
function bothOf(ours: string, theirs: string, env: Record<string, string>) {
  const run = (script: string) => {
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      cwd: import.meta.dirname,
      env,
    });
    const texts = (stream: string) =>
      stream
        .replace(/"timestamp":"[^"]{24}"/g, '"timestamp":""')
        .replace(/"Timestamp":\d{13}/g, '"Timestamp":0');
    return [texts(stdout), texts(stderr)];
  };
  return [run(ours), run(theirs)];
}

/** Two invocations, and lines before, between and after. */
const LOGGED = `
  log.info('before');
  log.warn('before', ${JSON.stringify(FIELDS)});
  for (const id of ['first', 'second']) {
    start({ ...${JSON.stringify(CONTEXT)}, awsRequestId: id });
    log.info('sms', { ...${JSON.stringify(FIELDS)}, none: undefined });
    log.warn('a "quoted" \\n word', { list: ['ё', 1, null], nothing: null });
  }
`;

const ENVIRONMENTS: Record<string, Record<string, string>> = {
  'no variables': {},
  'as Lambda sets them': {
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    POWERTOOLS_SERVICE_NAME: 'smsaero-test',
    _X_AMZN_TRACE_ID: 'Root=1-6720c2a0-000000000000000000000000;Parent=53995c3f42cd8ad8;Sampled=0',
    TZ: ':UTC',
  },
  'provisioned concurrency, a bare trace id': {
    AWS_LAMBDA_INITIALIZATION_TYPE: 'provisioned-concurrency',
    _X_AMZN_TRACE_ID: '1-6720c2a0-000000000000000000000000',
  },
  'warnings and worse': { POWERTOOLS_LOG_LEVEL: 'WARN' },
  "Lambda's level before ours": { POWERTOOLS_LOG_LEVEL: 'INFO', AWS_LAMBDA_LOG_LEVEL: 'ERROR' },
  'fatal alone': { AWS_LAMBDA_LOG_LEVEL: 'FATAL' },
  'a level of another name': { POWERTOOLS_LOG_LEVEL: 'LOUD', LOG_LEVEL: 'WARN' },
  'the other variable': { LOG_LEVEL: 'WARN' },
  silence: { POWERTOOLS_LOG_LEVEL: 'SILENT' },
};

describe('PowertoolsLog beside Powertools Logger', () => {
  for (const [name, env] of Object.entries(ENVIRONMENTS)) {
    it(`writes the same to the same streams: ${name}`, () => {
      const [ours, theirs] = bothOf(
        `import { PowertoolsLog } from '${logger}'; const log = new PowertoolsLog();
         const start = (context) => log.startInvocation(context); ${LOGGED}`,
        `import { Logger } from '@aws-lambda-powertools/logger';
         const log = new Logger({ serviceName: process.env.POWERTOOLS_SERVICE_NAME ?? 'smsaero' });
         const start = (context) => log.addContext(context); ${LOGGED}`,
        env,
      );
      assert.deepEqual(ours, theirs);
    });
  }
});

describe('PowertoolsMetrics beside Powertools Metrics', () => {
  for (const env of [{}, { POWERTOOLS_METRICS_DISABLED: 'true' }, { POWERTOOLS_DEV: '1' }]) {
    it(`writes the same, with one set of dimensions and with two: ${JSON.stringify(env)}`, () => {
      const [ours, theirs] = bothOf(
        `import { PowertoolsMetrics } from '${metrics}'; const metrics = new PowertoolsMetrics();
         metrics.measure({ Accepted: 1, GatewayTime: 150.5, GuardSkipped: undefined });
         metrics.measure({ Delivered: 1, DeliveryTime: 3 }, { Country: 'RU', Sender: 'Ёж "1"' });`,
        `import { Metrics } from '@aws-lambda-powertools/metrics';
         const metrics = new Metrics({ namespace: 'SmsAero', serviceName: 'smsaero' });
         metrics.addMetric('Accepted', 'Count', 1).addMetric('GatewayTime', 'Milliseconds', 150.5).publishStoredMetrics();
         metrics.addDimensions({}).addDimensions({ Country: 'RU', Sender: 'Ёж "1"' });
         metrics.addMetric('Delivered', 'Count', 1).addMetric('DeliveryTime', 'Seconds', 3).publishStoredMetrics();`,
        env,
      );
      assert.deepEqual(ours, theirs);
    });
  }
});
