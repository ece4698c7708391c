import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type DeploymentInput,
  deploymentProblems,
  functionProblems,
  PARAMETERS,
} from '../../infra/check-deployment.ts';
import { REPORT_URL } from './functions.ts';
import { copyProject, POOL_ARN, runServerless } from './packaged.ts';

const root = resolve(import.meta.dirname, '../..');

let project = '';
/** The parameters by stage as the repository has them. */
let stages: Stages;
before(async () => {
  project = await copyProject();
  stages = await stagesWith(undefined);
});
after(() => rm(project, { recursive: true, force: true }));

type Stages = Record<string, Record<string, unknown>>;

/** The parameters by stage as osls reads them. @param own what stages.local.yml holds; undefined for no such file */
async function stagesWith(own: string | undefined): Promise<Stages> {
  const file = join(project, 'stages.local.yml');
  if (own === undefined) await rm(file, { force: true });
  else await writeFile(file, own);
  return JSON.parse(await runServerless(project, ['print', '--format', 'json', '--path', 'params']));
}

type Osls = { resolveVariable: (name: string) => Promise<unknown> };

const load = <T>(file: string, values: Record<string, unknown>): Promise<T> => {
  const made: (osls: Osls) => Promise<T> = createRequire(import.meta.url)(`../../infra/${file}`);
  return made({ resolveVariable: async (name) => values[name] ?? assert.fail(name) });
};

describe('the addresses that functions are told', () => {
  const addresses = (reportUrl: string, queuesUrl: string) =>
    load<Record<string, unknown>>('addresses.cjs', {
      'param:reportUrl': reportUrl,
      'param:queuesUrl': queuesUrl,
      'sls:stage': 'local',
    });

  it("are the stack's own", async () => {
    assert.deepEqual(await addresses('', ''), {
      reports: REPORT_URL,
      commands: { Ref: 'CommandQueue' },
      deadLetters: { Ref: 'DeadLetterQueue' },
    });
  });

  it('are plain strings when parameters name others', async () => {
    const asked = addresses('https://sms.example.com/reports/', 'http://127.0.0.1:9324/000000000000');
    assert.deepEqual(await asked, {
      reports: 'https://sms.example.com/reports',
      commands: 'http://127.0.0.1:9324/000000000000/smsaero-local-commands',
      deadLetters: 'http://127.0.0.1:9324/000000000000/smsaero-local-dead-letters',
    });
  });
});

describe('the limits of API Gateway', () => {
  const limits = (throttlingRate: unknown, throttlingBurst: unknown, queueConcurrency: unknown = '2') =>
    load('throttling.cjs', {
      'param:throttlingRate': throttlingRate,
      'param:throttlingBurst': throttlingBurst,
      'param:queueConcurrency': queueConcurrency,
    });

  it('are numbers, also of a command line, and higher for what sends nothing', async () => {
    assert.deepEqual(await limits('7', 14), {
      sending: { DetailedMetricsEnabled: false, ThrottlingRateLimit: 7, ThrottlingBurstLimit: 14 },
      // four for each message: 7 (14 at once) by HTTP and ten that two runs of the queue have under way
      reports: { DetailedMetricsEnabled: false, ThrottlingRateLimit: 68, ThrottlingBurstLimit: 96 },
      others: { DetailedMetricsEnabled: false, ThrottlingRateLimit: 70, ThrottlingBurstLimit: 140 },
    });
  });
});

