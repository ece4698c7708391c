import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { before, describe, it } from 'node:test';
import type { DeliveryRunReport } from './run/judge.ts';
import { runDeliveries } from './run/run.ts';

const seed = Number(process.env['DELIVERIES_SEED'] ?? randomInt(1, 1_000_000));

describe(`deliveries of a few hundred messages, DELIVERIES_SEED=${seed}`, () => {
  let report: DeliveryRunReport;
  before(async () => {
    report = await runDeliveries({ messages: 300, seed });
  });

  it('end with every record right and no event missing', (context) => {
    const { violations, ...rest } = report;
    context.diagnostic(JSON.stringify(rest));
    assert.deepEqual(violations.slice(0, 5), []);
  });

  it('went through all that can happen', () => {
    const { states, events, early } = report;
    // Of 300 messages one in a hundred stays unknown, so that one run in twenty has none: its event is asked for below.
    for (const state of ['delivered', 'undelivered', 'rejected', 'sent']) {
      assert.ok((states[state] ?? 0) > 0, state);
    }
    for (const type of ['SmsAccepted', 'SmsDelivered', 'SmsUndelivered', 'SmsRejected', 'SmsUnknown']) {
      assert.ok((events[type] ?? 0) > 0, type);
    }
    assert.ok(early > 0, 'reports that came before the send’s own record');
  });
});
