import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

const LOGGER = new URL('../../../lib/observability/logger.ts', import.meta.url).href;

/** The start of an invocation. */
const START = `log.startInvocation({
  awsRequestId: '00000000-0000-4000-8000-000000000001',
  functionName: 'smsaero-test-sms-hook',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:smsaero-test-sms-hook',
  memoryLimitInMB: '1769',
});`;

/** What a process of its own writes to standard output and standard error while it runs this with a `log`. */
function outputOf(statements: string, env: Record<string, string> = {}): string {
  const script = `import { PowertoolsLog } from ${JSON.stringify(LOGGER)}; const log = new PowertoolsLog(); ${statements}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    env,
  });
  return `${stdout}${stderr}`;
}

const linesOf = (output: string) =>
  output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('PowertoolsLog', () => {
  it('says what an error is wherever it is in the fields, and nothing that it quotes or carries', () => {
    const output = outputOf(`
      const cause = Object.assign(new TypeError('to +7 903 123-45-67'), { code: 'E_WRITE', body: 'Код: 482913' });
      const error = Object.assign(new Error('code 482913\\napiKey=ТАЙНА', { cause }), { apiKey: 'ТАЙНА' });
      error.message = 'code 482913 was not sent';
      log.error('broken', error, { reason: 'test' });
      for (const level of ['info', 'warn']) log[level]('odd', { error, list: [{ error }] });
    `);
    const [info, { level, message, reason, problem, ...rest }, warning] = linesOf(output);
    assert.deepEqual([level, message, reason], ['ERROR', 'broken', 'test']);
    assert.deepEqual([problem.name, problem.message], ['Error', 'code ••• was not sent']);
    const { name, code, message: because } = problem.cause;
    assert.deepEqual([name, code, because], ['TypeError', 'E_WRITE', 'to +•••']);
    assert.deepEqual(Object.keys(rest).sort(), ['sampling_rate', 'service', 'timestamp']);
    for (const { error, list } of [info, warning])
      assert.deepEqual([error, list], [problem, [{ error: problem }]]);
    assert.doesNotMatch(output, /482913|4567|ТАЙНА/);
  });

  it('names the invocation in its lines, with the fields that docs/operations/log-and-metrics.md promises', () => {
    const output = outputOf(`log.info('before'); ${START} log.info('sms', { outcome: 'accepted' });`, {
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      POWERTOOLS_SERVICE_NAME: 'smsaero-test',
      _X_AMZN_TRACE_ID: 'Root=1-6720c2a0-000000000000000000000000;Parent=53995c3f42cd8ad8;Sampled=0',
    });
    const [before, sms] = linesOf(output);
    assert.equal(before.function_request_id, undefined);
    const { timestamp, ...fields } = sms;
    assert.match(timestamp, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.deepEqual(fields, {
      level: 'INFO',
      message: 'sms',
      service: 'smsaero-test',
      cold_start: true,
      function_arn: 'arn:aws:lambda:eu-central-1:123456789012:function:smsaero-test-sms-hook',
      function_memory_size: '1769',
      function_name: 'smsaero-test-sms-hook',
      function_request_id: '00000000-0000-4000-8000-000000000001',
      sampling_rate: 0,
      xray_trace_id: '1-6720c2a0-000000000000000000000000',
      outcome: 'accepted',
    });
  });

  it('samples at each invocation, not once in a process', () => {
    const output = outputOf(`log.info('before'); ${START} log.info('after'); ${START} log.info('later');`, {
      POWERTOOLS_LOG_LEVEL: 'ERROR',
      POWERTOOLS_LOGGER_SAMPLE_RATE: '1',
    });
    assert.equal(output.match(/due to sampling rate/g)?.length, 2, output); // at the start, and at the second invocation
    assert.match(output, /"message":"later"/);
  });
});