describe('what a deployment is told', () => {
  const DEFAULTS = { cognito: 'off', userPoolArn: '' };
  const problems = (options: string[], more: Partial<DeploymentInput> = {}) =>
    deploymentProblems({
      params: { default: DEFAULTS, prod: {} },
      options,
      stage: 'prod',
      region: 'eu-central-1',
      isLocal: false,
      ...more,
    });

  it('is right as the repository has it, in every stage and with the example of own settings', async () => {
    for (const stage of ['dev', 'prod', 'staging']) {
      assert.deepEqual(problems([], { params: stages, stage }), []);
    }
    const example = await readFile(join(root, 'stages.local.example.yml'), 'utf8');
    const own = await stagesWith(example);
    assert.deepEqual(problems([], { params: own }), []);
  });

  it('knows every parameter of infra/stages.yml, and no other', async () => {
    assert.deepEqual(PARAMETERS, Object.keys(stages['default'] ?? {}).sort());
  });

  for (const [option, problem] of [
    ['countries=Russia', 'must be two-letter ISO 3166 codes (GB, not UK), not "Russia"'],
    ['totalPerHour=abc', 'must be a whole number from 0 to 10000000, not "abc"'],
    ['gates=nonsense', 'must be an https:// URL without a query (http:// only on loopback), not "nonsense"'],
    [
      'gates=https://me:secret@gate.test/v2',
      'must be an https:// URL without a query (http:// only on loopback)',
    ],
    ['commandTopicArn=nope', 'must be the ARN of an SNS topic: arn:aws:sns:REGION:ACCOUNT:NAME, not "nope"'],
    ['parameterKeyAlias=nope', 'must be the alias of a KMS key, such as alias/mine, not "nope"'],
    [
      'platformText=zitadl',
      'must be names of platforms (auth0, authentik, direct, fusionauth, keycloak, kratos, logto, okta, supabase, webhook, zitadel), not "zitadl"',
    ],
    ['telegram=maybe', 'must be on or off, not "maybe"'],
    ['rangeLimits=KZ:many', 'must be limits of countries or ranges (KZ:20,RU-954:0), not "KZ:many"'],
    ['monitoring=some', 'must be off, basic or full, not "some"'],
    ['checkParameters=no', 'must be on or off, not "no"'],
    ['throttlingRate=fast', 'must be a number of at least 1, not "fast"'],
    ['throttlingBurst=0', 'must be a number of at least 1, not "0"'],
    ['throttlingRate=Infinity', 'must be a number of at least 1, not "Infinity"'],
    ['balanceAlarm=1e999', 'must be a number above 0, not "1e999"'],
    ['queueConcurrency=1', 'must be a whole number from 2 to 1000, not "1"'],
    ['balanceAlarm=much', 'must be a number above 0, not "much"'],
    ['wrongAnswersPerHour=0', 'must be a whole number from 1 to 1000, not "0"'],
    ['challengeTime=999', 'must be 0, or 1000 to 4000, not "999"'],
    ['cognito=on', 'must be off, or example for a pool that is made with the stack, not "on"'],
    [
      'userPoolArn=eu-central-1_Ab12Cd34E',
      'must be the ARN of a user pool: arn:aws:cognito-idp:REGION:ACCOUNT:userpool/REGION_ID, not "eu-central-1_Ab12Cd34E"',
    ],
  ] as const) {
    it(`is not ${option}`, () => {
      assert.deepEqual(problems([option]), [`The parameter ${option.split('=')[0]} ${problem}`]);
    });
  }

  it('is not a number of days that CloudWatch Logs does not have', () => {
    assert.deepEqual(problems(['logRetentionInDays=30']), []);
    assert.match(
      problems(['logRetentionInDays=31'])[0] ?? '',
      /^The parameter logRetentionInDays must be one of 1, 3, /,
    );
  });

  it('has no parameter that is not there, and the nearest is suggested', () => {
    assert.deepEqual(problems(['country=RU', 'Gates=', 'zzzzzz=1']), [
      'There is no parameter "country" (--param): did you mean countries?',
      'There is no parameter "Gates" (--param): did you mean gates?',
      'There is no parameter "zzzzzz" (--param): docs/configuration.md lists them',
    ]);
  });

  it('has no wrong name in any stage, no mistyped stage, and no list', () => {
    const params = {
      default: DEFAULTS,
      staging: { totalPerHours: 1 },
      pord: {},
      defaults: {},
      prod: { countries: ['RU', 'KZ'] },
    };
    assert.deepEqual(problems([], { params }), [
      'There is no parameter "totalPerHours" (stage staging): did you mean totalPerHour?',
      'The stages have no "pord": did you mean prod?',
      'The stages have no "defaults": did you mean default?',
      'The parameter countries must be one value; the parts of a list are separated by commas',
    ]);
  });

  it('has a value', () => {
    assert.deepEqual(problems(['countries']), [
      '--param takes a name and a value, --param="balanceAlarm=…", not "countries"',
    ]);
  });

  it('names each problem once', () => {
    assert.deepEqual(problems(['gates=a,b', 'countries=Russia,Kazakhstan']).length, 2);
  });

  const POOL = `userPoolArn=${POOL_ARN}`;
  for (const [options, more, problem] of [
    [
      ['cognito=example', POOL],
      {},
      'The parameters cognito=example and userPoolArn exclude each other: one stack serves one pool',
    ],
    [
      [POOL],
      { region: 'us-east-1' },
      'The user pool is in eu-central-1 and the stack in us-east-1: Cognito calls functions of its region only. Use --region eu-central-1',
    ],
    [['cognito=local'], {}, 'The parameter cognito=local is for npm start only'],
    [['gates=http://localhost:1/v2'], {}, 'The parameter gates has an http URL: only npm start can use one'],
    [
      ['reportUrl=http://127.0.0.1:3000/reports'],
      {},
      'The parameter reportUrl has an http URL: only npm start can use one',
    ],
    [['queuesUrl=http://127.0.0.1:9324'], {}, 'The parameter queuesUrl is for npm start only'],
  ] as const) {
    it(`is not ${options.join(' ')} ${JSON.stringify(more)}`, () => {
      assert.deepEqual(problems([...options], more), [problem]);
      assert.deepEqual(problems(options.slice(0, 1), { isLocal: true }), []);
    });
  }
});

