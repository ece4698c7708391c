import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import type { LogFields } from '../../../lib/observability/logger.ts';
import { MessageLog } from '../../../lib/observability/message-log.ts';
import { describeError, maskPhone } from '../../../lib/observability/redact.ts';

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
  const args = ['--input-type=module', '--eval', script];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  return stdout + stderr;
}

const linesOf = (output: string) => (output.match(/.+/g) ?? []).map((line) => JSON.parse(line));

describe('PowertoolsLog', () => {
  it('says what an error is wherever it is in the fields, and nothing that it quotes or carries', () => {
    const output = outputOf(`
      const cause = Object.assign(new TypeError('to +7 903 123-45-67'), { code: 'E482913', body: 'Код: 482913' });
      const error = Object.assign(new Error('code 482913\\napiKey=ТАЙНА', { cause }), { apiKey: 'ТАЙНА' });
      error.message = 'code 482913 was not sent after 2 tries';
      log.error('broken', error, { reason: 'test' });
      for (const level of ['info', 'warn']) log[level]('odd', { error, list: [{ error }] });
    `);
    const [info, { level, message, reason, problem, ...rest }, warning] = linesOf(output);
    assert.deepEqual([level, message, reason], ['ERROR', 'broken', 'test']);
    assert.deepEqual([problem.name, problem.message], ['Error', 'code ••• was not sent after 2 tries']);
    const { name, code, message: because } = problem.cause;
    assert.deepEqual([name, code, because], ['TypeError', 'E•••', 'to +•••']);
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

it('MessageLog adds up the times of a step that runs twice, also one that failed, and gives what it gives', async (test) => {
  let clock = 0;
  test.mock.method(performance, 'now', () => clock);
  const lines: LogFields[] = [];
  const note = (_: string, fields: LogFields = {}) => void lines.push(fields);
  const log = { info: note, warn: note, error: () => assert.fail('there is no error') };
  const request = {
    platform: 'logto',
    recipient: '+79031234567',
    usageType: 'SignIn',
    variables: {},
    deadline: 0,
  };

  const line = new MessageLog(request);
  const later = await line.time('gateway', async () => {
    clock += 30;
    return 'later';
  });
  const now = await line.time('template', () => {
    clock += 0.25;
    return 'now';
  });
  assert.deepEqual([later, now], ['later', 'now']);
  const failing = line.time('gateway', async () => {
    clock += 12.5;
    throw new Error('broken');
  });
  await assert.rejects(failing, /broken/);
  line.write(log, { count: () => undefined }, { status: 'failed', reason: 'unavailable' }, true);
  assert.deepEqual(lines[0]?.['ms'], { gateway: 42.5, template: 0.3, total: 42.8 });
});

it('maskPhone shows the beginning and the end, and less of a short number', () => {
  for (const [number, masked] of [
    ['+79031234567', '+7903•••4567'],
    ['+375291234567', '+3752•••4567'],
    ['+6561234567', '+6561•••67'],
    ['+2901234', '+29•••34'],
    ['+29012', '+•••12'],
  ] as const) {
    assert.equal(maskPhone(number), masked);
  }
});

describe('describeError', () => {
  it('strikes out digits of every script, and those that the cut at 500 characters goes through', () => {
    assert.equal(describeError(new Error('code ４８２９１３ or ٤٨٢٩١٣')).message, 'code ••• or •••');
    for (let length = 490; length <= 500; length += 1) {
      assert.doesNotMatch(describeError(new Error(`${'x'.repeat(length)}482913`)).message, /\d/);
    }
  });

  it('has a cause only where the error has one', () => {
    assert.equal(describeError(new Error('alone')).cause, undefined);
    assert.equal(describeError(new Error('alone', { cause: undefined })).cause, undefined);
    assert.equal(describeError(new Error('thrown by hand', { cause: null })).cause?.name, 'object');
  });

  it('follows two causes, and no circle', () => {
    const chain = ['third', 'second', 'first', 'error'].reduce<Error | undefined>(
      (cause, message) => (cause ? new Error(message, { cause }) : new Error(message)),
      undefined,
    );
    const described = describeError(chain);
    assert.deepEqual(
      [described.message, described.cause?.message, described.cause?.cause?.message],
      ['error', 'first', 'second'],
    );
    assert.equal(described.cause?.cause?.cause, undefined);
    assert.equal(describeError(chain, 0).cause, undefined);
    const circle: Error = new Error('circle');
    circle.cause = circle;
    assert.equal(describeError(circle).cause?.cause?.message, 'circle');
  });

  it('keeps no line of a message in the stack', () => {
    const described = describeError(new Error('first\nsecond secret line\n   third'));
    assert.ok(described.stack?.every((frame) => frame.startsWith('at ')));
    assert.ok((described.stack?.length ?? 0) > 0);
    const framed = describeError(new Error('first\n    at +7 903 123-45-67 the code'));
    assert.doesNotMatch(framed.stack?.join() ?? '', /the code/, 'a line that looks like a frame');
  });

  it('says nothing of what is not an error', () => {
    assert.deepEqual(describeError('482913'), {
      name: 'string',
      message: 'A value that is not an error was thrown',
    });
  });
});
