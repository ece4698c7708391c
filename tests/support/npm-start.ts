import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './pages.ts';

/** What a CI or a developer may have set. */
const UNSET = { FORCE_COLOR: undefined, NO_COLOR: undefined, HOST: undefined, LOCAL_SECRET: undefined };

/** What is printed last when all runs. */
export const READY = 'Ctrl-C stops everything';

/** Runs what `npm start` runs. @param cwd folder of the project, or of a copy */
export function npmStart(
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  cwd = ROOT,
) {
  const child = spawn(process.execPath, ['local/start.ts', ...args], {
    cwd,
    env: { ...process.env, ...UNSET, ...environment },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  return {
    child,
    /** Resolves with the exit code, and the signal, of the process. */
    ended: new Promise((resolve) => child.once('close', (...result) => resolve(result))),
    /** What it has printed. */
    output: () => output,
    /** Waits until a text was printed. @throws Error with what was printed if the process ended before */
    async printed(text: string) {
      while (!output.includes(text)) {
        if (child.exitCode !== null) throw new Error(output);
        await sleep(50);
      }
    },
  };
}
