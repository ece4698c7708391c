import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

/** Puts `ecc-decode.ts` in the place of the Encryption SDK's own. */
export const eccDecode: Plugin = {
  name: 'ecc-decode',
  setup(build) {
    build.onResolve({ filter: /^\.\/ecc_decode$/ }, ({ importer }) =>
      importer.includes('@aws-crypto')
        ? { path: fileURLToPath(new URL('ecc-decode.ts', import.meta.url)), sideEffects: false }
        : undefined,
    );
  },
};
