import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { asObject, type Fields, jsonProblem, parseJson } from '../lib/json.ts';

/** Byte order marks of UTF-16, little and big end first. */
const UTF_16 = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];

/**
 * Reads a connector's JSON: as the connector's form has it, or inside of what Logto's API answers to `GET /api/connectors/{id}`, whose
 * `config` it is.
 *
 * @throws Error that says what is wrong with the file; never what is in it
 */
export async function readConnectorFile(file: string): Promise<Fields> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EISDIR') throw new Error(`${file} is a folder`);
    throw new Error(
      error.code === 'ENOENT' ? `${file} does not exist` : `${file} cannot be read (${error.code})`,
    );
  });
  if (UTF_16.some((mark) => bytes.subarray(0, 2).equals(mark))) {
    throw new Error(`${file} is in UTF-16, as Windows PowerShell writes with >: save it as UTF-8`);
  }
  if (!isUtf8(bytes)) {
    throw new Error(`${file} is not in UTF-8, so that characters would be lost: save it as UTF-8`);
  }
  const text = bytes.toString('utf8');
  const value = parseJson(text);
  if (value === undefined) {
    throw new Error(`${file} is not JSON: ${describeJsonError(text.replace(/^\ufeff/, ''))}`);
  }
  const fields = asObject(value);
  if (!fields) {
    throw new Error(`${file} is not a JSON object: it must begin with {, as the connector's JSON does`);
  }
  return ('templates' in fields ? undefined : asObject(fields['config'])) ?? fields;
}

/**
 * Says where a text stops being JSON, and why: in the words of the parser, except where they quote the text, and so perhaps a key.
 *
 * @returns `line 4, column 3: a comma before }, which JSON does not allow: remove it`; lines and columns count from 1
 */
export function describeJsonError(text: string): string {
  const message = jsonProblem(text);
  const [, said, position] = /^(.*?)(?: in JSON)? at position (\d+)/.exec(message) ?? [];
  const isEnd = message === 'Unexpected end of JSON input';
  let problem = said ?? (isEnd ? 'the file ends too early' : 'a value must be here');
  let at = Number(position ?? (isEnd ? text.length : findToken(text)));
  const before = text.slice(0, at).trimEnd();
  if (before.endsWith(',') && /[}\]]/.test(text[at] ?? '')) {
    problem = `a comma before ${text[at]}, which JSON does not allow: remove it`;
    at = before.length - 1;
  }
  const lines = text.slice(0, at).split('\n');
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}: ${problem}`;
}

/** Finds the sign that may not be where it is, for which the parser's message has no position: it ends the shortest text with that error. */
function findToken(text: string): number {
  let [right, wrong] = [0, text.length];
  while (wrong - right > 1) {
    const middle = Math.floor((right + wrong) / 2);
    if (/^Unexpected token|^".*" is not/s.test(jsonProblem(text.slice(0, middle)))) wrong = middle;
    else right = middle;
  }
  return wrong - 1;
}
