import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { parseJson } from '../../lib/json.ts';

const root = resolve(import.meta.dirname, '../..');

describe('JSON', () => {
  it('is read with a byte order mark or without', () => {
    assert.deepEqual([parseJson('\ufeff{"a":1}'), parseJson('{"a":1}')], [{ a: 1 }, { a: 1 }]);
    assert.equal(parseJson('\ufeff\ufeff{}'), undefined);
  });

  it('is read by parseJson wherever it comes from somebody else', async () => {
    const folders = ['lib', 'cli', 'functions', 'infra', 'tools'];
    const files = await Promise.all(
      folders.map(async (folder) =>
        (await readdir(join(root, folder), { recursive: true }))
          .filter((file) => /\.[cm]?[jt]s$/.test(file))
          .map((file) => join(folder, file)),
      ),
    );
    const texts = files.flat().map(async (file) => [file, await readFile(join(root, file), 'utf8')] as const);
    const own = (await Promise.all(texts)).filter(([, text]) => text.includes('JSON.parse('));
    assert.deepEqual(own.map(([file]) => file).sort(), [
      'lib/cognito/challenge/wrong-answers.ts', // what it wrote itself
      'lib/json.ts',
    ]);
  });
});
