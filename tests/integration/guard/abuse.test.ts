import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { type AbuseReport, runAbuse } from '../../support/abuse/run.ts';

const seed = Number(process.env['ABUSE_SEED'] ?? randomInt(1, 1_000_000));

/** Requests of an attacker; more at the same time would wait for the table longer than the guard does, on a busy machine. */
const SCENE = { seed, attack: 300, inParallel: 8, people: 20, duration: 1_000, resends: false };

for (const [attacker, title, leastPaid, mostPaid] of [
  // 30 an hour in each of two blocks; an attack on one block would be no attack on two.
  ['neighbours', '1,000 neighbouring numbers from 50 addresses', 31, 60],
  // A fifth of the default total, 1,000.
  ['range', 'scattered numbers of one range, each from another address', 200, 200],
] as const) {
  describe(`sms-hook under attack, ABUSE_SEED=${seed}: 300 requests for ${title}`, () => {
    let report: AbuseReport;
    before(async () => {
      report = await runAbuse({ ...SCENE, attacker });
    });

    it(`pays for ${mostPaid} messages at most`, () => {
      const paid = report.paidToAttacker;
      assert.ok(paid >= leastPaid && paid <= mostPaid * report.clockHours, `paid for ${paid}`);
      assert.equal(report.toAttacker['accepted'], paid);
      assert.equal(report.guardSkipped, 0);
    });

    it('answers the attacker with a refusal otherwise', () => {
      const { accepted = 0, ...refused } = report.toAttacker;
      assert.deepEqual(
        Object.keys(refused).filter((words) => !words.startsWith('refused rate_exceeded ')),
        [],
      );
      if (attacker === 'range' && accepted < SCENE.attack)
        assert.deepEqual(Object.keys(refused), ['refused rate_exceeded range']);
      assert.equal(
        Object.values(refused).reduce((sum, count) => sum + count, accepted),
        300,
      );
    });

    it('refuses nobody who signs in meanwhile', () => {
      assert.deepEqual(report.honestRefused, {});
      assert.deepEqual([report.honestRequests, report.honestMessages], [20, 20]);
    });
  });
}
