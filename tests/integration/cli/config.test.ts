import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ParameterStore, startParameterStore } from '../../../local/parameter-store/index.ts';
import { startFunction } from '../../support/function.ts';
import { CONNECTOR, startStack } from '../../support/stack.ts';

const main = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));

describe('npm run smsaero --', () => {
  let folder: string;
  let store: ParameterStore;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'smsaero-cli-'));
    store = await startParameterStore();
  });
  after(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  async function run(args: string[], environment: Record<string, string> = {}) {
    const env = {
      HOME: folder,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_SSM: store.url,
      ...environment,
    };
    return new Promise<{ exitCode: number; output: string }>((resolve) => {
      execFile(process.execPath, [main, ...args], { env }, (error, stdout, stderr) =>
        resolve({ exitCode: error ? Number(error.code) : 0, output: stdout + stderr }),
      );
    });
  }
  const write = async (content: unknown) => {
    const file = join(folder, 'connector.json');
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    return file;
  };

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
    const pushed = await run(['config', 'push', file, '--stage', 'test']);
    assert.equal(pushed.exitCode, 0, pushed.output);
    assert.deepEqual(
      pushed.output
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/)),
      [
        ['/smsaero/test/email', 'String', 'new'],
        ['/smsaero/test/apiKey', 'SecureString', 'new'],
        ['/smsaero/test/senderName', 'String', 'new'],
        ['/smsaero/test/templates', 'String', 'new'],
      ],
    );
    assert.doesNotMatch(pushed.output, /owner@|-key_/);
    const added = await run(['secret', 'add', 'logto', '--stage', 'test']);
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

  it('writes only what changed', async () => {
    const file = await write({ ...CONNECTOR, senderName: 'MyShop' });
    await run(['config', 'push', file, '--stage', 'again']);
    const second = await write({ ...CONNECTOR, senderName: 'SMSAero' });
    const { output } = await run(['config', 'push', second, '--stage', 'again']);
    assert.deepEqual(
      output
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/).at(-1)),
      ['unchanged', 'unchanged', 'changed', 'unchanged'],
    );
  });

  it('refuses a bad configuration with every problem, and writes nothing', async () => {
    const before = store.calls.length;
    const file = await write({
      ...CONNECTOR,
      email: undefined,
      templates: [{ usageType: 'Generic', content: 'ТАЙНА' }],
    });
    const { exitCode, output } = await run(['config', 'push', file, '--stage', 'test']);
    assert.equal(exitCode, 1);
    for (const problem of [
      'email is missing',
      'templates.0.content has no {{code}}',
      'templates have none for SignIn',
    ]) {
      assert.ok(output.includes(problem), output);
    }
    assert.doesNotMatch(output, /ТАЙНА/);
    assert.equal(store.calls.length, before);
    for (const content of ['{"apiKey": "ТАЙНА', '[]', '"ТАЙНА"']) {
      const bad = await run(['config', 'push', await write(content)]);
      assert.deepEqual([bad.exitCode, bad.output], [1, `${file} is no JSON object\n`]);
    }
    assert.match(
      (await run(['config', 'push', join(folder, 'nothing.json')])).output,
      /nothing\.json cannot be read/,
    );
  });

  it('keeps two secrets while one is rotated, and no third', async () => {
    await run(['secret', 'add', 'okta']);
    await run(['secret', 'add', 'okta']);
    const { exitCode, output } = await run(['secret', 'add', 'okta']);
    assert.equal(exitCode, 1);
    assert.equal(
      output,
      '/smsaero/dev/platforms/okta has 2 secrets already: secret remove okta takes the older one away\n',
    );
    assert.equal((await run(['secret', 'remove', 'okta'])).exitCode, 0);
    const last = await run(['secret', 'remove', 'okta']);
    assert.deepEqual(
      [last.exitCode, last.output],
      [1, '/smsaero/dev/platforms/okta has 1 secret: only the older of two is removed\n'],
    );
    const { output: third } = await run(['secret', 'add', 'okta']);
    assert.match(third, /^Bearer [\w-]{32}$/m);
    assert.equal((await run(['secret', 'add', '../x'])).exitCode, 1);
  });

  it('says what is missing: credentials, a region, permission, a command', async () => {
    const file = await write(CONNECTOR);
    const push = ['config', 'push', file];
    const nobody = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_EC2_METADATA_DISABLED: 'true' };
    assert.match((await run(push, nobody)).output, /^No AWS credentials: sign in with the AWS CLI/);
    assert.match((await run(push, { AWS_REGION: '' })).output, /^No AWS region: add --region/);
    store.fail('access_denied');
    assert.match((await run(push)).output, /^AWS does not allow it/);
    store.fail(undefined);
    assert.match((await run(['config', 'pull'])).output, /^Usage: npm run smsaero -- <command>/);
    assert.equal((await run(['config', 'pull'])).exitCode, 1);
    assert.equal((await run(['--help'])).exitCode, 0);
    assert.equal((await run([...push, '--stage', '../prod'])).exitCode, 1);
  });
});
