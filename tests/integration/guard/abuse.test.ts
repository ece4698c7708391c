import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { it } from 'node:test';
import { runAbuse } from '../../support/abuse/run.ts';

const seed = Number(process.env['ABUSE_SEED'] ?? randomInt(1, 1_000_000));

/** More at the same time would wait for the table longer than the guard does, on a busy machine. */
const SCENE = {
  seed,
  attacker: 'neighbours',
  attack: 20,
  inParallel: 4,
  people: 6,
  duration: 500,
  resends: false,
} as const;

it(`pumping two blocks of numbers is paid for twice the limit of one, and nobody else is refused, ABUSE_SEED=${seed}`, async () => {
  const report = await runAbuse(SCENE, { SMSAERO_LIMIT_BLOCK_HOUR: '2' });
  const { paidToAttacker: paid, honestRefused, honestRequests, honestMessages } = report;
  assert.ok(paid > 2 && paid <= 4, `paid for ${paid}`);
  const { accepted, ...refused } = report.toAttacker;
  assert.deepEqual([accepted, report.guardSkipped], [paid, 0]);
  for (const words of Object.keys(refused)) assert.match(words, /^refused rate_exceeded /);
  assert.equal(
    Object.values(refused).reduce((sum, count) => sum + count, paid),
    SCENE.attack,
  );
  assert.deepEqual([honestRefused, honestRequests, honestMessages], [{}, SCENE.people, SCENE.people]);
});
