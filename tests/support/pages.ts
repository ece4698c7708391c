import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** The folder of the project. */
export const ROOT = join(import.meta.dirname, '../..');

/** Names of the files below a folder of the project, from the root on. @param endings as in `.ts` */
export async function filesIn(folder: string, endings: readonly string[]): Promise<string[]> {
  const names = await readdir(join(ROOT, folder), { recursive: true });
  return names
    .filter((name) => endings.some((ending) => name.endsWith(ending)) && !name.includes('node_modules'))
    .map((name) => join(folder, name))
    .toSorted();
}

/** A page in Markdown. */
export interface Page {
  /** From the root on: `docs/cli.md`. */
  readonly path: string;
  readonly text: string;
}

/** All pages of the project in Markdown. */
export async function readPages(): Promise<Page[]> {
  const top = (await readdir(ROOT)).filter((name) => name.endsWith('.md'));
  const below = await Promise.all(['docs', 'bench'].map((folder) => filesIn(folder, ['.md'])));
  const paths = [...top, ...below.flat()];
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(ROOT, path), 'utf8') })));
}

/** A line of a page, and what it is. */
export interface PageLine {
  /** `docs/cli.md:12` */
  readonly at: string;
  readonly text: string;
  readonly kind: 'text' | 'table' | 'code';
}

/** A page line by line. The fences of code count as code. */
export function linesOf({ path, text: markdown }: Page): PageLine[] {
  let inCode = false;
  return markdown.split('\n').map((line, index) => {
    const isFence = /^\s*```/.test(line);
    if (isFence) inCode = !inCode;
    const kind = inCode || isFence ? 'code' : /^\s*\|/.test(line) ? 'table' : 'text';
    return { at: `${path}:${index + 1}`, text: line, kind };
  });
}

/** A block of code in a page. */
export interface CodeBlock {
  /** Where it begins: `docs/cli.md:12`. */
  readonly at: string;
  /** The word behind the fence: `json`, `sh`; empty if there is none. */
  readonly language: string;
  /** Without the indentation of the fence. */
  readonly code: string;
}

/** The blocks of code of a page. */
export function codeBlocksOf({ path, text: markdown }: Page): CodeBlock[] {
  return Array.from(markdown.matchAll(/^( *)```(\w*)[^\n]*\n([\s\S]*?)^ *```/gm), (match) => {
    const [, indent = '', language = '', code = ''] = match;
    const line = markdown.slice(0, match.index).split('\n').length;
    return { at: `${path}:${line}`, language, code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), '') };
  });
}

/**
 * The words of commands, as a shell makes them: quotes, continued lines and `$(date)` are the shell's. None of the programs runs.
 *
 * @param script lines of a shell
 * @param programs whose calls are wanted: `curl`
 * @returns a list of words for each call, the program first
 */
export async function wordsOfCommand(script: string, ...programs: string[]): Promise<string[][]> {
  const recording = programs.map(
    (program) => `${program}() { printf '%s\\0' ${program} "$@"; printf '\\n\\0'; }`,
  );
  const shell = spawn('sh', ['-c', [...recording, script].join('\n')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed, [exitCode]] = await Promise.all([text(shell.stdout), once(shell, 'exit')]);
  if (exitCode !== 0) throw new Error(`The shell ended with ${exitCode}: ${script}`);
  const calls = printed.split('\n\0').slice(0, -1);
  return calls.map((call) => call.split('\0').slice(0, -1));
}

/** Does what `curl` does with these words. */
export function curl(words: readonly string[]): Promise<Response> {
  let url = '';
  let method: string | undefined;
  const data: string[] = [];
  const headers = new Headers({ 'content-type': 'application/x-www-form-urlencoded' });
  const options = words.values();
  for (const word of options) {
    if (word === '-i') continue;
    if (!word.startsWith('-')) {
      url = word;
      continue;
    }
    const value = String(options.next().value);
    if (word === '-X') method = value;
    else if (word === '-d' || word === '--data-binary') data.push(value);
    else if (word === '-H') headers.set(...(value.split(/:\s*(.*)/s).slice(0, 2) as [string, string]));
    else if (word === '--data-urlencode') data.push(value.replace(/(?<==).*/s, encodeURIComponent));
    else throw new Error(`curl ${word} is not known here`);
  }
  const body = data.length === 0 ? null : data.join('&');
  return fetch(url, { method: method ?? (body === null ? 'GET' : 'POST'), headers, body });
}

const inCapitals = (name: string) =>
  name.replace(/^-+/, '').replace(/(?:^|-)(\w)/g, (_, initial: string) => initial.toUpperCase());

/** Any key works, but there has to be one. */
const SIGNED = 'AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/sqs/aws4_request';

/** Does what the AWS CLI does with these words, by HTTP: options become the fields of a call in JSON. */
export function callAws(words: readonly string[]): Promise<Response> {
  const [service = '', operation = '', ...options] = words.filter((word) => word !== '--no-sign-request');
  const fields: Record<string, unknown> = {};
  let endpoint = '';
  for (let index = 0; index < options.length; index += 2) {
    const [name = '', value = ''] = options.slice(index, index + 2);
    if (name === '--endpoint-url') endpoint = value;
    else if (name === '--user-attributes') {
      fields['UserAttributes'] = [Object.fromEntries(value.split(',').map((part) => part.split('=')))];
    } else if (name !== '--region') fields[inCapitals(name)] = value;
  }
  const target = { sqs: 'AmazonSQS', 'cognito-idp': 'AWSCognitoIdentityProviderService' }[service];
  if (!target) throw new Error(`aws ${service} ${operation} is not known here`);
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `${target}.${inCapitals(operation)}`,
    authorization: `${SIGNED}, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
  };
  return fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(fields) });
}
