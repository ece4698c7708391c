#!/usr/bin/env node
import { setTimeout as sleep } from 'node:timers/promises';
import { CommanderError } from 'commander';
import { explain } from './explain.ts';
import { createProgram } from './program.ts';
import { type Io, Terminal } from './terminal.ts';
import { EXIT, RUN } from './usage.ts';

/**
 * Runs one command. The AWS SDK, and what prints commands, read the process's environment, in which `--region` is set.
 *
 * @returns the exit code: 0 done, 1 failed, 2 the command line is wrong
 */
export async function main(args: readonly string[], io: Io): Promise<number> {
  const terminal = new Terminal(io);
  let exitCode: number = EXIT.done;
  const program = createProgram(terminal, (code) => {
    exitCode = code;
  });
  const kept = keptByNpm(args);
  if (kept) {
    terminal.note(`error: npm has kept ${kept} for itself: write -- before the command\nHelp: ${RUN} --help`);
    return EXIT.usage;
  }
  try {
    await program.parseAsync(args.length === 0 ? ['--help'] : args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT.done : EXIT.usage; // commander has printed it: help, the version, or what is wrong
    }
    terminal.note(explain(error));
    return EXIT.failed;
  } finally {
    terminal.live(undefined);
  }
}

/**
 * Finds an option that `npm run smsaero doctor --stage=prod` does not pass on, as its `--` is missing: the command would run on another
 * stage than was asked for. npm tells it in a variable. It knows neither option itself.
 */
function keptByNpm(args: readonly string[]): string | undefined {
  return ['stage', 'region']
    .filter((name) => process.env[`npm_config_${name}`] !== undefined)
    .map((name) => `--${name}`)
    .find((option) => !args.some((arg) => arg === option || arg.startsWith(`${option}=`)));
}

if (import.meta.main) {
  // A reader that stops early, such as head, has all that it wants: the command still finishes what it writes elsewhere.
  let unwritten = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', ({ code }: NodeJS.ErrnoException) => {
      unwritten ||= code !== 'EPIPE';
    });
  }
  const exitCode = await main(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signals: process,
    clock: { now: () => Date.now(), sleep: (ms) => sleep(ms) },
  });
  process.exitCode = unwritten && exitCode === EXIT.done ? EXIT.failed : exitCode;
}
