/**
 * How long the first request of a fresh process takes on loopback, and how large the function is, next to Logto's own
 * SMS Aero connector, which is loaded only. `--runs N` (21 unless told) sets how many processes of each are measured.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { bundle } from '../infra/bundle.ts';
import { logtoEvent, startStandIns } from './cold-start/stand-ins.ts';
import { layOut, median, spread } from './cold-start/table.ts';

/** Milliseconds from before the import. */
interface Times {
  /** Until all of the code is loaded. */
  load: number;
  /** Until the import ends, which waits for the configuration. */
  import: number;
  /** Until the answer. */
  answer?: number;
  statusCode?: number;
}

const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { runs: { type: 'string', default: '21' } } });
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1)
  throw new Error(`--runs is a whole number from 1, not ${values.runs}`);

/** Logto's connector as esbuild bundles it for Node by default, minified as ours is. */
async function bundleConnector(): Promise<string> {
  const outfile = join(root, '.build', 'bench', 'connector-smsaero.cjs');
  const entryPoints = [import.meta.resolve('@logto/connector-smsaero').replace('file://', '')];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', minify: true, logLevel: 'error' });
  return outfile;
}

async function measure(file: string, environment: Record<string, string>, event?: object): Promise<Times> {
  const script = join(import.meta.dirname, 'cold-start', 'measure.js');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [script, file, ...(event ? [JSON.stringify(event)] : [])],
    { env: environment },
  );
  const times: Times = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  if (event && times.statusCode !== 200)
    throw new Error(`The function answered ${times.statusCode}:\n${stdout}`);
  return times;
}

const [hook] = (await bundle({ root })).filter(({ name }) => name === 'sms-hook');
if (!hook) throw new Error('functions/sms-hook.ts is gone');
const connector = await bundleConnector();
const standIns = await startStandIns();
const ours: Times[] = [];
const theirs: Times[] = [];
try {
  // One process of each comes first and is not counted: it brings the files into the disk cache.
  for (let run = 0; run <= runs; run++) {
    const event = logtoEvent(String(100_000 + run));
    const pair = [
      await measure(hook.file, standIns.environment, event),
      await measure(connector, {}),
    ] as const;
    if (run === 0) continue;
    ours.push(pair[0]);
    theirs.push(pair[1]);
  }
  if (standIns.messages() !== runs + 1)
    throw new Error(`The gate has ${standIns.messages()} messages of ${runs + 1}`);
} finally {
  await standIns.close();
}

const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1);
const code = await readFile(connector);
const gzipBytes = gzipSync(code).length;
const peer = theirs.map(({ load }) => load);
const ratio = (own: number, other: number) => (own / other).toFixed(2);
const row = (label: string, times: number[]) => [label, spread(times), ratio(median(times), median(peer))];

console.log(
  `First request of a fresh process on loopback, ${runs} processes of each, interleaved; medians and quartiles.
Node ${process.version}, ${availableParallelism()} CPUs; the start of the process is not counted.
Ratios are to @logto/connector-smsaero, which is loaded only.
`,
);
const lines = layOut([
  ['', 'sms-hook', 'ratio'],
  ['KB minified', kilobytes(hook.bytes), ratio(hook.bytes, code.length)],
  ['KB gzip', kilobytes(hook.gzipBytes), ratio(hook.gzipBytes, gzipBytes)],
  row(
    'ms until the code is loaded',
    ours.map(({ load }) => load),
  ),
  row(
    'ms until the configuration is read',
    ours.map((times) => times.import),
  ),
  row(
    'ms until the first answer',
    ours.map(({ answer }) => answer ?? Number.NaN),
  ),
  ['', '', ''],
  ['', 'connector', ''],
  ['KB minified', kilobytes(code.length), ''],
  ['KB gzip', kilobytes(gzipBytes), ''],
  ['ms until the code is loaded', spread(peer), ''],
]);
console.log(lines.join('\n'));
console.log(`\nRepeat: npm run bench:cold -- --runs ${runs}`);
