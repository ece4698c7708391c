import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commandTree, runCommand } from '../../support/cli.ts';

describe('help', () => {
  const globals = new Set<string>();
  for (const name of commandTree().keys()) {
    it(`of ${name || 'all'} fits 80 columns`, async (t) => {
      const { exitCode, output, problems } = await runCommand([...name.split(' ').filter(Boolean), '--help']);
      assert.deepEqual([exitCode, problems], [0, '']);
      assert.deepEqual(
        output.split('\n').filter(({ length }) => length > 80),
        [],
      );
      // An example is never taken for a default: both are named, beside their values.
      assert.doesNotMatch(output, /\((?:default|example):$|such as|e\.g\./m);
      const own = output.replace(/\nGlobal Options:\n((?: .*\n)+)/, (_, options: string) => {
        globals.add(options.replaceAll(/\s+/g, ' ').replaceAll(' --', '\n--').trim());
        return '';
      });
      t.assert.snapshot(own, { serializers: [String] });
    });
  }

  it('ends with the same options everywhere', (t) => {
    const [options, ...others] = globals;
    assert.deepEqual(others, []);
    t.assert.snapshot(options, { serializers: [String] });
  });
});
