import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { type AbuseReport, runAbuse } from '../../support/abuse/run.ts';

const seed = Number(process.env['ABUSE_SEED'] ?? randomInt(1, 1_000_000));

describe(`sms-hook under attack, ABUSE_SEED=${seed}: 300 requests for 1,000 neighbouring numbers from 50 addresses`, () => {
  let report: AbuseReport;
  before(async () => {
    // More at the same time would wait for the table longer than the guard does, on a busy machine.
    report = await runAbuse({ seed, attack: 300, attackers: 8, people: 20, duration: 1_000, resends: false });
  });

  it('pays for 60 messages at most, 30 an hour in each of two blocks', () => {
    assert.ok(report.paidToAttacker <= 60, `paid for ${report.paidToAttacker}`);
    assert.ok(report.paidToAttacker > 30, 'an attack on one block is no attack on two');
    assert.equal(report.toAttacker['accepted'], report.paidToAttacker);
    assert.equal(report.guardSkipped, 0);
  });

  it('answers the attacker with a refusal otherwise', () => {
    const { accepted = 0, ...refused } = report.toAttacker;
    assert.deepEqual(
      Object.keys(refused).filter((words) => !words.startsWith('refused rate_exceeded ')),
      [],
    );
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
