/**
 * Attackers who pump messages beside ordinary sign-ins, against the built function with its default limits, in real time: what each
 * attack costs, and whom the limits hit.
 *
 * neighbours: 1,000 neighbouring numbers, 50 addresses. range: scattered numbers of one range, an address for each request.
 * botnet: scattered numbers of 32 ranges, an address for each request; only the total is in its way.
 *
 * --attacker NAME (all, one after the other)   --attack N (5000) requests of each   --people N (500), a third of whom ask again
 * --seconds N (50) for each   --parallel N (64) requests of an attacker at the same time, fewer on a busy machine   --seed N
 *
 * Exit status 1 if more was paid than the limits say, or if one person was refused. Under the botnet people are: it says how many.
 */
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../infra/bundle.ts';
import { type AbuseReport, runAbuse } from '../tests/support/abuse/run.ts';

/** Messages an hour altogether, by default. */
const TOTAL = 1_000;

/** Messages an hour that each attacker may get at most: 30 in each of two blocks, a fifth of the total, what people leave of it. */
const MOST_PAID = { neighbours: 60, range: TOTAL / 5, botnet: TOTAL } as const;
type Attacker = keyof typeof MOST_PAID;

const { values } = parseArgs({
  options: {
    attacker: { type: 'string', default: Object.keys(MOST_PAID).join() },
    attack: { type: 'string', default: '5000' },
    people: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '50' },
    parallel: { type: 'string', default: '64' },
    seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
  },
});

function whole(name: keyof typeof values, least: number): number {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < least) throw new Error(`--${name} is a whole number from ${least}`);
  return value;
}

const attackers = values.attacker.split(',').map((name): Attacker => {
  if (!(name in MOST_PAID)) throw new Error(`--attacker is one of ${Object.keys(MOST_PAID).join(', ')}`);
  return name as Attacker;
});
const scene = {
  seed: whole('seed', 0),
  attack: whole('attack', 1),
  people: whole('people', 0),
  duration: whole('seconds', 45) * 1_000,
  inParallel: whole('parallel', 1),
  resends: true,
};

await bundle({ root: resolve(import.meta.dirname, '..') });
process.env['TEST_FUNCTIONS'] = 'dist'; // see tests/support/function.ts
console.log(
  `abuse: --seed ${scene.seed} replays these scenes; each takes ${scene.duration / 1_000} s: ${attackers.join(', ')}`,
);
for (const attacker of attackers) {
  const report = await runAbuse({ ...scene, attacker });
  if (!print(attacker, report)) process.exitCode = 1;
}

/** Prints what a scene came to; whether the limits held. */
function print(attacker: Attacker, report: AbuseReport): boolean {
  const counts = (numbers: Readonly<Record<string, number>>) =>
    Object.entries(numbers)
      .toSorted(([, a], [, b]) => b - a)
      .map(([name, count]) => `  ${String(count).padStart(7)}  ${name}`);
  const refused = Object.values(report.honestRefused).reduce((sum, count) => sum + count, 0);
  const most = MOST_PAID[attacker] * report.clockHours;
  const expected = attacker === 'botnet' ? 'once the total is used up' : '0';
  const lines = [
    '',
    `${attacker}: ${scene.attack} requests, of ${scene.people} people: ${report.honestRequests}, in ${report.seconds.toFixed(1)} s`,
    `paid messages to the attacker: ${report.paidToAttacker} (at most ${most})`,
    'what the attacker was answered',
    ...counts(report.toAttacker),
    `messages to people: ${report.honestMessages}`,
    `people refused: ${refused} (${expected})`,
    ...counts(report.honestRefused),
    `calls to the table for a request: ${report.tableCalls.toFixed(2)}`,
    `requests past a guard that could not be asked: ${report.guardSkipped}`,
  ];
  console.log(lines.join('\n'));
  const allServed = refused === 0 && report.honestMessages === report.honestRequests;
  return report.paidToAttacker <= most && (attacker === 'botnet' || allServed);
}
