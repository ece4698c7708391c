import assert from 'node:assert/strict';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Metafile } from 'esbuild';
import { defaultProvider } from '../../infra/bundle/environment-credentials.ts';
import { bundle } from '../../infra/bundle.ts';
import { copyProject } from './packaged.ts';

/** What a bundle may be, and what it has of AWS. */
interface Expected {
  /** Bytes of the minified function, a little above what it has: more is loaded in every cold start. */
  readonly budget: number;
  /** Commands by client; none of a client that is taken whole. */
  readonly calls: Readonly<Record<string, readonly string[]>>;
}

const SSM = { 'client-ssm': ['GetParametersByPathCommand'] };
const TABLE = [
  'DeleteItemCommand',
  'DescribeEndpointsCommand', // the client brings it for endpoint discovery, which is off
  'GetItemCommand',
  'UpdateItemCommand',
];
const COMMON = { ...SSM, 'client-dynamodb': TABLE };
const EXPECTED: Readonly<Record<string, Expected>> = {
  'account-monitor': { budget: 450_000, calls: COMMON },
  'cognito-auth-challenge': { budget: 520_000, calls: COMMON },
  // The AWS Encryption SDK: nobody but Cognito's codes needs it. It takes the whole KMS client, commands and all.
  'cognito-sms-sender': { budget: 825_000, calls: { ...COMMON, 'client-kms': [] } },
  'delivery-check': {
    budget: 450_000,
    calls: { ...SSM, 'client-dynamodb': [...TABLE, 'QueryCommand'].sort() },
  },
  // What it tells is in the stream's records: neither table nor configuration.
  'delivery-events': { budget: 225_000, calls: { 'client-eventbridge': ['PutEventsCommand'] } },
  'delivery-report': { budget: 445_000, calls: COMMON },
  'message-status': { budget: 450_000, calls: COMMON },
  'sms-hook': { budget: 515_000, calls: COMMON },
  // Lambda receives and deletes what is in the queue.
  'sms-queue': {
    budget: 550_000,
    calls: { ...COMMON, 'client-sqs': ['ChangeMessageVisibilityCommand', 'SendMessageCommand'] },
  },
};

const root = await copyProject();
after(() => rm(root, { recursive: true, force: true }));

const bundles = await bundle({ root });
const names = Object.keys(EXPECTED);
const folder = join(root, 'dist', 'sms-hook');

const contentsOf = async (name: string) => {
  const metafile: Metafile = JSON.parse(await readFile(join(root, 'dist', name, 'meta.json'), 'utf8'));
  const [output, ...others] = Object.values(metafile.outputs);
  /** Sources that left something in the bundle: esbuild also lists what it shook out. */
  const inputs = Object.entries(output?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [path] : [],
  );
  return { output, others, inputs };
};

const contents = new Map(
  await Promise.all(names.map(async (name) => [name, await contentsOf(name)] as const)),
);

const commandsIn = (inputs: string[]) =>
  inputs.flatMap(
    (path) =>
      path
        .match(/(client-\w+)\/.*commands\/(\w+)\.js$/)
        ?.slice(1)
        .join(' ') ?? [],
  );

it('bundles are expected of each function of the project', () => {
  assert.deepEqual(
    bundles.map(({ name }) => name),
    names,
  );
});

