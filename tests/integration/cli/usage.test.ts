import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { VERSION } from '../../../lib/version.ts';
import { startParameterStore } from '../../../local/parameter-store.ts';
import { assertFails, openCommandLine } from '../../support/cli.ts';
import { CONNECTOR } from '../../support/connector.ts';
import { startPhone } from '../../support/phone.ts';

describe('the command line', async () => {
  const store = await startParameterStore();
  const cli = await openCommandLine({ AWS_ENDPOINT_URL_SSM: store.url });
  after(async () => {
    await store.close();
    await cli.close();
  });

  it('prints its help, that of a group without a command, and its version', async () => {
    const { output: help } = await cli.run(['--help']);
    assert.match(help, /^Usage: npm run smsaero -- \[options\] \[command\]\n/);
    for (const args of [[], ['-h'], ['help']]) {
      assert.deepEqual(await cli.run(args), { exitCode: 0, output: help, problems: '' });
    }
    // Without a command nothing was done, which is a failure.
    const { output: problems } = await cli.run(['config', '--help']);
    assert.deepEqual(await cli.run(['config']), { exitCode: 2, output: '', problems });
    assert.deepEqual(await cli.run(['--version']), { exitCode: 0, output: `${VERSION}\n`, problems: '' });
  });

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
    it(`says what is wrong with ${args.join(' ')}, and names the help`, () =>
      assertFails(cli.run(args), 2, `error: ${problem}\nHelp: npm run smsaero -- ${help}--help\n`));
  }

  it('quotes no whole phone number, and nothing that a terminal obeys', async () => {
    const { exitCode, problems } = await cli.run(['send', '--to', '1', '79031234567', '\u001b[2J']);
    assert.equal(exitCode, 2);
    assert.match(problems, /got 2: \+7903•••4567, \ufffd\[2J\.$/m);
  });

  it('refuses to run without the stage or region that npm has kept for itself', async () => {
    for (const name of ['stage', 'region']) {
      await assertFails(
        cli.run(['config', 'pull'], { [`npm_config_${name}`]: 'prod' }),
        2,
        `error: npm has kept --${name} for itself: write -- before the command\nHelp: npm run smsaero -- --help\n`,
      );
    }
    const { problems } = await cli.run(['config', 'pull', '--stage=empty'], { npm_config_stage: 'prod' });
    assert.match(problems, /^\/smsaero\/empty has no configuration/);
  });

  it('ends well as a process whose output nobody reads to its end', async () => {
    const help = cli.start(['--help']);
    help.stopReading();
    assert.deepEqual(await help.ended, { exitCode: 0, output: '', problems: '' });
  });

  it('reaches the stack that npm start runs by --local, whatever the shell says', async () => {
    store.put('/smsaero/local/email', 'me@my-shop.ru');
    const phone = await startPhone({
      environment: { AWS_ENDPOINT_URL_SSM: store.url, AWS_REGION: 'eu-central-1', NODE_ENV: 'x' },
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
    await assertFails(
      cli.run(['config', 'pull', '--local'], environment),
      1,
      `npm start does not answer at ${phone.page.url}: run it in another terminal, with the same INBOX_PORT\n`,
    );
  });

  it('takes the region of serverless.yml as serverless deploy does, whatever the shell and the profile have, and says so', async () => {
    const AWS_CONFIG_FILE = await cli.write('aws-config', '[profile far]\nregion = sa-east-1\n');
    const keys = '[far]\naws_access_key_id = test\naws_secret_access_key = test\n';
    const AWS_SHARED_CREDENTIALS_FILE = await cli.write('aws-credentials', keys);
    const files = { AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE };
    const profile = { ...files, AWS_PROFILE: 'far', AWS_ACCESS_KEY_ID: '' };
    const pull = async (AWS_REGION: string, ...region: string[]) =>
      (await cli.run(['config', 'pull', '--stage', 'quiet', ...region], { ...profile, AWS_REGION })).problems;
    const nothing = (region: string) =>
      `/smsaero/quiet has no configuration: npm run smsaero -- config push connector.json --stage quiet --region ${region} writes one\n`;
    assert.equal(await pull(''), nothing('eu-central-1'));
    assert.equal(
      await pull('eu-west-1'),
      `The region is eu-central-1, as for serverless deploy. AWS_REGION does not count: --region eu-west-1 does.\n${nothing('eu-central-1')}`,
    );
    assert.equal(await pull('eu-west-1', '--region', 'eu-west-1'), nothing('eu-west-1'));
  });

  it('says what is missing: credentials, permission, a network', async () => {
    const file = await cli.write('connector.json', CONNECTOR);
    const push = ['config', 'push', file, '--yes'];
    const nobody = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_EC2_METADATA_DISABLED: 'true' };
    for (const [environment, problem] of [
      [nobody, /^No AWS credentials: sign in with the AWS CLI.*\n$/],
      [
        { ...nobody, AWS_PROFILE: 'prd' },
        /^No AWS credentials in the profile prd: check its name, or sign in with it.*\n$/,
      ],
      [
        { AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' },
        /^AWS cannot be reached: check the network and the region \(ECONNREFUSED\)\n$/,
      ],
    ] as const) {
      await assertFails(cli.run(push, environment), 1, problem);
    }
    store.fail('access_denied');
    await assertFails(cli.run(push), 1, /^AWS does not allow it \(User: .*\n$/);
    store.fail(undefined);
  });
});
