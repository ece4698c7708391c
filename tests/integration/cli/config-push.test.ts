import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { DescribeParametersCommand, GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { startParameterStore } from '../../../local/parameter-store.ts';
import { createAccount, startGate } from '../../../local/simulator/index.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';
import { assertFails, linesOf, openCommandLine, TARGET } from '../../support/cli.ts';
import { CONNECTOR } from '../../support/connector.ts';

useAwsStandIns();

describe('config push and pull', async () => {
  const store = await startParameterStore();
  const cli = await openCommandLine({ AWS_ENDPOINT_URL_SSM: store.url });
  const client = new SSMClient({ endpoint: store.url });
  afterEach(() => store.watch(undefined));
  after(async () => {
    client.destroy();
    await store.close();
    await cli.close();
  });

  const push = async (stage: string, connector: unknown, ...args: string[]) => {
    const file = await cli.write('connector.json', connector);
    return cli.run(['config', 'push', file, '--stage', stage, '--yes', ...args]);
  };
  const pull = async (stage: string) =>
    JSON.parse((await cli.run(['config', 'pull', '--stage', stage])).output) as Record<string, unknown>;
  const withKey = (apiKey: string) => ({ ...CONNECTOR, apiKey });
  const puts = () => store.calls.filter(({ operation }) => operation === 'PutParameter').length;
  async function hashKeyOf(stage: string): Promise<string> {
    const Name = `/smsaero/${stage}/hashKey`;
    const { Parameter } = await client.send(new GetParameterCommand({ Name, WithDecryption: true }));
    assert.equal(Parameter?.Type, 'SecureString');
    return Parameter?.Value ?? '';
  }
  /** The KMS keys of a stage's secrets, by parameter. */
  async function keysOf(stage: string) {
    const ParameterFilters = [{ Key: 'Path', Option: 'Recursive', Values: [`/smsaero/${stage}`] }];
    const { Parameters = [] } = await client.send(new DescribeParametersCommand({ ParameterFilters }));
    const secrets = Parameters.filter(({ KeyId }) => KeyId !== undefined);
    return Object.fromEntries(secrets.map(({ Name = '', KeyId }) => [Name.split(`/${stage}/`)[1], KeyId]));
  }

  it('pushes a configuration that is read as it was written, and shows no secret', async (t) => {
    const wordy = `«Кавычки» "и" 'ещё'\n{{{code}}} $HOME \`x\``;
    const templates = [...CONNECTOR.templates, { usageType: 'MfaVerification', content: wordy }];
    const { output, problems } = await push('test', { ...withKey('-key_0123456789'), templates });
    assert.deepEqual(
      [problems, linesOf(output).filter((line) => !/^(warning| )/.test(line))],
      [
        '',
        [
          '/smsaero/test/email       String        new',
          '/smsaero/test/apiKey      SecureString  new',
          '/smsaero/test/senderName  String        new',
          '/smsaero/test/templates   String        new',
          '/smsaero/test/hashKey     SecureString  new',
          ...['A random hashKey is made, only this once.', TARGET('test'), '5 parameters written.'],
        ],
      ],
    );
    assert.doesNotMatch(output, /owner@|-key_/);
    const account = createAccount({ email: CONNECTOR.email, apiKey: '-key_0123456789' });
    const gate = await startGate(account);
    t.after(() => gate.close());
    const message = '--to 79031234567 --type MfaVerification --code 482913 --timeout 1s'.split(' ');
    await cli.run(['send', '--stage', 'test', ...message], { SMSAERO_GATES: gate.url });
    assert.equal(account.messages()[0]?.text, wordy.replace('{{{code}}}', '{482913}'));
  });

  it('shows what changes, writes only that, and pulls it back without the key', async () => {
    await push('again', CONNECTOR);
    const before = puts();
    const [register, signIn, , ...others] = CONNECTOR.templates;
    const changed = {
      ...withKey('newKey_0123456789_newKey_0123456'),
      templates: [register, { ...signIn, content: 'Код: {{code}}\nЕщё строка' }, ...others],
    };
    const { output } = await push('again', changed);
    assert.deepEqual(linesOf(output), [
      '/smsaero/again/email       String        unchanged',
      '/smsaero/again/apiKey      SecureString  changed',
      '/smsaero/again/senderName  String        unchanged',
      '/smsaero/again/templates   String        changed',
      ...['/smsaero/again/hashKey     SecureString  unchanged', '  SignIn'],
      ...['    - Код для входа: {{code}}. Никому его не сообщайте.', '    + Код: {{code}}'],
      ...['    + Ещё строка', '  SignIn, en', '    - Your sign-in code is {{code}}.'],
      ...[TARGET('again'), '2 parameters written.'],
    ]);
    assert.equal(puts(), before + 2);
    const pulled = await pull('again');
    const { apiKey: _, ...withoutKey } = changed;
    assert.deepEqual(pulled, withoutKey);
    assert.equal(linesOf((await push('again', pulled)).output).at(-1), 'Nothing to write.');
  });

  it('writes sender names of countries and channels, and pulls both back', async () => {
    const pushed = async (connector: object) => linesOf((await push('abroad', connector)).output);
    const [first, ...others] = CONNECTOR.templates;
    const templates = [{ ...first, channel: 'telegram', links: true }, ...others];
    const senderNames = { KZ: 'MyShopKZ' };
    const written = (await pushed({ ...CONNECTOR, senderNames, templates })).join('\n');
    assert.match(written, /senderNames +String +new$/m);
    assert.match(written, /^ {2}Register, with links, by Telegram$/m);
    const pulled = await pull('abroad');
    assert.deepEqual([pulled['senderNames'], pulled['templates']], [senderNames, templates]);

    const kept = 'senderNames stay as they are: the file has none. To remove them: "senderNames": {}';
    assert.ok((await pushed(CONNECTOR)).includes(kept));
    assert.deepEqual((await pull('abroad'))['senderNames'], senderNames);
    assert.ok(!(await pushed({ ...CONNECTOR, senderNames: {} })).includes(kept));
    assert.deepEqual((await pull('abroad'))['senderNames'], {});
  });

  it('writes nothing of a bad configuration, and quotes no text', async () => {
    const before = store.calls.length;
    const templates = [{ usageType: 'Generic', content: 'ТАЙНА' }];
    const { exitCode, output } = await push('test', { ...CONNECTOR, email: undefined, templates });
    assert.equal(exitCode, 1);
    assert.match(output, /^error {4}email is missing\n.*: \d errors; nothing was written\n$/s);
    assert.doesNotMatch(output, /ТАЙНА/);
    // What was copied from the README, except on the stage that npm start plays.
    const sample = { ...CONNECTOR, email: 'owner@example.com', apiKey: 'YOUR_API_KEY' };
    const refused = await push('prod', sample);
    assert.match(
      refused.output,
      /^error {4}email is the placeholder.*\nerror {4}apiKey is the .*\n.*; nothing was/,
    );
    assert.deepEqual([refused.exitCode, store.calls.length], [1, before]);
    assert.equal((await push('local', sample)).exitCode, 0);
  });

  it('encrypts with the key that was asked for, also where the value stays, then with the one that is there', async () => {
    await push('key', CONNECTOR);
    assert.deepEqual(await keysOf('key'), { apiKey: 'alias/aws/ssm', hashKey: 'alias/aws/ssm' });
    const { output } = await push('key', CONNECTOR, '--key-alias', 'alias/mine');
    assert.match(output, /apiKey {6}SecureString {2}gets the other key\n/);
    assert.equal(linesOf(output).at(-1), '2 parameters written.');
    await push('key', withKey('another-key'));
    for (const verb of ['add', 'add', 'remove'])
      await cli.run(['secret', verb, 'logto', '--stage', 'key', '--yes']);
    const mine = 'alias/mine';
    assert.deepEqual(await keysOf('key'), { apiKey: mine, hashKey: mine, 'platforms/logto': mine });
    assert.equal((await push('key', CONNECTOR, '--key-alias', 'mine')).exitCode, 2);
  });

  it('makes a random hash key, which outlives the API key and is never shown', async () => {
    const first = await push('hash', CONNECTOR);
    const hashKey = await hashKeyOf('hash');
    assert.match(hashKey, /^[\w-]{43}$/); // 32 bytes
    const rotated = await push('hash', withKey('another-key'));
    const pulled = await cli.run(['config', 'pull', '--stage', 'hash']);
    const doctor = await cli.run(['doctor', '--stage', 'hash'], { SMSAERO_GATES: 'http://127.0.0.1:1' });
    assert.equal(await hashKeyOf('hash'), hashKey);
    for (const { output, problems } of [first, rotated, pulled, doctor]) {
      assert.ok(!`${output}${problems}`.includes(hashKey.slice(0, 8)), output);
    }
    assert.doesNotMatch(pulled.output, /hashKey/);
    assert.doesNotMatch(rotated.output, /A random/);
    await push('other', CONNECTOR);
    assert.notEqual(await hashKeyOf('other'), hashKey);
  });

  it('makes a hash key although nothing else changes, and another one where that cannot be used', async () => {
    const made = (why: string) =>
      `A random hashKey is made, ${why}. Repeats and reports of messages that were sent before are not recognised.`;
    const lastLines = async () => linesOf((await push('old', CONNECTOR)).output).slice(-3);
    await lastLines();
    store.delete('/smsaero/old/hashKey');
    assert.deepEqual(await lastLines(), [made('only this once'), TARGET('old'), '1 parameter written.']);
    const usable = `\ufeff${await hashKeyOf('old')}\n`;
    store.put('/smsaero/old/hashKey', usable);
    assert.equal((await lastLines()).at(-1), 'Nothing to write.');
    assert.equal(await hashKeyOf('old'), usable);
    store.put('/smsaero/old/hashKey', 'short');
    assert.equal((await lastLines())[0], made('because the functions refuse the stored one'));
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
      /^Somebody else wrote it in the meantime: .*; written: nothing; not written: hashKey\n$/,
    );
    assert.equal(await hashKeyOf('race'), theirs);
  });

  it('says what was written when the rest is refused, the largest first', async () => {
    await push('half', CONNECTOR);
    const templates = [...CONNECTOR.templates, { usageType: 'BindMfa', content: '{{code}}' }];
    const before = puts();
    store.watch(() => (puts() === before + 2 ? 'access_denied' : undefined));
    const { exitCode, problems } = await push('half', {
      ...withKey('another-key'),
      email: 'a@my-shop.ru',
      templates,
    });
    assert.equal(exitCode, 1);
    assert.match(problems, /^AWS does not allow it .*; written: templates; not written: email, apiKey\n$/);
  });

  it('writes nothing beside a secret that is stored in the clear, and says what to do', async () => {
    await push('clear', CONNECTOR);
    for (const [name, todo] of [
      ['hashKey', 'push again, which makes another one'],
      ['apiKey', 'write it again with its value'],
    ]) {
      const path = `/smsaero/clear/${name}`;
      store.delete(path);
      store.put(path, 'h'.repeat(43), 'String');
      const { exitCode, problems } = await push('clear', { ...CONNECTOR, email: 'b@my-shop.ru' });
      assert.equal(exitCode, 1);
      assert.equal(
        problems,
        `${path} is stored as a plain String, and AWS changes no type: delete it (aws ssm delete-parameter --name ${path}), then ${todo}; nothing was written\n`,
      );
    }
  });

  it('prints JSON for scripts, and asks nothing', async () => {
    const file = await cli.write('connector.json', CONNECTOR);
    const run = (...args: string[]) => cli.run(['config', ...args, '--json', '--stage', 'json']);
    const checked = JSON.parse((await run('check', file)).output);
    const cost = { channel: 'sms', encoding: 'GSM-7', segments: 1, used: 28, room: 160, open: false };
    assert.deepEqual([checked.ok, checked.problems], [true, []]);
    assert.deepEqual(checked.templates[2], { usageType: 'SignIn', locale: 'en', ...cost });
    await assertFails(
      run('push', file),
      2,
      'error: Nothing was written: --json does not ask, so say --yes\nHelp: npm run smsaero -- config push --help\n',
    );
    const { changes, ...pushed } = JSON.parse((await run('push', file, '--yes')).output);
    assert.deepEqual(pushed, {
      ...{ account: '000000000000', caller: 'arn:aws:iam::000000000000:user/local' },
      ...{ region: 'eu-central-1', stage: 'json', written: true, problems: [] },
    });
    assert.deepEqual(changes[1], { name: 'apiKey', type: 'SecureString', state: 'new' });
    assert.equal(JSON.parse((await run('push', file, '--yes')).output).written, false);
    const { apiKey: _, ...pulled } = CONNECTOR;
    assert.deepEqual(JSON.parse((await run('pull')).output), pulled);
  });
});
