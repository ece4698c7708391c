import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

/** Copies of Node's modules for browsers and old versions of Node. Two of the first are in the Encryption SDK: 75 KB. */
const COPIES: Readonly<Record<string, string>> = {
  'readable-stream': 'stream',
  'safe-buffer': 'buffer',
  'safer-buffer': 'buffer',
};

/**
 * Takes Node's modules with `process.getBuiltinModule` instead of `import`.
 *
 * An ES module that imports one makes Node read every export of it, lazy ones too, and the loader links some twenty
 * of them. Without that a function loads in 54 ms instead of 77 ms (medians of 21 processes). It also serves the
 * `require` calls of CommonJS dependencies, so that no `createRequire` is needed.
 */
export const nodeBuiltins: Plugin = {
  name: 'node-builtins',
  setup(build) {
    build.onResolve({ filter: /^[a-z:_/0-9]+$/ }, ({ path, kind }) => {
      if (!isBuiltin(path)) return undefined;
      const byName = kind === 'import-statement'; // a dependency's `require` gets the module as it is
      return { path, namespace: 'node-builtin', suffix: byName ? BY_NAME : '', sideEffects: false };
    });
    build.onResolve({ filter: /^[a-z-]+$/ }, ({ path }) =>
      COPIES[path] ? { path: COPIES[path], namespace: 'node-builtin', sideEffects: false } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'node-builtin' }, ({ path, suffix }) => ({
      contents:
        suffix === BY_NAME
          ? namesOf(path)
          : `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/** Tells the two forms of a module apart. */
const BY_NAME = '?by-name';

/**
 * A module that takes of Node's what is imported by name: of a CommonJS module esbuild copies all names when it loads, and reaches each by
 * a getter (1.5 ms of CPU of a cold start, and a twentieth of a warm, guarded message).
 */
function namesOf(path: string): string {
  const names = Object.keys(process.getBuiltinModule(path) ?? {}).filter((name) => NAME.test(name));
  const taken = names.map((name) => `const taken_${name} = /* @__PURE__ */ (() => whole.${name})();`);
  return `const whole = process.getBuiltinModule(${JSON.stringify(path)});
export default whole;
${taken.join('\n')}
export { ${names.map((name) => `taken_${name} as ${name}`).join(', ')} };`;
}

/** What can be imported by name; the whole module is its `default` here. */
const NAME = /^(?!default$)[A-Za-z]\w*$/;
