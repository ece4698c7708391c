import { cp, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { bundle } from '../infra/bundle.ts';
import type { Artifact } from './lambda/process.ts';

const root = resolve(import.meta.dirname, '..');

/** Every packaged function by name: ours as `sms-hook`, a peer as `peers/axios`. Each has a folder to itself, as in Lambda. */
export interface Artifacts {
  get(name: string): Artifact | undefined;
  close(): Promise<void>;
}

/**
 * Bundles our functions as they are deployed, and the peers as esbuild does for Node by default (CommonJS, `main` before
 * `module`), minified as is usual, everything in one file.
 *
 * @param peers file names in `bench/peers/` without extension
 */
export async function buildArtifacts(peers: readonly string[]): Promise<Artifacts> {
  const home = await mkdtemp(join(tmpdir(), 'smsaero-bench-'));
  const artifacts = new Map<string, Artifact>();
  const add = async (name: string, from: string, file: string, bytes: number) => {
    const folder = join(home, name);
    await cp(from, folder, { recursive: true });
    artifacts.set(name, { folder, file, bytes });
  };
  for (const { name, file, bytes } of await bundle({ root })) {
    await add(name, dirname(file), 'index.mjs', bytes);
  }
  for (const name of peers) {
    const outdir = join(root, '.build', 'bench', name);
    const outfile = join(outdir, 'index.js');
    const entryPoints = [join(root, 'bench', 'peers', `${name}.ts`)];
    await build({ entryPoints, outfile, bundle: true, platform: 'node', minify: true, logLevel: 'error' });
    await add(`peers/${name}`, outdir, 'index.js', (await stat(outfile)).size);
  }
  return {
    get: (name) => artifacts.get(name),
    close: () => rm(home, { recursive: true }),
  };
}
