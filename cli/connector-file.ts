import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { asObject, type Fields, parseJson } from '../lib/json.ts';

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

const STRING = /"(?:(?!\p{Cc})[^"\\]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/uy;
/** A text up to where it stops being one. */
const BEGUN_STRING = new RegExp(STRING.source.slice(0, -1), 'uy');
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

/** What is wrong at a position of a JSON text. */
class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/**
 * Says where a text stops being JSON, and why. The parser's message quotes the text, and so a key, and often names no position.
 *
 * @param text not JSON
 * @returns `line 4, column 3: a comma before }, where none may be`; lines and columns count from 1
 */
export function describeJsonError(text: string): string {
  try {
    const end = skipSpace(text, skipValue(text, skipSpace(text, 0), 0));
    if (end === text.length) return 'it cannot be read';
    throw new JsonError(end, 'more text behind the end');
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const lines = text.slice(0, error.at).split('\n');
    return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}: ${error.message}`;
  }
}

/** Deeper than any connector's JSON, and far from the end of the stack. */
const MAX_DEPTH = 100;

/** @returns where the value ends @throws JsonError */
function skipValue(text: string, at: number, depth: number): number {
  const begin = text[at];
  if (depth > MAX_DEPTH) throw new JsonError(at, 'too many brackets inside each other');
  if (begin === '"') return skipString(text, at);
  if (begin !== '{' && begin !== '[') return skip(SCALAR, text, at) ?? fail(text, at, 'a value');
  const close = begin === '{' ? '}' : ']';
  let here = skipSpace(text, at + 1);
  if (text[here] === close) return here + 1;
  for (;;) {
    if (begin === '{') {
      here = skipSpace(text, text[here] === '"' ? skipString(text, here) : fail(text, here, 'a name in "'));
      here = skipSpace(text, text[here] === ':' ? here + 1 : fail(text, here, 'a colon'));
    }
    here = skipSpace(text, skipValue(text, here, depth + 1));
    if (text[here] === close) return here + 1;
    const comma = text[here] === ',' ? here : fail(text, here, `a comma or ${close}`);
    here = skipSpace(text, comma + 1);
    if (text[here] === '}' || text[here] === ']') {
      throw new JsonError(comma, `a comma before ${text[here]}, where none may be: remove it`);
    }
  }
}

function skipString(text: string, at: number): number {
  const end = skip(STRING, text, at);
  if (end !== undefined) return end;
  const stop = skip(BEGUN_STRING, text, at) ?? at;
  if (stop >= text.length) throw new JsonError(at, 'a text without its closing "');
  throw new JsonError(
    stop,
    text[stop] === '\\'
      ? 'a backslash that begins no escape: write \\\\'
      : 'a line break or tab inside of a text: write \\n or \\t, or close it with "',
  );
}

const skipSpace = (text: string, at: number) => skip(/[ \t\r\n]*/y, text, at) ?? at;

/** @returns where the match at this position ends; undefined if there is none */
function skip(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** @throws JsonError that names what is there only if it is a sign of the format: a value may be a secret */
function fail(text: string, at: number, expected: string): never {
  const here = text[at];
  if (here === undefined) throw new JsonError(at, `the end of the file, where ${expected} must be`);
  const known = /[{}[\]:,'"“”«»]/.test(here) ? here : undefined;
  const found = text.startsWith('//', at) || text.startsWith('/*', at) ? 'a comment' : known;
  throw new JsonError(at, found ? `${found}, where ${expected} must be` : `${expected} must be here`);
}
