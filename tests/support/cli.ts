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

/** A command under way. */
export interface Running {
  readonly ended: Promise<Ran>;
  kill(signal: NodeJS.Signals): void;
  /** Closes the pipe that its output goes to, as `head` does. */
  stopReading(): void;
}

/** The command line in a folder of its own, with an environment of its own. */
export interface CommandLine {
  /** Runs `npm run smsaero -- ...args` without npm; its streams are pipes, as in a script. */
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ran>;
  /** Begins such a run. */
  start(args: readonly string[], environment?: Readonly<Record<string, string>>): Running;
  /** Writes a file, JSON unless it is a text. @returns its path */
  write(name: string, content: unknown): Promise<string>;
  close(): Promise<void>;
}

/** @param environment variables of every run, beside credentials and a region */
export async function openCommandLine(environment: Readonly<Record<string, string>>): Promise<CommandLine> {
  const folder = await mkdtemp(join(tmpdir(), 'smsaero-cli-'));
  const start: CommandLine['start'] = (args, more = {}) => {
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
    const read = Promise.all([exit, text(child.stdout).catch(() => ''), text(child.stderr)]);
    return {
      ended: read.then(([exitCode, output, problems]) => ({ exitCode, output, problems })),
      kill: (signal) => void child.kill(signal),
      stopReading: () => void child.stdout.destroy(),
    };
  };
  return {
    start,
    run: (args, more) => start(args, more).ended,
    async write(name, content) {
      const file = join(folder, name);
      await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content, undefined, 2));
      return file;
    },
    close: () => rm(folder, { recursive: true }),
  };
}
