import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  claimOf,
  claimValues,
  claimWrite,
  isRemembered,
  outcomeWrite,
  takeOverWrite,
  unknownOf,
} from '../../../lib/guard/message-item.ts';

const NOW = Date.UTC(2026, 10, 24, 12);
const ACCEPTED = {
  status: 'accepted',
  messageId: '539820423',
  deliveryId: 'delivery-1',
  segments: 1,
} as const;
const UNKNOWN = { status: 'unknown', reason: 'no_answer' } as const;
const CLAIMED = {
  owner: { S: 'delivery-1' },
  since: { N: String(NOW - 500) },
  until: { N: String(NOW + 1_500) },
  freshUntil: { N: String(NOW + 59_500) },
  fingerprint: { S: 'print' },
};

describe('the item of a message', () => {
  it('is in flight until its request must have ended', () => {
    assert.deepEqual(claimOf(CLAIMED, NOW), {
      state: 'in_flight',
      until: NOW + 1_500,
      fingerprint: 'print',
    });
    assert.equal(claimOf(CLAIMED, NOW + 1_499).state, 'in_flight');
  });

  it('is unknown from then on, with the name of the delivery that the lost request would have become', () => {
    assert.deepEqual(claimOf(CLAIMED, NOW + 1_500), {
      state: 'done',
      outcome: { ...UNKNOWN, deliveryId: 'delivery-1' },
      since: NOW - 500,
      fingerprint: 'print',
    });
  });

  it('says the outcome as soon as there is one', () => {
    const item = { ...CLAIMED, outcome: { S: JSON.stringify(ACCEPTED) } };
    assert.deepEqual(claimOf(item, NOW), {
      state: 'done',
      outcome: ACCEPTED,
      since: NOW - 500,
      fingerprint: 'print',
    });
  });

  it('that nobody claimed names no delivery and compares nothing', () => {
    const item = { owner: { S: '' }, fingerprint: { S: '' } };
    assert.equal(unknownOf(item).deliveryId, undefined);
    assert.deepEqual(claimOf(item, NOW), {
      state: 'done',
      outcome: { ...UNKNOWN, deliveryId: undefined },
      since: 0,
      fingerprint: undefined,
    });
  });

  it('is remembered until its time is over, whenever DynamoDB removes it', () => {
    assert.ok(isRemembered(CLAIMED, NOW + 59_499));
    assert.ok(!isRemembered(CLAIMED, NOW + 59_500));
    assert.ok(!isRemembered({}, NOW));
  });
});

describe('the writes of a message', () => {
  const claimant = { owner: 'delivery-2', remember: 60, fingerprint: 'print', until: NOW + 2_300 };
  const values = claimValues(claimant, NOW + 1);

  it('claim it for as long as it is to be remembered; DynamoDB takes whole seconds, and no earlier one', () => {
    assert.deepEqual(values, {
      ':owner': { S: 'delivery-2' },
      ':since': { N: String(NOW + 1) },
      ':until': { N: String(NOW + 2_300) },
      ':fresh': { N: String(NOW + 60_001) },
      ':fingerprint': { S: 'print' },
      ':expires': { N: String(NOW / 1000 + 61) },
    });
  });

  it('leave every attribute of an earlier claim as it is', () => {
    const { expression, names, condition } = claimWrite('message#1', values);
    const kept = Object.keys(names).map((name) => `${name} = if_not_exists(${name}, :${name.slice(1)})`);
    assert.equal(expression, `SET ${kept.join(', ')}`);
    assert.equal(condition, undefined, 'one that failed would not say who was first');
    assert.deepEqual(
      Object.keys(names).map((name) => name.slice(1)),
      Object.keys(values).map((name) => name.slice(1)),
    );
  });

  it('take it over with every attribute, and without the outcome of before', () => {
    const { expression, values: placed } = takeOverWrite('message#1', 'delivery-1', values);
    for (const value of Object.keys(values)) {
      assert.match(expression, new RegExp(`#${value.slice(1)} = ${value}\\b`));
    }
    assert.match(expression, / REMOVE #outcome$/);
    assert.deepEqual(placed, { ...values, ':first': { S: 'delivery-1' } });
  });

  it('keep an outcome for as long as it is to be remembered, and an unknown one for a day', () => {
    const expiry = (outcome: typeof ACCEPTED | typeof UNKNOWN, remember: number) =>
      outcomeWrite('message#1', outcome, { remember, fingerprint: '' }, NOW).values[':expires']?.N;
    assert.equal(expiry(ACCEPTED, 60), String(NOW / 1000 + 60));
    assert.equal(expiry(UNKNOWN, 60), String(NOW / 1000 + 86_400));
    assert.equal(expiry(UNKNOWN, 4 * 86_400), String(NOW / 1000 + 4 * 86_400));
  });

  it('leave the time of a repeat as the claim set it when the outcome is known', () => {
    const { expression, values: placed } = outcomeWrite('message#1', UNKNOWN, claimant, NOW);
    assert.match(expression, /#fresh = if_not_exists\(#fresh, :fresh\)/);
    assert.deepEqual(placed[':fresh'], { N: String(NOW + 60_000) });
    assert.deepEqual(placed[':outcome'], { S: JSON.stringify(UNKNOWN) });
  });
});
