import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';

const root = resolve(import.meta.dirname, '../..');

/** A resource of a CloudFormation template. */
export interface Resource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the specification test checks the shape, the others read single values
  Properties?: any;
  DependsOn?: string | string[];
  /** Name of a condition of the template. */
  Condition?: string;
}

/** A CloudFormation template as osls writes it. */
export interface Template {
  Resources: Record<string, Resource>;
  Outputs: Record<string, { Value: unknown }>;
  Conditions?: Record<string, unknown>;
}

/** What `osls package` made. */
export interface Package {
  /** The template of the whole stack. */
  template: Template;
  /** The template that makes the deployment bucket, before the whole stack. */
  bucketTemplate: Template;
  /** File name to contents for each function's zip. */
  zips: Record<string, Map<string, Buffer>>;
  /** What osls printed. */
  output: string;
}

/**
 * Copies what is packaged to a new folder in `.build/` below the project, where Node still finds the dependencies,
 * and where nobody else's `.serverless` or `dist` is in the way. Whoever calls this removes the folder.
 *
 * @returns the folder's absolute path
 */
export async function copyProject(): Promise<string> {
  await mkdir(join(root, '.build'), { recursive: true });
  const directory = await mkdtemp(join(root, '.build', 'package-'));
  for (const path of ['functions', 'lib', 'infra', 'serverless.yml', 'package.json']) {
    await cp(join(root, path), join(directory, path), { recursive: true });
  }
  return directory;
}

/**
 * Packages a copy of the project as a user would, in an environment that holds nothing but PATH and an empty HOME.
 *
 * @param options further command line options of `osls package`
 */
export async function packageService(...options: string[]): Promise<Package> {
  const directory = await copyProject();
  try {
    await mkdir(join(directory, 'home'));
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [
        join(root, 'node_modules/osls/bin/serverless.js'),
        'package',
        '--package',
        join(directory, 'out'),
        ...options,
      ],
      { cwd: directory, env: { PATH: process.env['PATH'], HOME: join(directory, 'home') } },
    );
    const read = async (name: string) => await readFile(join(directory, 'out', name));
    const template = JSON.parse(String(await read('cloudformation-template-update-stack.json'))) as Template;
    const zips: Package['zips'] = {};
    for (const { Code } of functionsOf(template)) {
      const name = String(Code.S3Key).replace(/^.*\//, '');
      zips[name] = unzip(await read(name));
    }
    return {
      template,
      bucketTemplate: JSON.parse(String(await read('cloudformation-template-create-stack.json'))),
      zips,
      output: stdout + stderr,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Resources of one type, by logical id. */
export const resourcesOf = ({ Resources }: Template, type: string): [string, Resource][] =>
  Object.entries(Resources).filter(([, { Type }]) => Type === type);

/** Properties of every Lambda function. */
export const functionsOf = (template: Template) =>
  resourcesOf(template, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties);

/** A function's zip holds its index and chunks, and nothing else. */
export function assertZipped({ zips }: Package, name: string): void {
  const files = [...(zips[`${name}.zip`]?.keys() ?? [])];
  assert.ok(files.includes(`dist/${name}/index.mjs`), name);
  const own = new RegExp(`^dist/${name}/[\\w-]+\\.mjs$`);
  assert.deepEqual(
    files.filter((file) => !own.test(file)),
    [],
  );
}

/**
 * Unpacks a function's zip elsewhere and loads it in a process of its own, where nothing of AWS answers.
 *
 * @param variables environment variables beside those that every function needs
 * @returns the type of its `handler`: `function`
 */
export async function loadZip(
  { zips }: Package,
  name: string,
  variables: Record<string, string> = {},
): Promise<string | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'smsaero-zip-'));
  try {
    for (const [path, contents] of zips[`${name}.zip`] ?? []) {
      await mkdir(join(directory, dirname(path)), { recursive: true });
      await writeFile(join(directory, path), contents);
    }
    const script = `import('./dist/${name}/index.mjs').then(({ handler }) => {
      console.log(typeof handler);
      process.exit(); // the configuration may still be on its way
    });`;
    const env = {
      SMSAERO_CONFIG_PATH: '/smsaero/test',
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9', // the discard port: nothing answers
      ...variables,
    };
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { cwd: directory, env });
    return stdout.trim().split('\n').at(-1);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Reads the entries that a zip's central directory lists (stored or deflated, no zip64). */
function unzip(zip: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06'));
  let entry = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = zip.readUInt16LE(entry + 28);
    const name = zip.toString('utf8', entry + 46, entry + 46 + nameLength);
    const local = zip.readUInt32LE(entry + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const data = zip.subarray(start, start + zip.readUInt32LE(entry + 20));
    files.set(name, zip.readUInt16LE(entry + 10) === 0 ? data : inflateRawSync(data));
    entry += 46 + nameLength + zip.readUInt16LE(entry + 30) + zip.readUInt16LE(entry + 32);
  }
  return files;
}
