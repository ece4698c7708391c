/**
 * Our functions beside what people use instead: cold, warm and in bulk. Prints the report, and writes it to bench/results.md.
 *
 * --runs N (21): processes, blocks and batches of each subject   --messages N (200): messages a block
 * --only cold,warm,profile,bulk: parts; the report is then printed only
 *
 * Ratios are what it is for: on another machine, or a busy one, repeat all of it.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildArtifacts } from './artifacts.ts';
import { measureBulk } from './measure/bulk.ts';
import { measureCold } from './measure/cold.ts';
import { measureShares } from './measure/profile.ts';
import { measureWarm } from './measure/warm.ts';
import type { Results } from './report/results.ts';
import { reportText } from './report/text.ts';
import { COGNITO_SUBJECTS, HTTP_SUBJECTS, PEERS } from './subjects.ts';
import { startWorld } from './world.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '21' },
    messages: { type: 'string', default: '200' },
    only: { type: 'string' },
  },
});

function whole(name: 'runs' | 'messages'): number {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 1 || value > 1_000)
    throw new Error(`--${name} is a whole number from 1 to 1000`);
  return value;
}

const runs = whole('runs');
const messages = whole('messages');
const parts = values.only?.split(',') ?? ['cold', 'warm', 'profile', 'bulk'];
const subjects = [...HTTP_SUBJECTS, ...COGNITO_SUBJECTS];

const artifacts = await buildArtifacts(PEERS);
const world = await startWorld();
try {
  const queue = artifacts.get('sms-queue') !== undefined;
  if (!queue) console.log('bulk: functions/sms-queue.ts is not there, so ours is left out');
  const part = async <Value>(name: string, measure: () => Promise<Map<string, Value[]>>) => {
    if (!parts.includes(name)) return new Map<string, Value[]>();
    console.log(`${name}...`);
    return await measure();
  };
  const results: Results = {
    runs,
    messages,
    bytes: new Map(subjects.map(({ id, artifact }) => [id, artifacts.get(artifact)?.bytes ?? Number.NaN])),
    cold: await part('cold', () => measureCold(subjects, runs, artifacts, world)),
    warm: await part('warm', () => measureWarm(HTTP_SUBJECTS, { runs, messages }, artifacts, world)),
    shares: await part('profile', () => measureShares(HTTP_SUBJECTS, artifacts, world)),
    bulk: await part('bulk', () => measureBulk(runs, artifacts, world)),
  };
  const report = reportText(results, queue);
  console.log(`\n${report}`);
  if (!values.only) await writeFile(join(import.meta.dirname, 'results.md'), report);
} finally {
  await Promise.all([world.close(), artifacts.close()]);
}
