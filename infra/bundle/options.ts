import type { BuildOptions } from 'esbuild';
import { eccDecode } from './ecc-plugin.ts';
import { lightAws } from './light-aws.ts';
import { nodeBuiltins } from './node-builtins.ts';

/**
 * What esbuild is told for every function.
 *
 * - ES module: the functions await their configuration at the top level.
 * - `module` before `main`: esbuild's default for Node takes the CommonJS build of the AWS SDK, which cannot be
 *   shaken and loads about 45 % slower.
 * - The AWS SDK's clients are replaced by small ones, with credentials from the environment (see light-aws.ts).
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
    plugins: [nodeBuiltins, lightAws, eccDecode],
  }) satisfies BuildOptions;
