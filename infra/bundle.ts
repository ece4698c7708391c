import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Metafile, type OutputFile } from 'esbuild';
import { buildOptions } from './bundle/options.ts';

/** Where to read and write. */
export interface BundleOptions {
  /** Project root: `functions/` below it is read, `dist/` below it is written. Default: this project. */
  root?: string;
  /** Write source maps beside each bundle; they are never part of a package. Default: false. */
  sourcemap?: boolean;
}

/** One bundled function. */
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
 * @returns the bundles by name
 * @throws Error that names the function and carries esbuild's messages, when one does not bundle; nothing is written then
 */
export async function bundle({
  root = resolve(import.meta.dirname, '..'),
  sourcemap = false,
}: BundleOptions = {}): Promise<Bundle[]> {
  const names = await functionNames(join(root, 'functions'));
  const built = await Promise.all(names.map((name) => buildFunction(root, name, sourcemap)));
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

async function buildFunction(root: string, name: string, sourcemap: boolean) {
  const folder = join(root, 'dist', name);
  const options = buildOptions(join(root, 'functions', `${name}.ts`), folder, sourcemap);
  try {
    return { root, name, folder, ...(await build({ ...options, absWorkingDir: root })) };
  } catch (cause) {
    throw new Error(`functions/${name}.ts does not bundle: ${(cause as Error).message}`, { cause });
  }
}

type Built = Awaited<ReturnType<typeof buildFunction>>;

async function write({ root, name, folder, outputFiles, metafile }: Built): Promise<Bundle> {
  await mkdir(folder, { recursive: true });
  // Chunks first: their names change with what is in them, so that an index finds the right ones.
  const files = outputFiles.toSorted((a, b) => Number(isIndex(a)) - Number(isIndex(b)));
  const written: string[] = [];
  for (const file of [...files, metadata(folder, metafile)]) written.push(await writeWhenChanged(file));
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

const isIndex = ({ path }: Pick<OutputFile, 'path'>): boolean => basename(path) === 'index.mjs';

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

const metadata = (folder: string, metafile: Metafile): Pick<OutputFile, 'path' | 'contents'> => ({
  path: join(folder, 'meta.json'),
  contents: Buffer.from(JSON.stringify(metafile)),
});

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
    for (const line of describe(await bundle({ sourcemap: process.argv.includes('--sourcemap') }))) {
      console.log(line);
    }
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