describe('settings of your own, in stages.local.yml', () => {
  it('go before those of the repository, and do not touch npm start', async () => {
    const own = await stagesWith(
      'default:\n  countries: RU,KZ\n  balanceAlarm: 7\nstaging:\n  countries: GE\n  gates:\n',
    );
    const of = (stage: string) => ({ ...own['default'], ...own[stage] });
    const { countries, balanceAlarm, throttlingRate } = of('prod');
    assert.deepEqual([countries, balanceAlarm, throttlingRate], ['RU,KZ', 7, 50]);
    assert.deepEqual([of('dev')['countries'], of('staging')['countries']], ['RU,KZ', 'GE']);
    assert.equal(of('staging')['gates'], '', 'what has no value is as not there');
    assert.deepEqual(of('local'), stages['default']);
  });

  it('are none in a file of comments only', async () => {
    assert.deepEqual(await stagesWith('# default:\n  # countries: KZ\n'), stages);
  });

  it('are in a file that is read', async () => {
    await rm(join(project, 'stages.local.yml'), { force: true });
    const misnamed = join(project, 'stages.local.yaml');
    await writeFile(misnamed, 'prod:\n  countries: KZ\n');
    const failed = await runServerless(project, ['package', '--stage', 'prod']).then(
      () => assert.fail('it was packaged'),
      ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
    );
    assert.match(failed, /^stages\.local\.yaml is not read: name it stages\.local\.yml$/m);
    await rm(misnamed);
  });

  it('are checked as --param is, which goes before them, before anything is packaged', async () => {
    for (const [text, problem] of [
      [
        '- prod\n',
        'stages.local.yml must have stages with parameters below them: see stages.local.example.yml',
      ],
      [
        'prod:\n  countries: Russia\n  totalPerHour: -1\n',
        'The parameter totalPerHour must be a whole number from 0 to 10000000, not "-1"',
      ],
    ] as const) {
      await writeFile(join(project, 'stages.local.yml'), text);
      const failed = await runServerless(project, [
        'package',
        '--stage',
        'prod',
        '--param=countries=KZ',
      ]).then(
        () => assert.fail('it was packaged'),
        ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
      );
      assert.ok(failed.includes(`\n${problem}\n`), failed);
      assert.doesNotMatch(failed, /Cannot resolve|^\s+at |Bundled|countries must/m);
      assert.equal(failed.split(problem).length, 2, 'said once');
    }
  });
});

describe('the environments of functions', () => {
  const right = { SMSAERO_CONFIG_PATH: '/smsaero/prod', SMSAERO_REPORT_URL: { 'Fn::Sub': 'https://x' } };

  it('are checked by the schema of the functions, as far as CloudFormation does not make them', () => {
    assert.deepEqual(
      functionProblems({ hook: right, queue: { ...right, SMSAERO_QUEUE_URL: { Ref: 'Q' } } }),
      [],
    );
  });

  it('are named with their functions, each problem once', () => {
    const { SMSAERO_CONFIG_PATH: _, ...without } = right;
    assert.deepEqual(
      functionProblems({
        hook: { ...right, SMSAERO_DEADLINE_MS: 'soon' },
        queue: { ...right, SMSAERO_DEADLINE_MS: 'later', SMSAERO_GUARD_REQUIRED: 'yes' },
      }),
      [
        'SMSAERO_DEADLINE_MS must be a whole number from 500 to 25000',
        'SMSAERO_GUARD_REQUIRED must be true or false (queue)',
      ],
    );
    assert.deepEqual(functionProblems({ hook: without }), ['SMSAERO_CONFIG_PATH is missing or not valid']);
    assert.deepEqual(functionProblems({ hook: { ...right, SMSAERO_COUNTRIES: 'RU,ZZ' } }), [
      'SMSAERO_COUNTRIES must have ISO 3166 codes of countries (GB, not UK)',
    ]);
    assert.deepEqual(functionProblems({ hook: { ...right, SMSAERO_GUARD_REQUIRED: 'true' } }), [
      'SMSAERO_GUARD_REQUIRED is true, and SMSAERO_TABLE is missing',
    ]);
    assert.deepEqual(functionProblems({ hook: { ...right, SMSAERO_MONITORING: 'some' } }), [
      'SMSAERO_MONITORING must be off, basic or full',
    ]);
  });
});
