import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Metafile } from 'esbuild';
import { bundle, loadedFrom } from '../../infra/bundle.ts';
import { copyProject } from './packaged.ts';

/** What a bundle may be, and what it calls of AWS. */
interface Expected {
  /** Bytes of the minified function, a little above what it has: more is loaded in every cold start. */
  readonly budget: number;
  readonly clients: readonly string[];
  readonly operations: readonly string[];
}

const COMMON = ['client-dynamodb', 'client-ssm'];
/** `Table` calls these and Parameter Store's, whichever of them a function needs. */
const TABLE = ['GetItem', 'GetParametersByPath', 'UpdateItem'];
const EXPECTED: Readonly<Record<string, Expected>> = {
  'account-monitor': { budget: 370_000, clients: COMMON, operations: TABLE },
  'cognito-auth-challenge': { budget: 600_000, clients: COMMON, operations: TABLE },
  // The AWS Encryption SDK: only Cognito's codes need it. Its keyring imports every operation of KMS.
  'cognito-sms-sender': {
    budget: 830_000,
    clients: ['client-dynamodb', 'client-kms', 'client-ssm'],
    operations: TABLE,
  },
  'delivery-check': { budget: 370_000, clients: COMMON, operations: ['Query', ...TABLE] },
  'delivery-events': { budget: 230_000, clients: ['client-eventbridge'], operations: ['PutEvents'] },
  'delivery-report': { budget: 370_000, clients: COMMON, operations: TABLE },
  'message-status': { budget: 370_000, clients: COMMON, operations: TABLE },
  'sms-hook': { budget: 640_000, clients: COMMON, operations: TABLE },
  'sms-queue': {
    budget: 635_000,
    clients: ['client-dynamodb', 'client-sqs', 'client-ssm'],
    operations: ['ChangeMessageVisibility', 'SendMessage', ...TABLE],
  },
};

const root = await copyProject();
after(() => rm(root, { recursive: true, force: true }));

const bundles = await bundle({ root });
const names = Object.keys(EXPECTED);
const folder = join(root, 'dist', 'sms-hook');

const contentsOf = async (name: string) => {
  const { outputs }: Metafile = JSON.parse(await readFile(join(root, 'dist', name, 'meta.json'), 'utf8'));
  const started = loadedFrom(`dist/${name}/index.mjs`, outputs);
  /** Sources that left something in these files: esbuild also lists what it shook out. */
  const inputsOf = (files: Iterable<string>) =>
    [...files].flatMap((file) =>
      Object.entries(outputs[file]?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) =>
        bytesInOutput > 0 ? [path] : [],
      ),
    );
  return { outputs, inputs: inputsOf(Object.keys(outputs)), atStart: inputsOf(started) };
};

const contents = new Map(
  await Promise.all(names.map(async (name) => [name, await contentsOf(name)] as const)),
);

it('bundles are expected of each function of the project', () => {
  assert.deepEqual(
    bundles.map(({ name }) => name),
    names,
  );
});

for (const [name, { budget, clients, operations }] of Object.entries(EXPECTED)) {
  const { outputs = {}, inputs = [], atStart = [] } = contents.get(name) ?? {};

  describe(`the bundle of ${name}`, () => {
    it('loads no more than its budget, and nothing that only another call would need', () => {
      const built = bundles.find((one) => one.name === name);
      const sizes = [...loadedFrom(`dist/${name}/index.mjs`, outputs)].map(
        (file) => outputs[file]?.bytes ?? 0,
      );
      assert.equal(
        sizes.reduce((sum, size) => sum + size, 0),
        built?.bytes,
      );
      assert.ok(built && built.bytes <= budget, `${built?.bytes} bytes`);
      const later = /event-streams|bowser/;
      assert.deepEqual(
        atStart.filter((path) => later.test(path)),
        [],
      );
      assert.ok(inputs.some((path) => later.test(path)));
    });

    it('holds the function and nothing of the tools, stand-ins and tests beside it', () => {
      assert.ok(inputs.includes(`functions/${name}.ts`));
      const own = inputs
        .filter((path) => !path.includes('node_modules/') && !path.startsWith('node-builtin:'))
        .map((path) => path.replace(/^(\.\.\/)+/, '')); // the bundler is the project's, not the copy's
      const strangers = own.filter((path) => !/^(functions|lib)\//.test(path));
      assert.deepEqual(
        strangers,
        ['infra/bundle/environment-credentials.ts'].filter((path) => inputs.includes(path)),
      );
    });

    it('reads AWS credentials from the environment only', () => {
      const providers =
        /(credential-provider-[a-z]+|token-providers|nested-clients|client-(?:sso|sts|cognito))/;
      const found = inputs.flatMap((path) => providers.exec(path)?.[1] ?? []);
      assert.deepEqual([...new Set(found)], ['credential-provider-env']);
    });

    it('calls of AWS what its role allows', async () => {
      const found = inputs.flatMap((path) => /node_modules\/@aws-sdk\/(client-\w+)\//.exec(path)?.[1] ?? []);
      assert.deepEqual([...new Set(found)].sort(), clients);
      const called = inputs.flatMap(
        (path) => /client-(?!kms).*\/commands\/(\w+)Command\.js$/.exec(path)?.[1] ?? [],
      );
      const ofItself = 'DescribeEndpoints'; // the DynamoDB client's own discovery, which is off
      assert.deepEqual(called.filter((name) => name !== ofItself).sort(), operations.toSorted());
    });

    it('imports its chunks only', () => {
      const imported = Object.values(outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
      assert.deepEqual(
        imported.filter((path) => !(path in outputs)),
        [],
      );
    });
  });
}

describe('bundling', () => {
  it('removes what is stale, and writes a source map only when asked', async () => {
    const files = (await readdir(folder)).sort();
    await bundle({ root, sourcemap: true });
    const mapped = await readdir(folder);
    assert.deepEqual(
      mapped.filter((file) => file.endsWith('.mjs') && !mapped.includes(`${file}.map`)),
      [],
    );
    await writeFile(join(root, 'dist', 'left-behind.mjs'), '');
    await writeFile(join(folder, 'chunk-OLD.mjs'), '');
    await bundle({ root });
    assert.deepEqual((await readdir(folder)).sort(), files);
    assert.deepEqual((await readdir(join(root, 'dist'))).sort(), names);
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
