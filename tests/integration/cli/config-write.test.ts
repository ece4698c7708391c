import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { DescribeParametersCommand, GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { fromConnector, type ParameterStore, startParameterStore } from '../../../local/parameter-store.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';
import { type CommandLine, openCommandLine } from '../../support/cli.ts';
import { CONNECTOR } from '../../support/stack.ts';

useAwsStandIns();

const SECRET = 'Bearer 0123456789abcdef';

/** What is written to Parameter Store: encrypted with which key, in which order, as which type. */
describe('what config push and secret write', () => {
  let store: ParameterStore;
  let cli: CommandLine;
  before(async () => {
    store = await startParameterStore();
    cli = await openCommandLine({ AWS_ENDPOINT_URL_SSM: store.url });
  });
  afterEach(() => store.watch(undefined));
  after(async () => {
    await store.close();
    await cli.close();
  });

  const push = async (stage: string, connector: object, ...args: string[]) =>
    cli.run([
      ...['config', 'push', await cli.write('connector.json', connector)],
      ...['--stage', stage, '--yes', ...args],
    ]);
  const changedKey = (key: string) => ({ ...CONNECTOR, apiKey: key });
  const openClient = () =>
    new SSMClient({
      endpoint: store.url,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  async function hashKeyOf(stage: string): Promise<string> {
    const client = openClient();
    const { Parameter } = await client.send(
      new GetParameterCommand({ Name: `/smsaero/${stage}/hashKey`, WithDecryption: true }),
    );
    client.destroy();
    assert.equal(Parameter?.Type, 'SecureString');
    return Parameter?.Value ?? '';
  }
  async function keysOf(stage: string): Promise<Record<string, string | undefined>> {
    const client = openClient();
    const ParameterFilters = [{ Key: 'Path', Option: 'Recursive', Values: [`/smsaero/${stage}`] }];
    const { Parameters = [] } = await client.send(new DescribeParametersCommand({ ParameterFilters }));
    client.destroy();
    return Object.fromEntries(
      Parameters.flatMap(({ Name = '', KeyId }) =>
        KeyId ? [[Name.split('/').slice(3).join('/'), KeyId]] : [],
      ),
    );
  }
  const lastLine = (output: string) => output.trimEnd().split('\n').at(-1);

  it('is encrypted with the key that was asked for, and then with the one that it has', async () => {
    assert.equal((await push('own', CONNECTOR, '--key-alias', 'alias/mine')).exitCode, 0);
    assert.equal((await push('own', changedKey('another-key'))).exitCode, 0);
    assert.equal((await cli.run(['secret', 'add', 'logto', '--stage', 'own', '--yes'])).exitCode, 0);
    assert.equal((await cli.run(['secret', 'add', 'logto', '--stage', 'own', '--yes'])).exitCode, 0);
    assert.equal((await cli.run(['secret', 'remove', 'logto', '--stage', 'own', '--yes'])).exitCode, 0);
    assert.deepEqual(await keysOf('own'), {
      apiKey: 'alias/mine',
      hashKey: 'alias/mine',
      'platforms/logto': 'alias/mine',
    });
  });

  it('gets the key that is asked for also where the value stays', async () => {
    await push('default', CONNECTOR);
    assert.deepEqual(await keysOf('default'), { apiKey: 'alias/aws/ssm', hashKey: 'alias/aws/ssm' });
    const hashKey = await hashKeyOf('default');
    const { output } = await push('default', CONNECTOR, '--key-alias', 'alias/mine');
    assert.match(output, /apiKey {6}SecureString {2}gets the other key\n/);
    assert.match(output, /hashKey {5}SecureString {2}gets the other key\n/);
    assert.equal(lastLine(output), '2 parameters written.');
    assert.deepEqual(await keysOf('default'), { apiKey: 'alias/mine', hashKey: 'alias/mine' });
    assert.equal(await hashKeyOf('default'), hashKey);
    assert.equal((await push('default', CONNECTOR, '--key-alias', 'mine')).exitCode, 2);
  });

  it('has a random hash key, which outlives the API key and is never shown', async () => {
    const first = await push('hash', CONNECTOR);
    const hashKey = await hashKeyOf('hash');
    assert.match(hashKey, /^[\w-]{43}$/); // 32 bytes
    const rotated = await push('hash', changedKey('another-key'));
    const pulled = await cli.run(['config', 'pull', '--stage', 'hash']);
    const doctor = await cli.run(['doctor', '--stage', 'hash'], { SMSAERO_GATES: 'http://127.0.0.1:1' });
    assert.equal(await hashKeyOf('hash'), hashKey);
    for (const { output, problems } of [first, rotated, pulled, doctor]) {
      assert.ok(!`${output}${problems}`.includes(hashKey.slice(0, 8)), output);
    }
    assert.ok(!pulled.output.includes('hashKey'));
    assert.doesNotMatch(rotated.output, /at random/);
    await push('other', CONNECTOR);
    assert.notEqual(await hashKeyOf('other'), hashKey);
  });

  it('gets a hash key although nothing else changes, and another one where that cannot be used', async () => {
    const made = (why: string) =>
      `hashKey is made at random, ${why}. Repeats and reports of messages that were sent before are not recognised.\nIn account 000000000000, caller arn:aws:iam::000000000000:user/local, region eu-central-1, stage old\n1 parameter written.\n`;
    await push('old', CONNECTOR);
    store.delete('/smsaero/old/hashKey');
    const { output } = await push('old', CONNECTOR);
    assert.ok(output.endsWith(made('this once')), output);
    const hashKey = await hashKeyOf('old');
    for (const usable of [hashKey, `\ufeff${hashKey}\n`]) {
      store.put('/smsaero/old/hashKey', usable);
      assert.equal(lastLine((await push('old', CONNECTOR)).output), 'Nothing to write.');
      assert.equal(await hashKeyOf('old'), usable);
    }
    store.put('/smsaero/old/hashKey', 'short');
    const replaced = await push('old', CONNECTOR);
    assert.ok(
      replaced.output.endsWith(made('since the functions refuse the one that is there')),
      replaced.output,
    );
    assert.match(await hashKeyOf('old'), /^[\w-]{43}$/);
  });

  it('does not write over a hash key that somebody else made meanwhile', async () => {
    await push('race', CONNECTOR);
    store.delete('/smsaero/race/hashKey');
    const theirs = 't'.repeat(43);
    store.watch((operation) => {
      if (operation === 'PutParameter') store.put('/smsaero/race/hashKey', theirs, 'SecureString');
      return undefined;
    });
    const { exitCode, problems } = await push('race', CONNECTOR);
    assert.equal(exitCode, 1);
    assert.match(
      problems,
      /^Somebody else wrote it meanwhile: .*; written: nothing; not written: hashKey\n$/,
    );
    assert.equal(await hashKeyOf('race'), theirs);
  });

  it('is not a hash key in the clear', async () => {
    await push('open', CONNECTOR);
    store.delete('/smsaero/open/hashKey');
    store.put('/smsaero/open/hashKey', 'h'.repeat(43), 'String');
    const { exitCode, problems } = await push('open', CONNECTOR);
    assert.equal(exitCode, 1);
    assert.match(
      problems,
      /hashKey is stored as a plain String, .*, then push again, which makes another one; /,
    );
  });

  it('fits, or nothing is written', async () => {
    const text = (length: number) => ({ usageType: 'SignIn', content: `${'Ж'.repeat(length)} {{code}}` });
    const locales = [
      ...['en', 'de', 'fr', 'es', 'it', 'pt', 'pl', 'cs', 'sk', 'tr', 'kk', 'be', 'uz', 'ky', 'hy'],
    ];
    const big = {
      ...CONNECTOR,
      templates: [...CONNECTOR.templates, ...locales.map((locale) => ({ ...text(300), locale }))],
    };
    const { exitCode, output } = await push('big', { ...big, email: 'new@example.com' });
    assert.equal(exitCode, 1);
    assert.match(
      output,
      /^error {4}templates takes \d+ bytes as it is stored, and Parameter Store holds 8192/m,
    );
    const check = await cli.run(['config', 'check', await cli.write('big.json', big)]);
    assert.equal(check.exitCode, 1);
    assert.equal((await cli.run(['config', 'pull', '--stage', 'big'])).exitCode, 1, 'nothing is there');
    const advanced = await push('big', { ...big, templates: big.templates.slice(0, -8) });
    assert.equal(advanced.exitCode, 0, advanced.problems);
    assert.match(advanced.output, /^warning {2}templates takes \d+ bytes: over 4096 AWS bills/m);
  });

  it('says what was written when the rest is refused, the largest first', async () => {
    await push('half', CONNECTOR);
    const changed = {
      ...changedKey('another-key'),
      email: 'a@my-shop.ru',
      templates: [...CONNECTOR.templates, { usageType: 'BindMfa', content: '{{code}}' }],
    };
    let puts = 0;
    store.watch((operation) => {
      if (operation === 'PutParameter') puts += 1;
      return operation === 'PutParameter' && puts === 2 ? 'access_denied' : undefined;
    });
    const { exitCode, problems } = await push('half', changed);
    assert.equal(exitCode, 1);
    assert.match(problems, /^AWS does not allow it .*; written: templates; not written: email, apiKey\n$/);
  });

  it('is no secret in the clear', async () => {
    for (const [name, parameter] of Object.entries({
      ...fromConnector('clear', CONNECTOR, { logto: SECRET }),
      '/smsaero/clear/apiKey': { type: 'String', value: CONNECTOR.apiKey } as const,
      '/smsaero/clear/platforms/logto': { type: 'String', value: SECRET } as const,
    })) {
      store.put(name, parameter.value, parameter.type);
    }
    const todo = (name: string) =>
      `/smsaero/clear/${name} is stored as a plain String, and AWS changes no type: delete it (aws ssm delete-parameter --name /smsaero/clear/${name}), then write it again with its value; nothing was written\n`;
    const pushed = await push('clear', { ...CONNECTOR, email: 'b@my-shop.ru' });
    assert.deepEqual([pushed.exitCode, pushed.problems], [1, todo('apiKey')]);
    const added = await cli.run(['secret', 'add', 'logto', '--stage', 'clear', '--yes']);
    assert.deepEqual([added.exitCode, added.output, added.problems], [1, '', todo('platforms/logto')]);
  });

  it('is no second secret of a platform that stays off, which --all turns off for good', async () => {
    store.put('/smsaero/short/platforms/logto', 'changeme', 'SecureString');
    const logto = (...args: string[]) => cli.run(['secret', ...args, '--stage', 'short']);
    const refused = await logto('add', 'logto');
    assert.equal(refused.exitCode, 1);
    assert.match(
      refused.problems,
      /logto has a line shorter than 16 characters, so that the platform is off/,
    );
    assert.equal((await logto('remove', 'logto', '--all')).exitCode, 2, 'nobody can be asked');
    const kept = await cli.run(
      ['secret', 'remove', 'logto', '--all', '--stage', 'short'],
      {},
      { answer: '\n' },
    );
    assert.equal(kept.exitCode, 1, kept.problems);
    assert.match(kept.output, /Turn logto off\? .*Nothing was removed\.\n$/s);
    const removed = await logto('remove', 'logto', '--all', '--yes');
    assert.equal(
      lastLine(removed.output),
      'logto has no secret left: it is off within half an hour at the latest.',
    );
    assert.equal((await logto('remove', 'logto', '--all', '--yes')).exitCode, 1);
    assert.match((await logto('add', 'logto', '--yes')).output, /^Bearer [\w-]{32}$/m);
  });
});
