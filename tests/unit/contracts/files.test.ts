import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { CONTRACT_FILES } from '../../../tools/contracts.ts';

const root = resolve(import.meta.dirname, '../../..');

for (const [path, text] of Object.entries(CONTRACT_FILES)) {
  test(`${path} is what the schemas say: npm run contracts`, async () => {
    assert.equal(await readFile(resolve(root, path), 'utf8'), text);
  });
}

test('Nothing is in docs/events that nobody writes', async () => {
  const files = (await readdir(resolve(root, 'docs/events'))).map((name) => `docs/events/${name}`);
  assert.deepEqual(
    files.filter((file) => !(file in CONTRACT_FILES)),
    [],
  );
});
