import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseEnvironment } from '../../lib/environment.ts';

const parse = (variables: Record<string, string>) =>
  parseEnvironment({ SMSAERO_CONFIG_PATH: '/smsaero/dev', ...variables });

const KEY_ARN = 'arn:aws:kms:eu-central-1:111122223333:key/0f2a-4b';
const QUEUE_URL = 'https://sqs.eu-central-1.amazonaws.com/111122223333/smsaero-prod-commands';

describe('parseEnvironment', () => {
  it('has defaults for all but the path', () => {
    assert.deepEqual(parse({}), {
      configPath: '/smsaero/dev',
      gates: ['https://gate.smsaero.org/v2', 'https://gate.smsaero.net/v2', 'https://gate.smsaero.ru/v2'],
      countries: ['RU'],
      textPlatforms: [],
      telegram: true,
      deadline: 2000,
      configRefresh: 300,
      table: undefined,
      reportUrl: undefined,
      guard: {
        timeout: 500,
        required: false,
        recipientInterval: 30,
        recipientPer10Minutes: 5,
        recipientPerDay: 10,
        addressPerHour: 20,
        blockPerHour: 30,
        totalPerHour: 1000,
        rangeLimits: new Map(),
      },
      challenge: { wrongAnswersPerHour: 10, wrongAnswersPerDay: 30, answerTime: 2_000 },
      cognitoKeyArn: '',
      queue: { queueUrl: '', deadLetterQueueUrl: '', concurrency: 5 },
    });
    const empty = { SMSAERO_GATES: '', SMSAERO_PLATFORM_TEXT: ' ', SMSAERO_COUNTRIES: ' ' };
    assert.deepEqual(parse({ ...empty, SMSAERO_DEADLINE_MS: '' }), parse({}));
  });

  it('understands "off" as people write it', () => {
    const values = ['off', 'Off', 'FALSE', ' false ', 'on', 'true', ''];
    const read = values.map((value) => parse({ SMSAERO_TELEGRAM: value }).telegram);
    assert.deepEqual(read, [false, false, false, false, true, true, true]);
  });

  it('reads lists and numbers, and drops slashes at the end', () => {
    const { configPath, gates, countries, textPlatforms, deadline } = parse({
      SMSAERO_CONFIG_PATH: '/smsaero/prod/',
      SMSAERO_GATES: ' https://a.example/v2/ , http://127.0.0.1:4010/v2,http://[::1]:1/v2,',
      SMSAERO_COUNTRIES: 'ru, KZ',
      SMSAERO_PLATFORM_TEXT: 'zitadel, okta',
      SMSAERO_DEADLINE_MS: '1500',
    });
    assert.deepEqual([configPath, deadline], ['/smsaero/prod', 1500]);
    assert.equal([...countries, ...textPlatforms].join(), 'RU,KZ,zitadel,okta');
    assert.deepEqual(gates, ['https://a.example/v2', 'http://127.0.0.1:4010/v2', 'http://[::1]:1/v2']);
  });

  for (const [name, values] of Object.entries({
    SMSAERO_CONFIG_PATH: ['smsaero'],
    SMSAERO_GATES: [
      ...['http://gate.smsaero.org/v2', 'https://gate.smsaero.org/v2,http://127.0.0.1.evil.example/v2'],
      ...['https://owner:482913secret@gate.smsaero.org/v2', 'gate.smsaero.org', ','],
    ],
    SMSAERO_REPORT_URL: ['http://example.com/reports', '/reports'],
    SMSAERO_TELEGRAM: ['no', '0'],
    SMSAERO_COUNTRIES: ['Russia', 'RU,R1'],
    SMSAERO_CONFIG_REFRESH_S: ['-1'],
    SMSAERO_DEADLINE_MS: ['soon', '10', '1e9'],
    SMSAERO_GUARD_REQUIRED: ['yes'],
    SMSAERO_LIMIT_ADDRESS_HOUR: ['-1'],
    SMSAERO_LIMIT_BLOCK_HOUR: ['1001'],
    SMSAERO_LIMIT_TOTAL_HOUR: ['1.5'],
    SMSAERO_LIMIT_RANGE_HOUR: [
      ...['482913', 'KZ', 'KZ:', 'KZ:-1', 'KZ:1.5', 'KZ:10000000', 'KZ:20;RU:0', 'KZ:20,RU-95:0'],
      ...['RU-9540:0,KZ:20', '7954:0', 'KAZ:20', 'KZ:20,RU:5,kz:0'],
    ],
    SMSAERO_LIMIT_WRONG_ANSWERS_HOUR: ['0'],
    SMSAERO_LIMIT_WRONG_ANSWERS_DAY: ['0'],
    SMSAERO_CHALLENGE_TIME_MS: ['999', '4001'],
    SMSAERO_COGNITO_KEY_ARN: ['alias/482913', `${KEY_ARN.replace(':key/', ':alias/')}482913`],
    SMSAERO_QUEUE_URL: ['smsaero-prod-commands'],
    SMSAERO_DEAD_LETTER_QUEUE_URL: ['smsaero-prod-dead-letters'],
    SMSAERO_QUEUE_CONCURRENCY: ['0', '101', 'many'],
  })) {
    it(`refuses ${values.length} values of ${name} by its name, without the value`, () => {
      for (const value of values) {
        assert.throws(
          () => parse({ [name]: value }),
          (error: Error) =>
            error.message.startsWith(`Bad environment: ${name} `) && !error.message.includes('482913'),
          value,
        );
      }
    });
  }

  it('reads limits of countries and ranges, the URL of reports, the key of the codes and the queues', () => {
    const { guard, reportUrl, cognitoKeyArn, queue } = parse({
      SMSAERO_LIMIT_RANGE_HOUR: ' kz:20, RU-954:0 ,RU:9999999,',
      SMSAERO_REPORT_URL: 'https://sms.example.com/reports/',
      SMSAERO_COGNITO_KEY_ARN: KEY_ARN,
      SMSAERO_QUEUE_URL: QUEUE_URL,
      SMSAERO_QUEUE_CONCURRENCY: '20',
    });
    assert.deepEqual(Object.fromEntries(guard.rangeLimits), { KZ: 20, 'RU-954': 0, RU: 9_999_999 });
    assert.equal(reportUrl, 'https://sms.example.com/reports');
    assert.equal(cognitoKeyArn, KEY_ARN);
    assert.deepEqual(queue, { queueUrl: QUEUE_URL, deadLetterQueueUrl: '', concurrency: 20 });
  });

  it('needs what the function says that it needs', () => {
    const variables = { SMSAERO_CONFIG_PATH: '/smsaero/dev', SMSAERO_QUEUE_URL: ' ' };
    assert.throws(() => parseEnvironment(variables, ['SMSAERO_QUEUE_URL', 'SMSAERO_DEAD_LETTER_QUEUE_URL']), {
      message: 'Bad environment: SMSAERO_QUEUE_URL is missing; SMSAERO_DEAD_LETTER_QUEUE_URL is missing',
    });
    parseEnvironment({ ...variables, SMSAERO_QUEUE_URL: QUEUE_URL }, ['SMSAERO_QUEUE_URL']);
    assert.throws(() => parseEnvironment({}), {
      message: 'Bad environment: SMSAERO_CONFIG_PATH is missing or not valid',
    });
  });
});
