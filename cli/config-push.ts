import { readFile } from 'node:fs/promises';
import { parseParameters } from '../lib/config/parameters.ts';
import { escapeBraces, parametersOf, type WrittenParameter } from '../lib/config/serialize.ts';
import type { StageParameters } from './store.ts';

/**
 * `config push <file>`: checks a Logto connector's JSON and writes what changed of it to Parameter Store.
 *
 * @param print takes each line of the report; it holds no value
 * @throws Error that names every problem of the file; nothing is written then
 */
export async function configPush(
  file: string,
  parameters: StageParameters,
  print: (line: string) => void,
): Promise<void> {
  const wanted = await readConnector(file, parameters.path);
  for (const parameter of wanted) {
    const current = await parameters.get(parameter.name);
    if (current !== parameter.value) {
      await parameters.put(parameter);
    }
    const change = current === undefined ? 'new' : current === parameter.value ? 'unchanged' : 'changed';
    print(`${`${parameters.path}/${parameter.name}`.padEnd(32)} ${parameter.type.padEnd(13)} ${change}`);
  }
}

async function readConnector(file: string, path: string): Promise<WrittenParameter[]> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Error(`${file} cannot be read`);
  });
  const json = parseJson(text, file);
  // The way that the functions read them, so that what is pushed can be loaded.
  const asWritten = Object.entries(json).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : escapeBraces(JSON.stringify(value)),
  ]);
  return parametersOf(parseParameters(path, new Map(asWritten), () => undefined));
}

function parseJson(text: string, file: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    json = undefined; // the parser's own message quotes the text, and so the key
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Error(`${file} is no JSON object`);
  }
  return json as Record<string, unknown>;
}
