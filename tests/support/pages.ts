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
