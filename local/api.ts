import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ACCOUNT } from './aws-json.ts';
import { startFront } from './front.ts';
import { LOOPBACK } from './loopback.ts';
import type { Exchange } from './request-log.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const OSLS = createRequire(import.meta.url).resolve('osls/bin/serverless.js');

/** What `npm ci` and a clean of the folder delete first; the functions load more of it when they are called for the first time. */
const FILES = [OSLS, join(root, 'dist', 'sms-hook', 'index.mjs')];

const FILES_GONE = `The files that npm start runs from are gone: "npm ci" replaces node_modules, "git clean" deletes dist/.
It stops now. Start it again when they are back. To run the tests beside it, "npm test" needs no "npm ci" before it.`;

/** How long the API may take to answer for the first time, in ms: 3,000 are usual, a busy machine has needed over a minute. */
const START_TIMEOUT_MS = 180_000;

/** Pause between two looks at the files, in ms: deleting node_modules takes longer. */
const FILES_CHECK_MS = 500;

interface ApiOptions {
  readonly port: number;
  /** Another address to listen on than loopback. */
  readonly host: string | undefined;
  /** Ports of serverless-offline: of the API itself, behind `port`, and of its endpoint for invocations. */
  readonly innerPort: number;
  readonly lambdaPort: number;
  readonly stage: string;
  /** URLs of the SMS Aero simulator. */
  readonly gates: readonly string[];
  readonly queuesUrl: string;
  /** What leads the functions to the stand-ins of AWS: credentials and endpoints. */
  readonly environment: Readonly<Record<string, string>>;
  /** Takes each line that the functions and serverless-offline print. */
  readonly onLine: (line: string) => void;
  /** Takes each answer, before the caller has it. */
  readonly onExchange: (exchange: Exchange) => void;
}

export interface Api {
  readonly url: string;
  /** Resolves when the process ends, or files that it runs from are gone: with what happened, to be printed. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts API Gateway and Lambda as serverless-offline plays them under osls: the bundled functions unchanged, AWS and SMS
 * Aero's endpoints on loopback. Resolves when a function answers.
 *
 * @throws Error with what was printed, if the process ends or does not answer within three minutes, or that the port is in use
 */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { port, host, innerPort, onExchange } = options;
  const isWildcard = host === '0.0.0.0' || host === '::'; // loopback is among what it names
  const hosts = [...(isWildcard ? [] : [LOOPBACK]), ...(host === undefined ? [] : [host])];
  const fronts = await Promise.all(
    hosts.map((host) => startFront({ host, port, target: innerPort }, onExchange)),
  );
  const child = spawn(process.execPath, argumentsFor(options), {
    cwd: root,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ...options.environment,
      SMSAERO_CONFIG_REFRESH_S: '0', // a template that was edited on the page is in the next message
      // The guard takes half of the time at most. On a busy machine that of AWS is too short: limits would be skipped.
      SMSAERO_GUARD_TIMEOUT_MS: '5000',
      SMSAERO_DEADLINE_MS: '4000',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // Ctrl-C is for us: we end it in order
  });
  // Detached, it would outlive an error that ends this process, and keep the port.
  process.once('exit', () => child.kill('SIGKILL'));
  const printed = collectLines([child.stdout, child.stderr], options.onLine);
  const exited = once(child, 'exit').then(() => printed.join('\n'));
  const close = async () => {
    await Promise.all(fronts.map((front) => front.close()));
    child.kill('SIGTERM');
    await Promise.race([exited, sleep(3_000, undefined, { ref: false })]);
    child.kill('SIGKILL');
  };

  const answered = await Promise.race([untilAnswering(`http://127.0.0.1:${innerPort}`), exited]);
  if (answered !== true) {
    await close();
    throw new Error(`The API did not start.\n${answered || printed.join('\n')}`);
  }
  const ended = Promise.race([untilFilesGone(), exited]).then((why) =>
    areFilesThere() ? `The API ended.\n${why}` : FILES_GONE,
  );
  return { url: `http://127.0.0.1:${port}`, ended, close };
}

const areFilesThere = () => FILES.every((file) => existsSync(file));

async function untilFilesGone(): Promise<void> {
  while (areFilesThere()) await sleep(FILES_CHECK_MS, undefined, { ref: false });
}

function argumentsFor({ port, innerPort, lambdaPort, stage, gates, queuesUrl }: ApiOptions): string[] {
  return [
    ...[OSLS, 'offline', 'start', '--stage', stage, '--param', `gates=${gates.join(',')}`],
    ...['--param', 'cognito=local', '--param', `reportUrl=http://127.0.0.1:${port}/reports`],
    ...['--param', `queuesUrl=${queuesUrl}/${ACCOUNT}`],
    ...['--host', '127.0.0.1', '--httpPort', String(innerPort), '--lambdaPort', String(lambdaPort)],
    ...['--noPrependStageInUrl', '--noSponsor', '--localEnvironment'],
  ];
}

/** Waits for the hook to refuse a caller without a secret: API, function and configuration are then there. */
async function untilAnswering(url: string): Promise<boolean> {
  const limit = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < limit) {
    const status = await fetch(`${url}/sms/logto`, { method: 'POST', body: '{}' }).then(
      (response) => response.status,
      () => undefined, // it does not listen yet
    );
    if (status === 401) {
      return true;
    }
    await sleep(100);
  }
  return false;
}

function collectLines(streams: readonly Readable[], onLine: (line: string) => void): string[] {
  const last: string[] = [];
  for (const input of streams) {
    createInterface({ input }).on('line', (line) => {
      last.push(line);
      last.splice(0, last.length - 40);
      onLine(line);
    });
  }
  return last;
}
