import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';

const root = resolve(import.meta.dirname, '../..');

export interface Resource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the specification test checks the shape, the others read single values
  Properties?: any;
  DependsOn?: string | string[];
}

export interface Template {
  Resources: Record<string, Resource>;
  Outputs: Record<string, { Value: unknown }>;
}

export interface Package {
  template: Template;
  /** File name to contents for each function's zip. */
  zips: Record<string, Map<string, Buffer>>;
  /** Absolute path of the folder with the bundles and what esbuild says of them. */
  dist: string;
}

export const POOL_ID = 'eu-central-1_Ab12Cd34E';
export const POOL_ARN = `arn:aws:cognito-idp:eu-central-1:111122223333:userpool/${POOL_ID}`;

/** What is packaged for the tests, by the options of `osls package`. */
const OPTIONS = {
  /** The default stage, with other values of what may be empty or off. */
  dev: ['--param=countries=RU,KZ', '--param=telegram=off', '--param=gates=https://gate.test/v2'],
  /** A stage with all that can be on. */
  example: [
    ...['--stage', 'prod', '--param=cognito=example'],
    ...['--param=monitoring=full', '--param=balanceAlarm=1234.5'],
  ],
  /** Without monitoring, and with what is somebody's own: the example of settings, a user pool, a topic of commands, a key, a domain. */
  own: [
    ...['--stage', 'prod', '--param=monitoring=off'],
    ...['--param=parameterKeyAlias=alias/smsaero', '--param=queueConcurrency=9', '--param=throttlingRate=7'],
    `--param=userPoolArn=${POOL_ARN}`,
    '--param=commandTopicArn=arn:aws:sns:us-east-1:444455556666:commands',
    '--param=reportUrl=https://sms.example.com/reports',
  ],
} as const;

type Packaged = keyof typeof OPTIONS;

/** The one whose functions are the project's: in the others each is one line, since bundling costs more than all the rest. */
const REAL: Packaged = 'example';

const SETTINGS = 'stages.local.example.yml';

/** What is packaged, below the project. */
const SOURCES = ['functions', 'lib', 'infra', 'serverless.yml', 'package.json'];

/**
 * Copies what is packaged to a new folder in `.build/` below the project, where Node still finds the dependencies,
 * and where nobody else's `.serverless` or `dist` is in the way. Whoever calls this removes the folder.
 *
 * @param isReal whether the functions are the project's; else each is one line
 */
export async function copyProject(isReal = false): Promise<string> {
  await mkdir(join(root, '.build'), { recursive: true });
  const directory = await mkdtemp(join(root, '.build', 'package-'));
  for (const path of SOURCES) {
    await cp(join(root, path), join(directory, path), { recursive: true });
  }
  if (isReal) return directory;
  const functions = join(directory, 'functions');
  for (const file of await readdir(functions)) {
    await writeFile(join(functions, file), 'export const handler = () => {};');
  }
  return directory;
}

/**
 * Runs osls as a user would, in an environment that holds nothing but PATH and an empty HOME. What it compiles is kept for the next
 * run: the check of serverless.yml takes 4 s of CPU to compile.
 *
 * @param variables environment variables beside these
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
    SLS_SCHEMA_CACHE_BASE_DIR: join(root, '.build'),
    ...variables,
  };
  await mkdir(env.HOME, { recursive: true });
  const options = { cwd: directory, env };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [bin, ...args], options);
  return stdout + stderr;
}

/**
 * Packages a copy of the project. The test files share what is packaged from the same sources: the first to ask makes it, in
 * `.build/packages/` below the project.
 */
export async function packageService(name: Packaged): Promise<Package> {
  const folder = await sharedFolder(await digestOfSources(), name);
  const read = (file: string) => readFile(join(folder, file));
  const template = JSON.parse(String(await read('cloudformation-template-update-stack.json'))) as Template;
  const zips: Package['zips'] = {};
  for (const { Code } of functionsOf(template)) {
    const file = String(Code.S3Key).replace(/^.*\//, '');
    zips[file] = unzip(await read(file));
  }
  return { template, zips, dist: join(folder, 'dist') };
}

/** Changes with any file that is packaged or packages, by the times at which they changed. */
async function digestOfSources(): Promise<string> {
  const sources = [...SOURCES, SETTINGS, 'package-lock.json', 'tests/infra/packaged.ts'];
  const patterns = sources.flatMap((path) => [path, `${path}/**`]);
  const hash = createHash('sha256');
  for (const path of globSync(patterns, { cwd: root }).sort()) {
    const { mtimeMs, size } = await stat(join(root, path));
    hash.update(`${path} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Packages of other sources are left for this long: a test run that began before an edit may read them. */
const STALE_AFTER_MS = 3_600_000;

/** The folder of a package, which another process may be making. */
async function sharedFolder(sources: string, packaged: Packaged): Promise<string> {
  const packages = join(root, '.build', 'packages');
  await mkdir(packages, { recursive: true });
  for (const entry of await readdir(packages)) {
    const path = join(packages, entry);
    const stale = !entry.startsWith(sources) && (await stat(path)).mtimeMs < Date.now() - STALE_AFTER_MS;
    if (stale) await rm(path, { recursive: true, force: true });
  }
  const folder = join(packages, `${sources}-${packaged}`);
  const lock = `${folder}.lock`;
  while (!existsSync(folder)) {
    if (await take(lock)) {
      try {
        if (!existsSync(folder)) await makePackage(folder, packaged);
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

async function makePackage(folder: string, packaged: Packaged): Promise<void> {
  const directory = await copyProject(packaged === REAL);
  try {
    if (packaged === 'own') await cp(join(root, SETTINGS), join(directory, 'stages.local.yml'));
    const out = join(directory, 'out');
    await runServerless(directory, ['package', '--package', out, ...OPTIONS[packaged]]);
    await rename(join(directory, 'dist'), join(out, 'dist'));
    await rename(out, folder);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export const resourcesOf = ({ Resources }: Template, type: string): [string, Resource][] =>
  Object.entries(Resources).filter(([, { Type }]) => Type === type);

/** Properties of one resource, but not its tags, which every resource has alike: tests/infra/template.test.ts. */
export function propertiesIn({ Resources }: Template, id: string) {
  const { Tags, ...properties } = Resources[id]?.Properties ?? assert.fail(`${id} does not exist`);
  return properties;
}

export const functionsOf = (template: Template) =>
  resourcesOf(template, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties);

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
