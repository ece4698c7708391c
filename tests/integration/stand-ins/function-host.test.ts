import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startFunction } from '../../support/function.ts';

const LINES = 5_000;

const SOURCE = `export async function handler({ stream }) {
  for (let n = 0; n < ${LINES}; n += 1) process[stream].write(JSON.stringify({ n }) + '\\n');
}`;

describe('a function in a test', () => {
  // More than a pipe takes: those behind would be counted to the next invocation.
  for (const stream of ['stdout', 'stderr']) {
    it(`has answered when all that it wrote to ${stream} is there`, async () => {
      const fn = await startFunction(new URL(`data:text/javascript,${encodeURIComponent(SOURCE)}`), {});
      await fn.invoke({ stream });
      assert.equal(fn.logs().length, LINES);
      await fn.close();
    });
  }
});
