/**
 * Messages through the built function while everything around it fails, and what the ledger of SMS Aero says in the end.
 *
 * --messages N (10000)   --concurrency N (16)   --functions N (4): processes of the function   --deadline MS (2000)
 * --faults SHARE (0.42) of the requests to gates; connections, DynamoDB and Parameter Store fail beside
 * --rotation drained|live|off: a new API key half-way, while nothing or while everything is under way
 * --seed N: replays the plan of a run
 *
 * Exit status 1 if a promise was broken: its message's history is printed.
 */
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../infra/bundle.ts';
import type { ChaosOptions } from '../tests/integration/chaos/plan.ts';
import { describeReport } from '../tests/integration/chaos/report.ts';
import { DEFAULTS, runChaos } from '../tests/integration/chaos/run.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: String(DEFAULTS.messages) },
    concurrency: { type: 'string', default: String(DEFAULTS.concurrency) },
    functions: { type: 'string', default: String(DEFAULTS.functions) },
    deadline: { type: 'string', default: String(DEFAULTS.deadline) },
    faults: { type: 'string', default: String(DEFAULTS.faults) },
    rotation: { type: 'string', default: DEFAULTS.rotation },
    seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
  },
});

function number(name: Exclude<keyof typeof values, 'rotation'>, least: number, most: number): number {
  const value = Number(values[name]);
  if (!(value >= least && value <= most)) throw new Error(`--${name} is a number from ${least} to ${most}`);
  return value;
}

function rotation(): ChaosOptions['rotation'] {
  const ways = ['drained', 'live', 'off'] as const;
  const way = ways.find((each) => each === values.rotation);
  if (!way) throw new Error(`--rotation is ${ways.join(', ')}`);
  return way;
}

const options: ChaosOptions = {
  messages: number('messages', 1, 39_000),
  concurrency: number('concurrency', 1, 1_000),
  functions: number('functions', 1, 64),
  deadline: number('deadline', 500, 25_000),
  faults: number('faults', 0, 1),
  seed: number('seed', 0, Number.MAX_SAFE_INTEGER),
  rotation: rotation(),
};

await bundle({ root: resolve(import.meta.dirname, '..') });
process.env['TEST_FUNCTIONS'] = 'dist'; // see tests/support/function.ts
console.log(`chaos: --seed ${options.seed} replays this run`);
const report = await runChaos(options, (ended) => {
  if (ended % 1_000 === 0) console.log(`  ${ended} of ${options.messages}`);
});
for (const violation of report.violations.slice(0, 20)) console.error(`\n${violation}`);
console.log(['', ...describeReport(report)].join('\n'));
process.exitCode = report.violations.length > 0 ? 1 : 0;