for (const [name, { budget, calls }] of Object.entries(EXPECTED)) {
  const { output, others = [], inputs = [] } = contents.get(name) ?? {};

  describe(`the bundle of ${name}`, () => {
    it('is one file within its budget', async () => {
      const built = bundles.find((one) => one.name === name);
      assert.deepEqual(others, []);
      assert.equal((await stat(join(root, 'dist', name, 'index.mjs'))).size, built?.bytes);
      assert.ok(built && built.bytes <= budget, `${built?.bytes} bytes`);
    });

    it('holds the function and nothing of the tools, stand-ins and tests beside it', () => {
      assert.ok(inputs.includes(`functions/${name}.ts`));
      const own = inputs
        .filter((path) => !path.includes('node_modules/') && !path.startsWith('node-builtin:'))
        .map((path) => path.replace(/^(\.\.\/)+/, '')); // the bundler is the project's, not the copy's
      const strangers = own.filter((path) => !/^(functions|lib)\//.test(path));
      assert.deepEqual(strangers, ['infra/bundle/environment-credentials.ts']);
    });

    it('reads AWS credentials from the environment only', () => {
      const providers =
        /credential-provider|credential-providers|token-providers|nested-clients|client-(sso|sts|cognito)/;
      assert.deepEqual(
        inputs.filter((path) => providers.test(path)),
        [],
      );
    });

    it('has of AWS what it calls, and little more', () => {
      const found = inputs.flatMap((path) => path.match(/@aws-sdk\/(client-[^/]+)/)?.[1] ?? []);
      assert.deepEqual([...new Set(found)].sort(), Object.keys(calls).sort());
      const commands = commandsIn(inputs).filter((command) => !command.startsWith('client-kms '));
      assert.deepEqual(
        commands.sort(),
        Object.entries(calls)
          .flatMap(([client, names]) => names.map((command) => `${client} ${command}`))
          .sort(),
      );
    });

    it('carries the Encryption SDK only if it decrypts codes', () => {
      const carried = inputs.some((path) => path.includes('node_modules/@aws-crypto/'));
      assert.equal(carried, 'client-kms' in calls);
    });

    it('imports nothing when it is loaded', () => {
      assert.deepEqual(
        output?.imports.filter(({ kind }) => kind !== 'dynamic-import'),
        [],
      );
      assert.deepEqual(
        output?.imports.map(({ path }) => path),
        ['@smithy/core/event-streams'],
        'a new import at run time: it is not in the package, so make sure that nothing gets there',
      );
    });
  });
}

describe('bundling', () => {
  it('removes what is stale, and writes a source map only when asked', async () => {
    await bundle({ root, sourcemap: true });
    assert.deepEqual((await readdir(folder)).sort(), ['index.mjs', 'index.mjs.map', 'meta.json']);
    await writeFile(join(root, 'dist', 'left-behind.mjs'), '');
    await bundle({ root });
    assert.deepEqual((await readdir(folder)).sort(), ['index.mjs', 'meta.json']);
    assert.deepEqual((await readdir(join(root, 'dist'))).sort(), names);
  });

  it('leaves a file alone that did not change', async () => {
    const before = await stat(join(folder, 'index.mjs'), { bigint: true });
    await bundle({ root });
    const { ino, mtimeNs } = await stat(join(folder, 'index.mjs'), { bigint: true });
    assert.deepEqual({ ino, mtimeNs }, { ino: before.ino, mtimeNs: before.mtimeNs });
  });

  it('names the function that does not bundle, and why, and writes nothing', async () => {
    await rm(join(root, 'dist'), { recursive: true });
    await writeFile(join(root, 'functions', 'broken.ts'), "import 'no-such-package';");
    await assert.rejects(bundle({ root }), {
      message: /^functions\/broken\.ts does not bundle: .*Could not resolve "no-such-package"/s,
    });
    await assert.rejects(readdir(join(root, 'dist')), { code: 'ENOENT' });
    await rm(join(root, 'functions'), { recursive: true });
    await assert.rejects(bundle({ root }), { message: /^No functions to bundle: .* holds no \.ts file$/ });
  });
});

describe('the credentials in a bundle', () => {
  const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const;
  const set = (...values: string[]) => {
    for (const [index, name] of names.entries()) {
      const value = values[index];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
  after(() => set());

  it('are those of the environment at the time of the call', async () => {
    const provider = defaultProvider();
    set('first', 'secret', 'session');
    assert.deepEqual(await provider(), {
      accessKeyId: 'first',
      secretAccessKey: 'secret',
      sessionToken: 'session',
    });
    set('second', 'secret');
    assert.deepEqual(await provider(), { accessKeyId: 'second', secretAccessKey: 'secret' });
  });

  it('are an error that names the variables when there are none', async () => {
    set();
    await assert.rejects(defaultProvider()(), /AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/);
  });
});
