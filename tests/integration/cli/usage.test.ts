import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ParameterStore, startParameterStore } from '../../../local/parameter-store/index.ts';
import { type CommandLine, openCommandLine } from '../../support/cli.ts';
import { CONNECTOR } from '../../support/stack.ts';

describe('the command line', () => {
  let store: ParameterStore;
  let cli: CommandLine;
  before(async () => {
    store = await startParameterStore();
    cli = await openCommandLine({ AWS_ENDPOINT_URL_SSM: store.url });
  });
  after(async () => {
    await store.close();
    await cli.close();
  });

  it('says what there is', async () => {
    const help = `Usage: npm run smsaero -- <command> [--stage dev] [--region eu-central-1]

  config check connector.json  check a Logto connector's JSON: problems, encoding, segments, links
  config push connector.json   check it, show what changes, and write it to Parameter Store
  config pull                  print a stage's connector JSON, without secrets
  secret add logto             make a secret for a platform's calls and print it
  secret remove logto          take the older of two secrets away
  secret list [logto]          how many secrets each platform has, with fingerprints
  doctor                       check a stage from end to end, and say what to do
  send --to 79031234567        send a test message, and follow it until it is delivered
  status ID                    what became of a message
  replay                       look at the dead letters, and put them back to be sent

npm run smsaero -- doctor --help says all about a command.
The region and the credentials are those of the AWS CLI: AWS_REGION, AWS_PROFILE, or a file in ~/.aws.
Exit code: 0 done, 1 failed, 2 the command line is wrong.
`;
    assert.deepEqual(await cli.run([]), { exitCode: 0, output: help, problems: '' });
    for (const args of [['--help'], ['-h'], ['help']]) {
      assert.deepEqual(await cli.run(args), { exitCode: 0, output: help, problems: '' });
    }
    const one = await cli.run(['doctor', '-h']);
    assert.deepEqual([one.exitCode, one.output.split(' [')[0]], [0, 'Usage: npm run smsaero -- doctor']);
  });

  it('names the nearest help for what it does not know', async () => {
    for (const [args, problem] of [
      [
        ['confg', 'push'],
        'There is no command "confg"; did you mean: config push? Help: npm run smsaero -- --help',
      ],
      [['doctr'], 'There is no command "doctr"; did you mean: doctor? Help: npm run smsaero -- --help'],
      [['launch'], 'There is no command "launch". Help: npm run smsaero -- --help'],
      [
        ['secret', 'rotate'],
        'There is no command "secret rotate"; did you mean: secret add logto, secret remove logto, secret list [logto]? Help: npm run smsaero -- --help',
      ],
      [['--stage', 'prod'], 'There is no command "prod". Help: npm run smsaero -- --help'],
      [['--x'], 'There is no command. Help: npm run smsaero -- --help'],
      [
        ['doctor', '--stag', 'prod'],
        'There is no option --stag; --stage is one. Help: npm run smsaero -- doctor --help',
      ],
      [['config', 'check'], 'connector.json is missing. Help: npm run smsaero -- config check --help'],
      [['config', 'pull', 'x'], '"x" is one word too many. Help: npm run smsaero -- config pull --help'],
      [
        ['config', 'pull', '--stage', '../prod'],
        '"../prod" is no name of a stage. Help: npm run smsaero -- config pull --help',
      ],
      [
        ['config', 'pull', '--stage'],
        "Option '--stage <value>' argument missing. Help: npm run smsaero -- config pull --help",
      ],
    ] as const) {
      assert.deepEqual(await cli.run(args), { exitCode: 2, output: '', problems: `${problem}\n` });
    }
  });

  it('takes options before the command', async () => {
    const { problems, exitCode } = await cli.run(['--stage', 'empty', 'config', 'pull']);
    assert.deepEqual([exitCode, problems.split(':')[0]], [1, '/smsaero/empty has no configuration']);
  });

  it('says what is missing: credentials, a region, permission, a network', async () => {
    const file = await cli.write('connector.json', CONNECTOR);
    const push = ['config', 'push', file, '--yes'];
    const nobody = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_EC2_METADATA_DISABLED: 'true' };
    const problem = async (environment: Record<string, string>) => {
      const { exitCode, problems } = await cli.run(push, environment);
      assert.equal(exitCode, 1);
      assert.equal(problems.trimEnd().split('\n').length, 1, problems);
      return problems;
    };
    assert.match(await problem(nobody), /^No AWS credentials: sign in with the AWS CLI/);
    assert.match(await problem({ AWS_REGION: '' }), /^No AWS region: add --region eu-central-1/);
    assert.match(
      await problem({ AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' }),
      /^AWS cannot be reached: check the network and the region \(ECONNREFUSED\)/,
    );
    store.fail('access_denied');
    assert.match(await problem({}), /^AWS does not allow it \(User: /);
    store.fail(undefined);
  });
});
