import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, build, type Metafile, type OutputFile } from 'esbuild';
import { nodeBuiltins } from './bundle/node-builtins.ts';

/**
 * What esbuild is told for every function.
 *
 * - ES module: the functions await their configuration at the top level.
 * - `module` before `main`: esbuild's default for Node takes the CommonJS build of the AWS SDK, which cannot be
 *   shaken and takes more than twice the CPU to load.
 * - `splitting`: what a package imports dynamically (event streams, which no call of ours has) stays in files that are read when it does.
 *   In one file esbuild would load it with the rest, and wrap all that it shares with the rest in functions: 3 to 5 ms of CPU of 58.
 * - Packages are bundled as published. One alias: the credential chain is the SDK's provider that reads the environment.
 * - No source map: Node reads the comment at start, and a stack in a log needs names only.
 */
const OPTIONS = {
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  write: false,
  metafile: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  legalComments: 'none',
  logLevel: 'silent',
  alias: {
    '@aws-sdk/credential-provider-node': join(import.meta.dirname, 'bundle/environment-credentials.ts'),
  },
  plugins: [nodeBuiltins],
} satisfies BuildOptions;

export interface Bundle {
  /** File name in `functions/` without its extension. */
  name: string;
  /** Absolute path of `index.mjs`; its chunks lie beside it. */
  file: string;
  /** Size in bytes, minified, of what is loaded when the function starts. */
  bytes: number;
  /** The same after gzip. */
  gzipBytes: number;
}

/** Ends the name of a file that is being written: another process may be bundling at the same time. */
const PARTIAL = '.partial';

/**
 * Bundles every `functions/*.ts` into `dist/<function>/index.mjs` and chunks, writes esbuild's metafile beside them, and removes
 * whatever else is in `dist/`. Needs no network and no credentials. A file is replaced in one step and only when it
 * changed, so that a process which reads `dist/` meanwhile never sees half a bundle.
 *
 * @param root the project: `functions/` below it is read, `dist/` below it is written
 * @throws Error that names the function and carries esbuild's messages, when one does not bundle; nothing is written then
 */
export async function bundle({ root = resolve(import.meta.dirname, '..') } = {}): Promise<Bundle[]> {
  const names = await functionNames(join(root, 'functions'));
  const built = await Promise.all(names.map((name) => buildFunction(root, name)));
  const bundles = await Promise.all(built.map(write));
  await removeExcept(join(root, 'dist'), names);
  return bundles;
}

async function functionNames(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  const names = files.filter((file) => file.endsWith('.ts')).map((file) => basename(file, '.ts'));
  if (names.length === 0) throw new Error(`No functions to bundle: ${folder} holds no .ts file`);
  return names.sort();
}

async function buildFunction(root: string, name: string) {
  const folder = join(root, 'dist', name);
  const options = {
    ...OPTIONS,
    entryPoints: { index: join(root, 'functions', `${name}.ts`) },
    outdir: folder,
    absWorkingDir: root,
  };
  try {
    return { root, name, folder, ...(await build(options)) };
  } catch (cause) {
    throw new Error(`functions/${name}.ts does not bundle: ${(cause as Error).message}`, { cause });
  }
}

type Built = Awaited<ReturnType<typeof buildFunction>>;

async function write({ root, name, folder, outputFiles, metafile }: Built): Promise<Bundle> {
  await mkdir(folder, { recursive: true });
  // Chunks first: their names change with what is in them, so that an index finds the right ones.
  const isIndex = ({ path }: OutputFile) => Number(basename(path) === 'index.mjs');
  const files = outputFiles.toSorted((a, b) => isIndex(a) - isIndex(b));
  const written: string[] = [];
  const metadata = { path: join(folder, 'meta.json'), contents: Buffer.from(JSON.stringify(metafile)) };
  for (const file of [...files, metadata]) written.push(await writeWhenChanged(file));
  await removeExcept(folder, written);

  const file = join(folder, 'index.mjs');
  const loaded = loadedFrom(relative(root, file), metafile.outputs);
  const code = outputFiles
    .filter(({ path }) => loaded.has(relative(root, path)))
    .map(({ contents }) => contents);
  if (code.length === 0) throw new Error(`functions/${name}.ts: esbuild wrote no ${file}`);
  const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0);
  return {
    name,
    file,
    bytes: sum(code.map(({ length }) => length)),
    gzipBytes: sum(code.map((contents) => gzipSync(contents).length)),
  };
}

/**
 * A file of a metafile and those that it imports, directly or not, when a function starts: what `lib/` imports dynamically is loaded then,
 * while Parameter Store is asked; what a package imports so is not.
 */
export function loadedFrom(
  file: string,
  outputs: Metafile['outputs'],
  found = new Set<string>(),
): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const { path, kind } of outputs[file]?.imports ?? []) {
    const isOurs = outputs[path]?.entryPoint?.startsWith('lib/');
    if (kind === 'import-statement' || isOurs) loadedFrom(path, outputs, found);
  }
  return found;
}

/** Gives the base name of what it wrote. */
async function writeWhenChanged({ path, contents }: Pick<OutputFile, 'path' | 'contents'>): Promise<string> {
  const before = await readFile(path).catch(() => undefined);
  if (!before?.equals(contents)) {
    const partial = `${path}.${process.pid}${PARTIAL}`;
    await writeFile(partial, contents);
    await rename(partial, path);
  }
  return basename(path);
}

async function removeExcept(folder: string, wanted: string[]): Promise<void> {
  const entries = await readdir(folder);
  const stale = entries.filter((entry) => !wanted.includes(entry) && !entry.endsWith(PARTIAL));
  await Promise.all(stale.map((entry) => rm(join(folder, entry), { recursive: true, force: true })));
}

/** The bundles as lines of a report: name, size and size after gzip in KB (1,000 bytes). */
export const describe = (bundles: Bundle[]): string[] =>
  bundles.map(
    ({ name, bytes, gzipBytes }) =>
      `${name}  ${(bytes / 1000).toFixed(1)} KB  (${(gzipBytes / 1000).toFixed(1)} KB gzip)`,
  );

if (import.meta.main) {
  try {
    for (const line of describe(await bundle())) console.log(line);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
