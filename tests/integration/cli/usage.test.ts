import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { VERSION } from '../../../lib/version.ts';
import { type ParameterStore, startParameterStore } from '../../../local/parameter-store.ts';
import { type CommandLine, openCommandLine } from '../../support/cli.ts';
import { startPhone } from '../../support/phone.ts';
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

  it('prints its help, that of a group, and its version', async () => {
    const { output: help } = await cli.run(['--help']);
    assert.match(help, /^Usage: npm run smsaero -- \[options\] \[command\]\n/);
    for (const args of [[], ['-h'], ['help']]) {
      assert.deepEqual(await cli.run(args), { exitCode: 0, output: help, problems: '' });
    }
    for (const [group, commands] of [
      ['config', ['check', 'push', 'pull', 'help']],
      ['secret', ['add', 'remove', 'list', 'help']],
      ['dead-letters', ['list', 'resend', 'discard', 'help']],
    ] as const) {
      const asked = await cli.run([group, '--help']);
      assert.deepEqual([asked.exitCode, asked.problems], [0, '']);
      const [, listed = ''] = asked.output.split('\nCommands:\n');
      assert.deepEqual(listed.match(/(?<=^ {2})\w+/gm), commands);
      // Without a command nothing was done: that is no success.
      assert.deepEqual(await cli.run([group]), { exitCode: 2, output: '', problems: asked.output });
    }
    assert.deepEqual(await cli.run(['--version']), { exitCode: 0, output: `${VERSION}\n`, problems: '' });
  });

  it('says what is wrong with the command line, suggests what is near, and names the help', async () => {
    for (const [args, problem, help = ''] of [
      [['confg', 'push'], "unknown command 'confg'\n(Did you mean config?)"],
      [['config', 'pul'], "unknown command 'pul'\n(Did you mean pull?)", 'config '],
      [['doctor', '--stag', 'prod'], "unknown option '--stag'\n(Did you mean --stage?)", 'doctor '],
      [['config', 'check'], 'name the file', 'config check '],
      [
        ['config', 'pull', 'x'],
        "too many arguments for 'pull'. Expected 0 arguments but got 1: x.",
        'config pull ',
      ],
      [
        ['config', 'pull', '--stage', '../prod'],
        "option '--stage <name>' argument '../prod' is invalid. Begin with a letter; write letters, digits, - and _.",
      ],
      [
        ['doctor', '--low-balance', 'much'],
        "option '--low-balance <amount>' argument 'much' is invalid. Write an amount in roubles.",
        'doctor ',
      ],
    ] as const) {
      assert.deepEqual(await cli.run(args), {
        exitCode: 2,
        output: '',
        problems: `error: ${problem}\nHelp: npm run smsaero -- ${help}--help\n`,
      });
    }
    assert.equal((await cli.run(['--stage', 'prod'])).exitCode, 2);
  });

  it('quotes no whole phone number, and nothing that a terminal obeys', async () => {
    const { exitCode, problems } = await cli.run(['send', '--to', '1', '79031234567', '\u001b[2J']);
    assert.equal(exitCode, 2);
    assert.match(problems, /got 2: \+7903•••4567, \ufffd\[2J\.$/m);
  });

  it('refuses to run without the stage or region that npm has kept for itself', async () => {
    for (const name of ['stage', 'region']) {
      assert.deepEqual(await cli.run(['config', 'pull'], { [`npm_config_${name}`]: 'prod' }), {
        exitCode: 2,
        output: '',
        problems: `error: npm has kept --${name} for itself: write -- before the command\nHelp: npm run smsaero -- --help\n`,
      });
    }
    const { problems } = await cli.run(['config', 'pull', '--stage=empty'], { npm_config_stage: 'prod' });
    assert.match(problems, /^\/smsaero\/empty has no configuration/);
  });

  it('ends the process of npx smsaero with its exit code', async () => {
    const { exitCode, output, problems } = await cli.start(['doctr']).ended;
    assert.deepEqual([exitCode, output, problems.split('\n')[0]], [2, '', "error: unknown command 'doctr'"]);
  });

  it('reaches the stack that npm start runs by --local, whatever the shell says', async () => {
    store.put('/smsaero/local/email', 'me@my-shop.ru');
    const phone = await startPhone({
      environment: () => ({ AWS_ENDPOINT_URL_SSM: store.url, AWS_REGION: 'eu-central-1', NODE_ENV: 'x' }),
    });
    const environment = { AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:1', INBOX_PORT: String(phone.page.port) };
    try {
      const pulled = await cli.run(['config', 'pull', '--local'], environment);
      assert.equal(pulled.problems, '');
      assert.equal(JSON.parse(pulled.output).email, 'me@my-shop.ru');
      const hint = await cli.run(['secret', 'list', '--local'], environment);
      assert.match(hint.problems, /^\/smsaero\/local has no platform with a secret/);
      const both = await cli.run(['config', 'pull', '--local', '--stage', 'prod'], environment);
      assert.match(both.problems, /^error: option '--local' cannot be used with option '--stage <name>'/);
    } finally {
      await phone.close();
    }
    const gone = await cli.run(['config', 'pull', '--local'], environment);
    assert.deepEqual(
      [gone.exitCode, gone.problems],
      [
        1,
        `npm start does not answer at ${phone.page.url}: run it in another terminal, with the same INBOX_PORT\n`,
      ],
    );
  });

  it('says what is missing: credentials, permission, a network', async () => {
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
    assert.match(
      await problem({ ...nobody, AWS_PROFILE: 'prd' }),
      /^No AWS credentials in the profile prd: check its name, or sign in with it/,
    );
    assert.match(
      await problem({ AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' }),
      /^AWS cannot be reached: check the network and the region \(ECONNREFUSED\)/,
    );
    store.fail('access_denied');
    assert.match(await problem({}), /^AWS does not allow it \(User: /);
    store.fail(undefined);
  });
});
