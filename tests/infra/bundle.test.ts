import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Metafile } from 'esbuild';
import { bundle, loadedFrom } from '../../infra/bundle.ts';
import { packageService } from './packaged.ts';

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

const { dist } = await packageService('example');
const names = Object.keys(EXPECTED);

it('bundles are expected of each function of the project', async () => {
  const sources = await readdir(new URL('../../functions/', import.meta.url));
  assert.deepEqual(
    sources.sort(),
    names.map((name) => `${name}.ts`),
  );
  assert.deepEqual((await readdir(dist)).sort(), names);
});

for (const [name, { budget, clients, operations }] of Object.entries(EXPECTED)) {
  describe(`the bundle of ${name}`, async () => {
    const { outputs }: Metafile = JSON.parse(await readFile(join(dist, name, 'meta.json'), 'utf8'));
    const started = [...loadedFrom(`dist/${name}/index.mjs`, outputs)];
    /** Sources that left something in these files: esbuild also lists what it shook out. */
    const inputsOf = (files: string[]) =>
      files.flatMap((file) =>
        Object.entries(outputs[file]?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) =>
          bytesInOutput > 0 ? [path] : [],
        ),
      );
    const inputs = inputsOf(Object.keys(outputs));

    it('loads no more than its budget, and nothing that only another call would need', () => {
      const bytes = started.reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0);
      assert.ok(bytes <= budget, `${bytes} bytes`);
      const later = /event-streams|bowser/;
      assert.ok(!inputsOf(started).some((path) => later.test(path)));
      assert.ok(inputs.some((path) => later.test(path)));
    });

    it('holds the function and nothing of the tools, stand-ins and tests beside it', () => {
      assert.ok(inputs.includes(`functions/${name}.ts`));
      const strangers = inputs.filter(
        (path) =>
          !/node_modules\/|^node-builtin:|^(functions|lib)\/|\/infra\/bundle\/environment-credentials/.test(
            path,
          ),
      );
      assert.deepEqual(strangers, []);
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

describe('bundling', async () => {
  const root = await mkdtemp(join(tmpdir(), 'smsaero-bundle-'));
  after(() => rm(root, { recursive: true }));
  const write = (file: string, text = '') => writeFile(join(root, file), text);
  const entriesOf = async (folder: string) => (await readdir(join(root, folder))).sort();

  it('tells what is loaded at start, and removes what is stale', async () => {
    await mkdir(join(root, 'functions'));
    await write('later.ts', 'export const later = 1;');
    await write('functions/a.ts', "export const handler = () => import('../later.ts');");
    const [a, ...others] = await bundle({ root });
    assert.deepEqual([a?.name, a?.file, others], ['a', join(root, 'dist/a/index.mjs'), []]);
    assert.equal(a?.bytes, (await readFile(join(root, 'dist/a/index.mjs'))).length);
    const files = await entriesOf('dist/a');
    assert.equal(files.length, 3); // with the chunk and what esbuild says of them
    await write('dist/left-behind.mjs');
    await write('dist/a/chunk-OLD.mjs');
    await bundle({ root });
    assert.deepEqual([await entriesOf('dist'), await entriesOf('dist/a')], [['a'], files]);
  });

  it('names the function that does not bundle, and why, and writes nothing', async () => {
    await rm(join(root, 'dist'), { recursive: true });
    await write('functions/broken.ts', "import 'no-such-package';");
    await assert.rejects(bundle({ root }), {
      message: /^functions\/broken\.ts does not bundle: .*Could not resolve "no-such-package"/s,
    });
    await assert.rejects(entriesOf('dist'), { code: 'ENOENT' });
    await rm(join(root, 'functions'), { recursive: true });
    await assert.rejects(bundle({ root }), { message: /^No functions to bundle: .* holds no \.ts file$/ });
  });
});
