import { readFile } from 'node:fs/promises';
import { type Fields, parseObject } from '../lib/json.ts';

/** Byte order marks of UTF-16, little and big end first. */
const UTF_16 = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];

/**
 * Reads a connector's JSON.
 *
 * @throws Error that says what is wrong with the file; never what is in it
 */
export async function readConnectorFile(file: string): Promise<Fields> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      error.code === 'ENOENT' ? `${file} does not exist` : `${file} cannot be read (${error.code})`,
    );
  });
  if (UTF_16.some((mark) => bytes.subarray(0, 2).equals(mark))) {
    throw new Error(`${file} is in UTF-16, as Windows PowerShell writes with >: save it as UTF-8`);
  }
  const fields = parseObject(bytes.toString('utf8'));
  if (!fields) {
    throw new Error(`${file} is no JSON object`);
  }
  return fields;
}
