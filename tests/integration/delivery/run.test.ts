import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { before, describe, it } from 'node:test';
import type { DeliveryRunReport } from './run/judge.ts';
import { seedOfAll } from './run/plan.ts';
import { numberOf, runDeliveries } from './run/run.ts';

const messages = 36;
const numbers = Array.from({ length: messages }, (_, index) => numberOf(index));
const seed = Number(process.env['DELIVERIES_SEED'] ?? seedOfAll(numbers, randomInt(1, 1_000_000)));

describe(`deliveries of ${messages} messages, DELIVERIES_SEED=${seed}`, () => {
  let report: DeliveryRunReport;
  before(async () => {
    report = await runDeliveries({ messages, seed });
  });

  it('end with every record right and no event missing', (context) => {
    const { violations, ...rest } = report;
    context.diagnostic(JSON.stringify(rest));
    assert.deepEqual(violations.slice(0, 5), []);
  });

  it('went through all that can happen', () => {
    const { states, events, early } = report;
    for (const state of ['delivered', 'undelivered', 'rejected', 'sent']) assert.ok(states[state], state);
    for (const type of ['SmsAccepted', 'SmsDelivered', 'SmsUndelivered', 'SmsRejected', 'SmsUnknown']) {
      assert.ok(events[type], type);
    }
    assert.ok(early > 0, 'reports that came before the send’s own record');
  });
});
