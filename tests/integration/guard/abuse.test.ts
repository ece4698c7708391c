import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { type AbuseReport, runAbuse } from '../../support/abuse/run.ts';

const seed = Number(process.env['ABUSE_SEED'] ?? randomInt(1, 1_000_000));

/** Requests of an attacker; more at the same time would wait for the table longer than the guard does, on a busy machine. */
const SCENE = { seed, attack: 16, inParallel: 4, people: 6, duration: 500, resends: false };

for (const [attacker, limits, leastPaid, mostPaid] of [
  // An attack on one block would be none on two.
  ['neighbours', { SMSAERO_LIMIT_BLOCK_HOUR: '2' }, 3, 4],
  // A fifth of the total.
  ['range', { SMSAERO_LIMIT_TOTAL_HOUR: '20' }, 4, 4],
] as const) {
  describe(`sms-hook under attack, ABUSE_SEED=${seed}: ${attacker}`, () => {
    let report: AbuseReport;
    before(async () => {
      report = await runAbuse({ ...SCENE, attacker }, limits);
    });

    it(`pays for ${mostPaid} messages at most, and refuses the others`, () => {
      const paid = report.paidToAttacker;
      assert.ok(paid >= leastPaid && paid <= mostPaid * report.clockHours, `paid for ${paid}`);
      const { accepted, ...refused } = report.toAttacker;
      assert.deepEqual([accepted, report.guardSkipped], [paid, 0]);
      for (const words of Object.keys(refused)) assert.match(words, /^refused rate_exceeded /);
      const all = Object.values(refused).reduce((sum, count) => sum + count, paid);
      assert.equal(all, SCENE.attack);
    });

    it('refuses nobody who signs in meanwhile', () => {
      const { honestRefused, honestRequests, honestMessages } = report;
      assert.deepEqual([honestRefused, honestRequests, honestMessages], [{}, SCENE.people, SCENE.people]);
    });
  });
}
