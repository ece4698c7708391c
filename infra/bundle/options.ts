import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';
import { nodeBuiltins } from './node-builtins.ts';

const environmentCredentials = fileURLToPath(new URL('environment-credentials.ts', import.meta.url));

/**
 * What esbuild is told for the functions.
 *
 * - ES module: the functions await their configuration at the top level.
 * - `module` before `main`: esbuild's default for Node takes the CommonJS build of the AWS SDK, which cannot be
 *   shaken and loads about 45 % slower.
 * - Packages are bundled as published. One alias: the credential chain is the SDK's own provider that reads the environment.
 * - No source map unless asked for: Node reads the comment at start, and a stack in a log needs names only.
 *
 * @param entryPoints absolute path of each function's source, by the path of its bundle below `outdir`, without the extension
 * @param outdir absolute path of the folder that the bundles are meant for
 * @param sourcemap write an external map beside each bundle
 */
export const buildOptions = (
  entryPoints: Readonly<Record<string, string>>,
  outdir: string,
  sourcemap = false,
) =>
  ({
    entryPoints,
    outdir,
    outExtension: { '.js': '.mjs' },
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
