/**
 * Messages by commands through the built functions, and what their records and events hold in the end.
 *
 * --messages N (5000)   --seed N: replays the plan of a run
 *
 * Exit status 1 if a record is wrong or an event is missing.
 */
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../infra/bundle.ts';
import { runDeliveries } from '../tests/integration/delivery/run/run.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '5000' },
    seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
  },
});
const messages = Number(values.messages);
const seed = Number(values.seed);
if (!Number.isInteger(messages) || messages < 1) throw new Error('--messages is a whole number from 1');
if (!Number.isInteger(seed)) throw new Error('--seed is a whole number');

await bundle({ root: resolve(import.meta.dirname, '..') });
process.env['TEST_FUNCTIONS'] = 'dist'; // see tests/support/function.ts
console.log(`deliveries: --seed ${seed} replays this run`);
const startedAt = performance.now();
const { violations, ...report } = await runDeliveries({ messages, seed }, (done) => {
  if (done % 1_000 === 0) console.log(`  ${done} of ${messages}`);
});
for (const violation of violations.slice(0, 20)) console.error(violation);
console.log(`
commands ${messages}, taken by SMS Aero ${report.taken}, reports ${report.reports}, before the send's record ${report.early}
records  ${JSON.stringify(report.states)}
events   ${JSON.stringify(report.events)}, published again ${report.publishedAgain}
wrong records and missing events: ${violations.length}     (${Math.round((performance.now() - startedAt) / 1000)} s)`);
process.exitCode = violations.length > 0 ? 1 : 0;
