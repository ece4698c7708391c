import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type RunningFunction, startFunction } from '../../support/function.ts';

const LINES = 5_000;

describe('a function in a test', () => {
  let folder: string;
  let fn: RunningFunction;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'smsaero-function-'));
    const loop = `for (let n = 0; n < ${LINES}; n += 1) process[stream].write(JSON.stringify({ n }) + '\\n');`;
    const echo = 'return { statusCode: 200, headers: {}, body: JSON.stringify(event) };';
    const file = join(folder, 'index.mjs');
    await writeFile(
      file,
      `export const handler = async (event) => { const { stream } = event; if (stream) ${loop} ${echo} };`,
    );
    fn = await startFunction(pathToFileURL(file), {});
  });
  after(async () => {
    await fn.close();
    await rm(folder, { recursive: true });
  });

  // More than a pipe takes: those behind would be counted to the next invocation.
  for (const stream of ['stdout', 'stderr']) {
    it(`has answered when all that it wrote to ${stream} is there`, async () => {
      const before = fn.logs().length;
      await fn.invoke({ stream });
      assert.equal(fn.logs().length - before, LINES);
    });
  }
});
