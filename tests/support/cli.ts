import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { main } from '../../cli/main.ts';
import { createProgram } from '../../cli/program.ts';
import { type Io, Terminal } from '../../cli/terminal.ts';
import type { Input } from '../../local/aws-json.ts';
import { startCallerIdentity } from '../../local/caller-identity.ts';
import packageJson from '../../package.json' with { type: 'json' };

/** What `npx smsaero` runs. */
const file = fileURLToPath(new URL(`../../${packageJson.bin.smsaero}`, import.meta.url));

/** For queues: an empty one says so at once. Nobody sends anything while a command waits for a second. */
export const withoutWaiting = (operation: string, input: Input): Input =>
  operation === 'ReceiveMessage' ? { ...input, WaitTimeSeconds: 0 } : input;

/** What a command left behind. */
export interface Ran {
  readonly exitCode: number;
  /** Standard output. */
  readonly output: string;
  /** Standard error. */
  readonly problems: string;
}

/** What a run has around it besides its environment. */
export interface Surroundings {
  /** What a person types: the run then has a terminal. Without, its streams are pipes, as in a script. */
  readonly answer?: string;
  /** Where a test emits Ctrl-C. */
  readonly signals?: EventEmitter;
  /** Called in place of each pause: only by that the clock of the run goes on, and nothing waits. */
  readonly pause?: (ms: number) => void;
}

/** Streams of a person at a terminal, or pipes. @param answer what the person types; undefined for pipes */
function makeIo({ answer, signals = new EventEmitter(), pause }: Surroundings) {
  const isTTY = answer !== undefined;
  let stopped = Date.now();
  return {
    stdin: Object.assign(Readable.from(isTTY ? [answer] : []), { isTTY }),
    stdout: Object.assign(new PassThrough(), { isTTY }),
    stderr: Object.assign(new PassThrough(), { isTTY }),
    signals,
    clock: {
      now: () => (pause ? stopped : Date.now()),
      async sleep(ms: number) {
        if (!pause) return sleep(ms);
        pause(ms);
        stopped += ms;
      },
    },
  } satisfies Io;
}

/** Runs a command in this process. @param environment all of its variables */
export async function runCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  surroundings: Surroundings = {},
): Promise<Ran> {
  const io = makeIo(surroundings);
  const read = Promise.all([text(io.stdout), text(io.stderr)]);
  const before = process.env;
  process.env = { ...environment, ...(io.stdout.isTTY ? { NO_COLOR: '1' } : {}) };
  try {
    const exitCode = await main(args, io);
    io.stdout.end();
    io.stderr.end();
    const [output, problems] = await read;
    return { exitCode, output, problems };
  } finally {
    process.env = before;
  }
}

/** Runs a command that fails, having said only this. @param problems all of standard error, or what it matches */
export async function assertFails(
  run: Promise<Ran>,
  exitCode: number,
  problems: string | RegExp,
): Promise<void> {
  const ran = await run;
  assert.deepEqual([ran.exitCode, ran.output], [exitCode, ''], ran.problems);
  if (typeof problems === 'string') assert.equal(ran.problems, problems);
  else assert.match(ran.problems, problems);
}

/** What a command that writes shows first. */
export const TARGET = (stage: string) =>
  `In account 000000000000, caller arn:aws:iam::000000000000:user/local, region eu-central-1, stage ${stage}`;

/** The lines of an output, without the empty one behind its end. */
export const linesOf = (output: string) => output.trimEnd().split('\n');

/** Every command and every group by its words, such as `config push`; the program itself by none. */
export function commandTree(): Map<string, Command> {
  const named = (command: Command, name: string): (readonly [string, Command])[] => [
    [name, command],
    ...command.commands.flatMap((nested) => named(nested, `${name} ${nested.name()}`.trim())),
  ];
  return new Map(
    named(
      createProgram(new Terminal(makeIo({})), () => {}),
      '',
    ),
  );
}

/** The command line in a folder of its own, with an environment of its own. */
export type CommandLine = Awaited<ReturnType<typeof openCommandLine>>;

/** @param environment variables of every run, beside credentials and a region */
export async function openCommandLine(environment: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'smsaero-cli-'));
  const identity = await startCallerIdentity();
  const variables = {
    HOME: folder,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_STS: identity.url,
    ...environment,
  };
  return {
    /** Runs a command in this process, one at a time: it reads `process.env`, as the AWS SDK does. */
    run: (
      args: readonly string[],
      more: Readonly<Record<string, string>> = {},
      surroundings: Surroundings = {},
    ) => runCommand(args, { ...variables, ...more }, surroundings),
    /** Begins one in a process of its own. */
    start(args: readonly string[]) {
      // As npx does: the file itself, which finds this Node first.
      const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter);
      const child = spawn(file, args, {
        env: { ...variables, PATH },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const exit = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
      const read = Promise.all([exit, text(child.stdout).catch(() => ''), text(child.stderr)]);
      return {
        ended: read.then(([exitCode, output, problems]): Ran => ({ exitCode, output, problems })),
        kill: (signal: NodeJS.Signals) => void child.kill(signal),
        /** Closes the pipe that its output goes to, as `head` does. */
        stopReading: () => void child.stdout.destroy(),
      };
    },
    /** Writes a file, JSON unless it is a text. @returns its path */
    async write(name: string, content: unknown) {
      const path = join(folder, name);
      await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content, undefined, 2));
      return path;
    },
    async close() {
      await identity.close();
      await rm(folder, { recursive: true });
    },
  };
}
