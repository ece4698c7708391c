import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';
import { nodeBuiltins } from './node-builtins.ts';

const environmentCredentials = fileURLToPath(new URL('environment-credentials.ts', import.meta.url));

/**
 * What esbuild is told for every function.
 *
 * - ES module: the functions await their configuration at the top level.
 * - `module` before `main`: esbuild's default for Node takes the CommonJS build of the AWS SDK, which cannot be
 *   shaken and takes more than twice the CPU to load.
 * - `splitting`: what a package imports dynamically (event streams, which no call of ours has) stays in files that are read when it does.
 *   In one file esbuild would load it with the rest, and wrap all that it shares with the rest in functions: 3 to 5 ms of CPU of 58.
 * - Packages are bundled as published. One alias: the credential chain is the SDK's provider that reads the environment.
 * - No source map unless asked for: Node reads the comment at start, and a stack in a log needs names only.
 *
 * @param entry absolute path of the function's source
 * @param outdir absolute path of the folder that is meant for `index.mjs` and its chunks
 * @param sourcemap write external maps beside them
 */
export const buildOptions = (entry: string, outdir: string, sourcemap = false) =>
  ({
    entryPoints: { index: entry },
    outdir,
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
    sourcemap: sourcemap ? 'external' : false,
    logLevel: 'silent',
    alias: { '@aws-sdk/credential-provider-node': environmentCredentials },
    plugins: [nodeBuiltins],
  }) satisfies BuildOptions;
