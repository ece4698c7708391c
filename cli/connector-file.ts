import { readFile } from 'node:fs/promises';
import { asObject, type Fields } from '../lib/smsaero/fields.ts';

/**
 * Reads a connector's JSON.
 *
 * @throws Error that says what is wrong with the file; never what is in it
 */
export async function readConnectorFile(file: string): Promise<Fields> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      error.code === 'ENOENT' ? `${file} does not exist` : `${file} cannot be read (${error.code})`,
    );
  });
  const fields = asObject(parseJson(text));
  if (!fields) {
    throw new Error(`${file} is no JSON object`);
  }
  return fields;
}

/** The parser's own message quotes the text, and so the key. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}
