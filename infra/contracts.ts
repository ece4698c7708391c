/** `npm run contracts`: writes the contracts that are generated from the schemas in lib/ into docs/. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CONTRACT_FILES } from './contracts/files.ts';

const root = resolve(import.meta.dirname, '..');

for (const [path, text] of Object.entries(CONTRACT_FILES)) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
  console.log(path);
}
