import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import {
  type DeploymentInput,
  deploymentProblems,
  functionProblems,
  PARAMETERS,
} from '../../infra/check-deployment.ts';
import { copyProject, POOL_ARN, runServerless } from './packaged.ts';

const root = resolve(import.meta.dirname, '../..');

type Stages = Record<string, Record<string, unknown>>;

type Osls = { resolveVariable: (name: string) => Promise<unknown> };

/** What osls gets of a file in `infra/`, with the values of variables. */
const load = <T>(file: string, values: Record<string, unknown>, folder = join(root, 'infra')): Promise<T> => {
  const made: (osls: Osls) => Promise<T> = createRequire(import.meta.url)(join(folder, file));
  return made({ resolveVariable: async (name) => values[name] ?? assert.fail(name) });
};

it('the addresses that functions are told are plain strings when parameters name them', async () => {
  const asked = {
    'param:reportUrl': 'https://sms.example.com/reports/',
    'param:queuesUrl': 'http://127.0.0.1:9324/000000000000',
    'sls:stage': 'local',
  };
  assert.deepEqual(await load('addresses.cjs', asked), {
    reports: 'https://sms.example.com/reports',
    commands: 'http://127.0.0.1:9324/000000000000/smsaero-local-commands',
    deadLetters: 'http://127.0.0.1:9324/000000000000/smsaero-local-dead-letters',
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

  // That its values are right, and those of the example of own settings, is in each package: packaged.ts.
  it('knows every parameter of infra/stages.yml, and no other', async () => {
    const text = await readFile(join(root, 'infra/stages.yml'), 'utf8');
    const [, defaults = ''] = /^default:\n([\s\S]*?)^\w/m.exec(text) ?? [];
    const names = Array.from(defaults.matchAll(/^ {2}(\w+): /gm), ([, name]) => name);
    assert.deepEqual(names.sort(), PARAMETERS);
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
    ['queueConcurrency=1', 'must be a whole number from 2 to 1000, not "1"'],
    ['balanceAlarm=0', 'must be a number above 0, not "0"'],
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
  const repository = {
    default: { countries: 'RU', gates: '', throttlingRate: 5 },
    prod: { throttlingRate: 50 },
  };

  /** The stages with a file of that name and text beside those of the repository. @param parsed what osls reads in it */
  async function stagesWith(t: TestContext, name: string, text: string, parsed?: unknown): Promise<Stages> {
    const folder = await mkdtemp(join(tmpdir(), 'smsaero-'));
    t.after(() => rm(folder, { recursive: true }));
    await cp(join(root, 'infra/stages.cjs'), join(folder, 'infra/stages.cjs'));
    await writeFile(join(folder, name), text);
    const files = { 'file(infra/stages.yml)': repository, 'file(stages.local.yml)': parsed };
    return await load('stages.cjs', files, join(folder, 'infra'));
  }

  it('go before those of the repository, and do not touch npm start', async (t) => {
    const mine = { default: { countries: 'RU,KZ' }, staging: { countries: 'GE', gates: null } };
    const own = await stagesWith(t, 'stages.local.yml', JSON.stringify(mine), mine);
    const of = (stage: string) => ({ ...own['default'], ...own[stage] });
    assert.deepEqual(of('prod'), { countries: 'RU,KZ', gates: '', throttlingRate: 50 });
    assert.equal(of('dev')['countries'], 'RU,KZ');
    assert.deepEqual(
      of('staging'),
      { countries: 'GE', gates: '', throttlingRate: 5 },
      'no value is as not there',
    );
    assert.deepEqual(of('local'), repository.default);
  });

  it('are none in a file of comments only', async (t) => {
    const own = await stagesWith(t, 'stages.local.yml', '# default:\n  # countries: KZ\n');
    assert.deepEqual(own, { ...repository, local: repository.default });
  });

  for (const [name, problem] of [
    ['stages.local.yaml', 'stages.local.yaml is not read: name it stages.local.yml'],
    [
      'stages.local.yml',
      'stages.local.yml must have stages with parameters below them: see stages.local.example.yml',
    ],
  ] as const) {
    it(`are not a list in ${name}`, async (t) => {
      const params = await stagesWith(t, name, '- prod\n', ['prod']);
      const told = { options: [], stage: 'prod', region: 'eu-central-1', isLocal: false };
      assert.ok(deploymentProblems({ params, ...told }).includes(problem));
    });
  }

  it('are checked as --param is, which goes before them, before anything is packaged', async (t) => {
    const project = await copyProject();
    t.after(() => rm(project, { recursive: true }));
    await writeFile(join(project, 'stages.local.yml'), 'prod:\n  countries: Russia\n  totalPerHour: -1\n');
    const failed = await runServerless(project, ['package', '--stage', 'prod', '--param=countries=KZ']).then(
      assert.fail,
      ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
    );
    const problem = 'The parameter totalPerHour must be a whole number from 0 to 10000000, not "-1"';
    assert.ok(failed.includes(`\n${problem}\n`), failed);
    assert.doesNotMatch(failed, /Cannot resolve|^\s+at |Bundled|countries must/m);
    assert.equal(failed.split(problem).length, 2, 'said once');
  });
});

describe('the environments of functions', () => {
  const right = { SMSAERO_CONFIG_PATH: '/smsaero/prod', SMSAERO_REPORT_URL: { 'Fn::Sub': 'https://x' } };

  it('are checked by the schema of the functions, as far as CloudFormation does not make them', () => {
    const queue = { ...right, SMSAERO_QUEUE_URL: { Ref: 'Q' } };
    assert.deepEqual(functionProblems({ hook: right, queue }), []);
  });

  it('are named with their functions unless all have it, each problem once', () => {
    const hook = { ...right, SMSAERO_DEADLINE_MS: 'soon' };
    const queue = { ...right, SMSAERO_DEADLINE_MS: 'later', SMSAERO_GUARD_REQUIRED: 'yes' };
    assert.deepEqual(functionProblems({ hook, queue }), [
      'SMSAERO_DEADLINE_MS must be a whole number from 500 to 25000',
      'SMSAERO_GUARD_REQUIRED must be true or false (queue)',
    ]);
  });

  for (const [variables, problem] of [
    [{}, 'SMSAERO_CONFIG_PATH is missing or not valid'],
    [
      { ...right, SMSAERO_COUNTRIES: 'RU,ZZ' },
      'SMSAERO_COUNTRIES must have ISO 3166 codes of countries (GB, not UK)',
    ],
    [
      { ...right, SMSAERO_GUARD_REQUIRED: 'true' },
      'SMSAERO_GUARD_REQUIRED is true, and SMSAERO_TABLE is missing',
    ],
    [{ ...right, SMSAERO_MONITORING: 'some' }, 'SMSAERO_MONITORING must be off, basic or full'],
  ] as const) {
    it(`are refused: ${problem}`, () => {
      assert.deepEqual(functionProblems({ hook: variables }), [problem]);
    });
  }
});
