import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';
import { nodeBuiltins } from './node-builtins.ts';

const environmentCredentials = fileURLToPath(new URL('environment-credentials.ts', import.meta.url));

/**
 * What esbuild is told for every function.
 *
 * - ES module: the functions await their configuration at the top level.
 * - `module` before `main`: esbuild's default for Node takes the CommonJS build of the AWS SDK, which cannot be
 *   shaken and loads about 45 % slower.
 * - Packages are bundled as published. One alias: the credential chain is the SDK's own provider that reads the environment.
 * - No source map unless asked for: Node reads the comment at start, and a stack in a log needs names only.
 *
 * @param entry absolute path of the function's source
 * @param outfile absolute path that the bundle is meant for
 * @param sourcemap write an external map beside the bundle
 */
export const buildOptions = (entry: string, outfile: string, sourcemap = false) =>
  ({
    entryPoints: [entry],
    outfile,
    bundle: true,
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
