import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { checkParameters } from '../../../infra/check-parameters.ts';
import { PLATFORMS } from '../../../lib/platforms/index.ts';
import { startCallerIdentity } from '../../../local/caller-identity.ts';
import { type ParameterStore, startParameterStore } from '../../../local/parameter-store.ts';
import { type CommandLine, openCommandLine } from '../../support/cli.ts';
import { startFunction } from '../../support/function.ts';
import { CONNECTOR, startStack } from '../../support/stack.ts';

const TARGET = (stage: string) =>
  `In account 000000000000, caller arn:aws:iam::000000000000:user/local, region eu-central-1, stage ${stage}`;

describe('config push and pull, secrets', () => {
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

  const write = (content: unknown) => cli.write('connector.json', content);
  const lines = (output: string) => output.trimEnd().split('\n');

  it('pushes a configuration that the function loads, and a secret that it accepts', async () => {
    const wordy = {
      usageType: 'MfaVerification',
      content: `«Кавычки» "и" 'ещё'\n{{{code}}} $HOME ${'`'}x${'`'}`,
    };
    const file = await write({
      ...CONNECTOR,
      apiKey: '-key_0123456789_testKey_01234567',
      templates: [...CONNECTOR.templates, wordy],
    });
    const pushed = await cli.run(['config', 'push', file, '--stage', 'test', '--yes']);
    assert.equal(pushed.exitCode, 0, pushed.problems);
    assert.deepEqual(
      lines(pushed.output)
        .filter((line) => line.startsWith('/'))
        .map((line) => line.split(/\s+/)),
      [
        ['/smsaero/test/email', 'String', 'new'],
        ['/smsaero/test/apiKey', 'SecureString', 'new'],
        ['/smsaero/test/senderName', 'String', 'new'],
        ['/smsaero/test/templates', 'String', 'new'],
        ['/smsaero/test/hashKey', 'SecureString', 'new'],
      ],
    );
    assert.deepEqual(lines(pushed.output).slice(-3), [
      'hashKey is made at random, this once.',
      TARGET('test'),
      '5 parameters written.',
    ]);
    assert.doesNotMatch(pushed.output, /owner@|-key_/);
    const added = await cli.run(['secret', 'add', 'logto', '--stage', 'test', '--yes']);
    const secret = /^Bearer [\w-]{32}$/m.exec(added.output)?.[0] ?? '';
    assert.ok(secret, added.output);

    const stack = await startStack({ plainHttp: true, gates: 1 });
    stack.account.apiKey = '-key_0123456789_testKey_01234567';
    const hook = await startFunction('sms-hook', {
      SMSAERO_CONFIG_PATH: '/smsaero/test',
      SMSAERO_GATES: stack.gates[0]?.url ?? '',
      AWS_ENDPOINT_URL_SSM: store.url,
    });
    const response = await fetch(`${hook.url}/sms/logto`, {
      method: 'POST',
      headers: { authorization: secret },
      body: JSON.stringify({ to: '79031234567', type: 'MfaVerification', payload: { code: '482913' } }),
    });
    const [message] = stack.account.messages();
    await hook.close();
    await stack.close();
    assert.equal(response.status, 200, await response.text());
    assert.equal(message?.text, `«Кавычки» "и" 'ещё'\n{482913} $HOME ${'`'}x${'`'}`);
  });

  it('shows what changes, writes that alone, and pulls it back without the key', async () => {
    await cli.run(['config', 'push', await write(CONNECTOR), '--stage', 'again', '--yes']);
    const before = store.calls.length;
    const [register, signIn, , ...others] = CONNECTOR.templates;
    const changed = {
      ...CONNECTOR,
      apiKey: 'newKey_0123456789_newKey_0123456',
      templates: [register, { ...signIn, content: 'Код: {{code}}\nЕщё строка' }, ...others],
    };
    const { output, problems, exitCode } = await cli.run([
      ...['config', 'push', await write(changed)],
      ...['--stage', 'again', '--yes'],
    ]);
    assert.equal(exitCode, 0, problems);
    assert.deepEqual(lines(output), [
      '/smsaero/again/email       String        unchanged',
      '/smsaero/again/apiKey      SecureString  changed',
      '/smsaero/again/senderName  String        unchanged',
      '/smsaero/again/templates   String        changed',
      ...['/smsaero/again/hashKey     SecureString  unchanged', '  SignIn'],
      ...['    - Код для входа: {{code}}. Никому его не сообщайте.', '    + Код: {{code}}'],
      ...['    + Ещё строка', '  SignIn, en', '    - Your sign-in code is {{code}}.'],
      TARGET('again'),
      '2 parameters written.',
    ]);
    assert.deepEqual(
      store.calls.slice(before).filter(({ operation }) => operation === 'PutParameter').length,
      2,
    );
    const pulled = await cli.run(['config', 'pull', '--stage', 'again']);
    const { apiKey: _, ...withoutKey } = changed;
    assert.deepEqual(JSON.parse(pulled.output), withoutKey);
    const back = await cli.run(['config', 'push', await write(pulled.output), '--stage', 'again']);
    assert.equal(lines(back.output).at(-1), 'Nothing to write.', back.problems);
  });

  it('writes sender names of countries and channels, and pulls both back', async () => {
    const stage = ['--stage', 'abroad'];
    const pull = async () => JSON.parse((await cli.run(['config', 'pull', ...stage])).output);
    const push = async (connector: object) =>
      lines((await cli.run(['config', 'push', await write(connector), ...stage, '--yes'])).output);
    const [first, ...others] = CONNECTOR.templates;
    const templates = [{ ...first, channel: 'telegram', links: true }, ...others];
    const senderNames = { KZ: 'MyShopKZ' };

    assert.ok(!(await push(CONNECTOR)).some((line) => line.includes('senderNames')));
    const pushed = await push({ ...CONNECTOR, senderNames, templates });
    assert.ok(pushed.some((line) => /senderNames +String +new$/.test(line)));
    assert.ok(pushed.some((line) => /^ {2}Register, .*by Telegram/.test(line)));
    const pulled = await pull();
    assert.deepEqual([pulled.senderNames, pulled.templates], [senderNames, templates]);

    const kept = 'senderNames stay as they are: the file has none. To remove them: "senderNames": {}';
    assert.ok((await push(CONNECTOR)).includes(kept));
    assert.deepEqual((await pull()).senderNames, senderNames);
    assert.ok(!(await push({ ...CONNECTOR, senderNames: {} })).includes(kept));
    assert.deepEqual((await pull()).senderNames, {});
  });

  it('takes the region of serverless.yml as serverless deploy does, whatever the shell and the profile have, and says so', async () => {
    const AWS_CONFIG_FILE = await cli.write('aws-config', '[profile far]\nregion = sa-east-1\n');
    const keys = '[far]\naws_access_key_id = test\naws_secret_access_key = test\n';
    const AWS_SHARED_CREDENTIALS_FILE = await cli.write('aws-credentials', keys);
    const profile = { AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE: 'far' };
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

  it('shows account, caller, region and stage before it asks', async (t) => {
    const arn = 'arn:aws:sts::123456789012:assumed-role/Admin/me';
    const identity = await startCallerIdentity({ arn });
    t.after(() => identity.close());
    const shown = `In account 123456789012, caller ${arn}, region eu-west-1, stage shown`;
    const where = ['--stage', 'shown', '--region', 'eu-west-1'];
    const ask = (...args: string[]) =>
      cli.run([...args, ...where], { AWS_ENDPOINT_URL_STS: identity.url }, { answer: 'n\n' });
    const file = await write(CONNECTOR);
    for (const [args, question] of [
      [['config', 'push', file], 'Write 5 parameters below /smsaero/shown?'],
      [['secret', 'add', 'logto'], 'Add a secret to /smsaero/shown/platforms/logto?'],
    ] as const) {
      const { exitCode, output } = await ask(...args);
      assert.equal(exitCode, 1);
      const [at, asked] = [output.indexOf(`${shown}\n`), output.indexOf(`${question} [y/N] `)];
      assert.ok(at >= 0 && at < asked, output);
      assert.doesNotMatch(output, /Bearer/);
    }
    assert.equal((await cli.run(['config', 'pull', ...where])).exitCode, 1);
    for (const _ of ['old', 'new']) await cli.run(['secret', 'add', 'logto', ...where, '--yes']);
    for (const [all, question] of [
      [[], /Remove the secret [0-9a-f]{8} from \/smsaero\/shown\/platforms\/logto\? \[y\/N\] /],
      [['--all'], /Turn logto off\? .*\[y\/N\] /],
    ] as const) {
      const { exitCode, output } = await ask('secret', 'remove', 'logto', ...all);
      assert.equal(exitCode, 1);
      assert.equal(lines(output)[0], shown);
      assert.match(output, question);
    }
    assert.match((await cli.run(['secret', 'list', ...where])).output, /^logto {5}2 /m);
  });

  it('writes nothing while AWS does not say whose account it is, --yes or not', async () => {
    const before = store.calls.length;
    const nobody = { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' };
    const file = await write(CONNECTOR);
    for (const args of [
      ['config', 'push', file],
      ['secret', 'add', 'logto'],
    ]) {
      const { exitCode, problems } = await cli.run([...args, '--stage', 'unknown', '--yes'], nobody);
      assert.deepEqual(
        [exitCode, problems],
        [
          1,
          'Nothing was written: AWS does not say whose account this is: AWS cannot be reached: check the network and the region (ECONNREFUSED)\n',
        ],
      );
    }
    const written = store.calls.slice(before).filter(({ operation }) => operation === 'PutParameter');
    assert.deepEqual(written, []);
  });

  it('refuses a bad configuration with every problem, and writes nothing', async () => {
    const before = store.calls.length;
    const file = await write({
      ...CONNECTOR,
      email: undefined,
      templates: [{ usageType: 'Generic', content: 'ТАЙНА' }],
    });
    const { exitCode, output } = await cli.run(['config', 'push', file, '--stage', 'test', '--yes']);
    assert.equal(exitCode, 1);
    for (const problem of [
      'email is missing',
      'templates.0.content has no {{code}}',
      'templates have none for SignIn',
      'nothing was written',
    ]) {
      assert.ok(output.includes(problem), output);
    }
    assert.doesNotMatch(output, /ТАЙНА/);
    assert.equal(store.calls.length, before);
    const noObject = "not a JSON object: it must begin with {, as the connector's JSON does";
    for (const [content, problem] of [
      ['{"apiKey": "ТАЙНА', 'not JSON: line 1, column 12: a text without its closing "'],
      ['[]', noObject],
      ['"ТАЙНА"', noObject],
    ] as const) {
      const bad = await cli.run(['config', 'push', await write(content)]);
      assert.deepEqual([bad.exitCode, bad.problems], [1, `${file} is ${problem}\n`]);
    }
    const nothing = await cli.run(['config', 'push', 'nothing.json']);
    assert.deepEqual([nothing.exitCode, nothing.problems], [1, 'nothing.json does not exist\n']);
  });

  it('keeps two secrets while one is rotated, and no third, and shows each once', async () => {
    const [first, second] = [
      await cli.run(['secret', 'add', 'direct', '--yes']),
      await cli.run(['secret', 'add', 'direct', '--yes']),
    ];
    const print = (output: string) => /Fingerprint ([0-9a-f]{8})\./.exec(output)?.[1] ?? '?';
    const listed = await cli.run(['secret', 'list']);
    assert.deepEqual(lines(listed.output), [
      'platform  secrets  fingerprints',
      `direct    2        ${print(first.output)} ${print(second.output)}`,
    ]);
    const one = await cli.run(['secret', 'list', 'direct']);
    assert.equal(one.output, listed.output);
    const third = await cli.run(['secret', 'add', 'direct', '--yes']);
    assert.deepEqual(
      [third.exitCode, third.problems],
      [
        1,
        '/smsaero/dev/platforms/direct has 2 secrets already: secret remove direct takes the older one away\n',
      ],
    );
    const removed = await cli.run(['secret', 'remove', 'direct', '--yes']);
    assert.equal(
      removed.output,
      `${TARGET('dev')}\ndirect has one secret left, the newer one (${print(second.output)}); ${print(first.output)} is gone.\n`,
    );
    const last = await cli.run(['secret', 'remove', 'direct', '--yes']);
    assert.deepEqual(
      [last.exitCode, last.problems],
      [
        1,
        '/smsaero/dev/platforms/direct has 1 secret: only the older of two is removed; --all turns the platform off\n',
      ],
    );
    assert.match((await cli.run(['secret', 'add', 'direct', '--yes'])).output, /^Bearer [\w-]{32}$/m);
  });

  it('makes no secret for what is not a platform', async () => {
    const before = store.calls.length;
    const platforms = PLATFORMS.map(({ name }) => name).join(', ');
    for (const [name, meant] of [
      ['foo', ''],
      ['lgoto', ': did you mean logto?'],
      ['Logto', ': did you mean logto?'],
      ['../x', ''],
    ] as const) {
      const { exitCode, output, problems } = await cli.run(['secret', 'add', name]);
      assert.deepEqual([exitCode, output], [2, '']);
      assert.equal(
        problems.split('\n')[0],
        `error: "${name}" is not a platform of this version (${platforms})${meant}`,
      );
    }
    assert.equal(store.calls.length, before);
  });

  it('refuses what was copied from the README, except on the stage that npm start plays', async () => {
    const sample = await write({ ...CONNECTOR, email: 'owner@example.com', apiKey: 'YOUR_API_KEY' });
    const before = store.calls.length;
    const { exitCode, output } = await cli.run(['config', 'push', sample, '--stage', 'prod', '--yes']);
    assert.equal(exitCode, 1);
    assert.match(
      output,
      /^error {4}email is the placeholder.*\nerror {4}apiKey is the .*\n.*: 2 errors; nothing was written\n$/,
    );
    assert.equal(store.calls.length, before);
    assert.equal((await cli.run(['config', 'push', sample, '--stage', 'local', '--yes'])).exitCode, 0);
  });

  it('prints JSON for scripts, and nothing else', async () => {
    const run = async (...args: string[]) => {
      const { exitCode, output, problems } = await cli.run([...args, '--json', '--stage', 'json']);
      return { exitCode, problems, printed: output === '' ? undefined : JSON.parse(output) };
    };
    const file = await write(CONNECTOR);
    const checked = await run('config', 'check', file);
    assert.deepEqual(
      [checked.printed.ok, checked.printed.problems, checked.printed.templates[2]],
      [
        true,
        [],
        {
          usageType: 'SignIn',
          locale: 'en',
          channel: 'sms',
          encoding: 'GSM-7',
          segments: 1,
          used: 28,
          room: 160,
          open: false,
        },
      ],
    );
    assert.deepEqual(await run('config', 'push', file), {
      exitCode: 2,
      problems:
        'error: Nothing was written: --json does not ask, so say --yes\nHelp: npm run smsaero -- config push --help\n',
      printed: undefined,
    });
    const { printed: pushed } = await run('config', 'push', file, '--yes');
    assert.deepEqual(
      [pushed.stage, pushed.written, pushed.problems, pushed.changes[1]],
      ['json', true, [], { name: 'apiKey', type: 'SecureString', state: 'new' }],
    );
    const target = {
      account: '000000000000',
      caller: 'arn:aws:iam::000000000000:user/local',
      region: 'eu-central-1',
      stage: 'json',
    };
    assert.deepEqual({ ...pushed, ...target }, pushed);
    const { printed: again } = await run('config', 'push', file, '--yes');
    assert.equal(again.written, false);
    const { apiKey: _, ...pulled } = CONNECTOR;
    assert.deepEqual((await run('config', 'pull')).printed, pulled);
    const { printed: added } = await run('secret', 'add', 'logto', '--yes');
    assert.match(added.secret, /^Bearer [\w-]{32}$/);
    const { printed: second } = await run('secret', 'add', 'logto', '--yes');
    const fingerprints = [added.fingerprint, second.fingerprint];
    assert.deepEqual((await run('secret', 'list')).printed, {
      platforms: [{ platform: 'logto', fingerprints }],
    });
    assert.deepEqual((await run('secret', 'remove', 'logto', '--yes')).printed, {
      ...target,
      platform: 'logto',
      removed: [fingerprints[0]],
      left: [fingerprints[1]],
    });
    assert.deepEqual((await run('secret', 'remove', 'logto', '--all', '--yes')).printed, {
      ...target,
      platform: 'logto',
      removed: [fingerprints[1]],
      left: [],
    });
  });

  it('makes a secret in the form of its platform, and takes one that the platform has made', async () => {
    const made = await cli.run(['secret', 'add', 'supabase', '--yes']);
    assert.match(made.output, /^Supabase Auth must sign with this key, word for word: Authentication > /m);
    assert.match(made.output, /^v1,whsec_[A-Za-z0-9+/]{43}=$/m);
    assert.match(
      (await cli.run(['secret', 'add', 'webhook', '--yes'])).output,
      /^whsec_[A-Za-z0-9+/]{43}=$/m,
    );

    const asked = await cli.run(['secret', 'add', 'zitadel', '--yes']);
    assert.deepEqual([asked.exitCode, asked.output], [2, '']);
    assert.match(asked.problems, /The secret of ZITADEL \(the signingKey .*\) is read from standard input/);
    const key = 'kGWf7lYvxMT5wZPZFbZ9LZ5fqwLLIIkr';
    const taken = await cli.run(['secret', 'add', 'zitadel', '--yes'], {}, { answer: `${key}\n` });
    assert.match(taken.output, /^ZITADEL is on with this secret\. Fingerprint [0-9a-f]{8}\.\n$/m);
    assert.ok(!taken.output.includes(key));
    const twice = await cli.run(['secret', 'add', 'zitadel', '--yes'], {}, { answer: `${key}\n` });
    assert.match(twice.problems, /has this secret already/);
  });

  it('refuses a secret of another form; doctor and the deployment find one', async () => {
    const wrong = await cli.run(
      ['secret', 'add', 'supabase', '--existing', '--yes', '--stage', 'forms'],
      {},
      {
        answer: 'Bearer 0123456789abcdef\n',
      },
    );
    assert.deepEqual([wrong.exitCode, wrong.output], [1, '']);
    assert.match(wrong.problems, /must be v1,whsec_ .* Nothing was written\n$/);
    assert.ok(!wrong.problems.includes('0123456789abcdef'));

    store.put('/smsaero/test/platforms/supabase', 'Bearer 0123456789abcdef', 'SecureString');
    const { exitCode, output } = await cli.run(['doctor', '--stage', 'test'], {
      SMSAERO_GATES: 'http://127.0.0.1:1',
    });
    assert.equal(exitCode, 1);
    assert.match(output, /^fail {2}caller secrets: supabase has a secret that must be v1,whsec_/m);
    const access = { accessKeyId: 'test', secretAccessKey: 'test' };
    const config = { endpoint: store.url, region: 'eu-central-1', credentials: access };
    await assert.rejects(
      checkParameters('/smsaero/test', config),
      /platforms\/supabase has a secret that must be v1,whsec_/,
    );
    store.delete('/smsaero/test/platforms/supabase');
    assert.match(await checkParameters('/smsaero/test', config), /are valid; platforms: logto/);
  });
});
