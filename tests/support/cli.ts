import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** What a command left behind. */
export interface Ran {
  readonly exitCode: number;
  /** Standard output. */
  readonly output: string;
  /** Standard error. */
  readonly problems: string;
}

/** The command line in a folder of its own, with an environment of its own. */
export interface CommandLine {
  /** Runs `npm run smsaero -- ...args` without npm; its streams are pipes, as in a script. */
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ran>;
  /** Writes a file, JSON unless it is a text. @returns its path */
  write(name: string, content: unknown): Promise<string>;
  close(): Promise<void>;
}

/** @param environment variables of every run, beside credentials and a region */
export async function openCommandLine(environment: Readonly<Record<string, string>>): Promise<CommandLine> {
  const folder = await mkdtemp(join(tmpdir(), 'smsaero-cli-'));
  return {
    async run(args, more = {}) {
      const child = spawn(process.execPath, [main, ...args], {
        env: {
          HOME: folder,
          AWS_REGION: 'eu-central-1',
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
          ...environment,
          ...more,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const exit = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
      const [exitCode, output, problems] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
      return { exitCode, output, problems };
    },
    async write(name, content) {
      const file = join(folder, name);
      await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content, undefined, 2));
      return file;
    },
    close: () => rm(folder, { recursive: true }),
  };
}
