import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
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

/** An existing user pool. */
export const POOL_ID = 'eu-central-1_Ab12Cd34E';
export const POOL_ARN = `arn:aws:cognito-idp:eu-central-1:111122223333:userpool/${POOL_ID}`;

/** Options that several test files package with, so that they share what comes of them. */
export const STAGES = {
  /** The default stage, without parameters of its own, and with other values of what may be empty or off. */
  dev: ['--param=countries=RU,KZ', '--param=telegram=off', '--param=gates=https://gate.test/v2'],
  prod: ['--stage', 'prod'],
  /** Without alarms and metrics. */
  quiet: ['--stage', 'prod', '--param=monitoring=off'],
  /** With all that can be on. */
  example: [
    ...['--stage', 'prod', '--param=cognito=example'],
    ...['--param=monitoring=full', '--param=balanceAlarm=1234.5'],
  ],
  /** With what is somebody's own: a user pool, a topic of commands, a key, a domain. */
  own: [
    ...['--stage', 'prod', '--param=parameterKeyAlias=alias/smsaero', '--param=queueConcurrency=9'],
    `--param=userPoolArn=${POOL_ARN}`,
    '--param=commandTopicArn=arn:aws:sns:us-east-1:444455556666:commands',
    '--param=reportUrl=https://sms.example.com/reports',
  ],
} as const;

/** What is packaged, below the project. */
const SOURCES = ['functions', 'lib', 'infra', 'serverless.yml', 'package.json'];

/**
 * Copies what is packaged to a new folder in `.build/` below the project, where Node still finds the dependencies,
 * and where nobody else's `.serverless` or `dist` is in the way. Whoever calls this removes the folder.
 *
 * @returns the folder's absolute path
 */
export async function copyProject(): Promise<string> {
  await mkdir(join(root, '.build'), { recursive: true });
  const directory = await mkdtemp(join(root, '.build', 'package-'));
  for (const path of SOURCES) {
    await cp(join(root, path), join(directory, path), { recursive: true });
  }
  return directory;
}

/**
 * Runs osls as a user would, in an environment that holds nothing but PATH and an empty HOME. Node's compile cache only halves its CPU time.
 *
 * @param directory of a {@link copyProject}
 * @param variables environment variables beside these
 * @returns what it printed
 * @throws the error of `execFile` if it fails
 */
export async function runServerless(
  directory: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  const bin = join(root, 'node_modules/osls/bin/serverless.js');
  const env = {
    PATH: process.env['PATH'],
    HOME: join(directory, 'home'),
    NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
    ...variables,
  };
  await mkdir(env.HOME, { recursive: true });
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [bin, ...args], {
    cwd: directory,
    env,
  });
  return stdout + stderr;
}

/**
 * Packages a copy of the project. The test files share what is packaged with the same options from the same sources: the first
 * to ask makes it, in `.build/packages/` below the project.
 *
 * @param options further command line options of `osls package`
 */
export async function packageService(...options: readonly string[]): Promise<Package> {
  const folder = await sharedFolder(await digestOfSources(), options);
  const read = async (name: string) => await readFile(join(folder, name));
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
    output: String(await read('output.txt')),
  };
}

/** Changes with any file that is packaged or packages, by the times at which they changed. */
async function digestOfSources(): Promise<string> {
  const paths = await Promise.all(
    [...SOURCES, 'package-lock.json'].map(async (path) => [
      path,
      ...((await stat(join(root, path))).isDirectory()
        ? (await readdir(join(root, path), { recursive: true })).map((file) => join(path, file))
        : []),
    ]),
  );
  const lines = paths.flat().map(async (path) => {
    const { mtimeMs, size } = await stat(join(root, path));
    return `${path} ${mtimeMs} ${size}`;
  });
  const text = (await Promise.all(lines)).sort().join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Packages of other sources are left for this long: a test run that began before an edit may read them. */
const STALE_AFTER_MS = 3_600_000;

/** The folder of a package, which another process may be making. */
async function sharedFolder(sources: string, options: readonly string[]): Promise<string> {
  const packages = join(root, '.build', 'packages');
  await mkdir(packages, { recursive: true });
  for (const entry of await readdir(packages)) {
    const path = join(packages, entry);
    const stale = !entry.startsWith(sources) && (await stat(path)).mtimeMs < Date.now() - STALE_AFTER_MS;
    if (stale) await rm(path, { recursive: true, force: true });
  }
  const name = createHash('sha256').update(options.join('\n')).digest('hex').slice(0, 16);
  const folder = join(packages, `${sources}-${name}`);
  const lock = `${folder}.lock`;
  const exists = () =>
    stat(folder).then(
      () => true,
      () => false,
    );
  while (!(await exists())) {
    if (await take(lock)) {
      try {
        if (!(await exists())) await makePackage(folder, options);
      } finally {
        await rm(lock);
      }
    } else {
      await sleep(50);
    }
  }
  return folder;
}

/** Takes a lock that no living process has. @returns whether it is taken */
async function take(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function makePackage(folder: string, options: readonly string[]): Promise<void> {
  const directory = await copyProject();
  try {
    const out = join(directory, 'out');
    const output = await runServerless(directory, ['package', '--package', out, ...options]);
    await writeFile(join(out, 'output.txt'), output);
    await rename(out, folder);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Resources of one type, by logical id. */
export const resourcesOf = ({ Resources }: Template, type: string): [string, Resource][] =>
  Object.entries(Resources).filter(([, { Type }]) => Type === type);

/** Properties of one resource, but not its tags, which every resource has alike: tests/infra/monitoring.test.ts. */
export function propertiesIn({ Resources }: Template, id: string) {
  const { Tags, ...properties } = Resources[id]?.Properties ?? assert.fail(`${id} does not exist`);
  return properties;
}

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

/** Writes what a function's zip holds below a folder. @returns the URL of its module */
export async function extractZip({ zips }: Package, name: string, folder: string): Promise<URL> {
  for (const [path, contents] of zips[`${name}.zip`] ?? []) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), contents);
  }
  return pathToFileURL(join(folder, 'dist', name, 'index.mjs'));
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
