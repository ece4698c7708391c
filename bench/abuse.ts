/**
 * An attacker who pumps messages to neighbouring numbers, beside ordinary sign-ins, against the built function with its default
 * limits, in real time: what the attack costs, and whom the limits hit.
 *
 * --attack N (10000) requests   --people N (500), a third of whom ask again   --seconds N (85)   --seed N
 *
 * Exit status 1 if more than 60 messages were paid for the attacker, or if one person was refused.
 */
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../infra/bundle.ts';
import { runAbuse } from '../tests/support/abuse/run.ts';

/** Two blocks of 1,000 numbers are attacked, 30 messages an hour may go to each. */
const MOST_PAID = 60;

const { values } = parseArgs({
  options: {
    attack: { type: 'string', default: '10000' },
    people: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '85' },
    seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
  },
});

function whole(name: keyof typeof values, least: number): number {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < least) throw new Error(`--${name} is a whole number from ${least}`);
  return value;
}

const scene = {
  seed: whole('seed', 0),
  attack: whole('attack', 1),
  people: whole('people', 0),
  duration: whole('seconds', 45) * 1_000,
  resends: true,
};

await bundle({ root: resolve(import.meta.dirname, '..') });
process.env['TEST_FUNCTIONS'] = 'dist'; // see tests/support/function.ts
console.log(`abuse: --seed ${scene.seed} replays this scene, which takes ${scene.duration / 1_000} s`);
const report = await runAbuse(scene);
const counts = (numbers: Readonly<Record<string, number>>) =>
  Object.entries(numbers)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `  ${String(count).padStart(7)}  ${name}`);
const refused = Object.values(report.honestRefused).reduce((sum, count) => sum + count, 0);
const lines = [
  '',
  `requests of the attacker: ${scene.attack}, of ${scene.people} people: ${report.honestRequests}, in ${report.seconds.toFixed(1)} s`,
  `paid messages to the attacker: ${report.paidToAttacker} (at most ${MOST_PAID})`,
  'what the attacker was answered',
  ...counts(report.toAttacker),
  `messages to people: ${report.honestMessages}`,
  `people refused: ${refused} (0)`,
  ...counts(report.honestRefused),
  `calls to the table for a request: ${report.tableCalls.toFixed(2)}`,
  `requests past a guard that could not be asked: ${report.guardSkipped}`,
];
console.log(lines.join('\n'));
const held =
  report.paidToAttacker <= MOST_PAID && refused === 0 && report.honestMessages === report.honestRequests;
process.exitCode = held ? 0 : 1;
