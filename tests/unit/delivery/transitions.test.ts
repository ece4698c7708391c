import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeliveryState } from '../../../lib/delivery/delivery.ts';
import { newDeliveryId } from '../../../lib/delivery/delivery-id.ts';
import { stateValues } from '../../../lib/delivery/item.ts';
import { type Reported, type Sent, writeOfReport, writeOfSent } from '../../../lib/delivery/transitions.ts';
import type { Item, Update } from '../../../lib/dynamodb.ts';

const NOW = Date.UTC(2026, 10, 24, 12);
const MINUTE = 60_000;
const ID = newDeliveryId(NOW - 500);
const MESSAGE = { messageId: { S: '539820001' } };
const OUTCOME = { outcome: { S: 'accepted' } };
const DUE = { dueShard: { S: '0' }, dueAt: { N: String(NOW + 10 * MINUTE) } };

const accepted = (changes: Partial<Sent> = {}): Sent => ({
  deliveryId: ID,
  outcome: 'accepted',
  messageId: '539820001',
  details: { platform: 'logto' },
  reported: true,
  ...changes,
});
const told = (state: DeliveryState, messageId = '539820001'): Reported => ({
  deliveryId: ID,
  messageId,
  state,
  at: NOW - 100,
});
/** A record in a state, with what else it has. */
const record = (state: DeliveryState, ...more: Item[]): Item =>
  Object.assign({ pk: { S: `delivery#${ID}` }, ...stateValues(state, NOW - 200) }, ...more);
const write = (step: Update | string | undefined): Update => {
  assert.ok(typeof step === 'object', String(step));
  return step;
};
/** Names of the attributes that a write sets, and of those that it removes. */
const touched = ({ expression, names }: Update) => {
  const [sets = '', removes = ''] = expression.split('REMOVE');
  return [sets, removes].map((part) => (part.match(/#\w+/g) ?? []).map((name) => names[name] ?? name).sort());
};

const OWN = ['messageId', 'outcome', 'platform', 'sentAt'];
const STATE = ['changedAt', 'rank', 'state'];
const INDEX = ['dueAt', 'dueShard'];
const FIRST = 'attribute_not_exists(#rank)';

describe('the send’s own record', () => {
  it('is written where there is none', () => {
    const { condition, values, expression, names } = write(writeOfSent(undefined, accepted(), NOW));
    assert.equal(condition, FIRST);
    assert.deepEqual(touched({ expression, names, values, key: '' }), [
      [...OWN, ...STATE, ...INDEX, 'expiresAt'].sort(),
      [],
    ]);
    assert.deepEqual(values[':rank'], { N: '1' });
    assert.deepEqual(values[':sentAt'], { N: String(NOW - 500) });
    assert.deepEqual(values[':dueAt'], { N: String(NOW + 10 * MINUTE) });
    assert.equal(values[':before'], undefined);
  });

  for (const outcome of ['accepted', 'failed'] as const) {
    it(`takes the place of "unknown", which a repeat recorded for a process that it took for lost: ${outcome}`, () => {
      const before = record('unknown', { outcome: { S: 'unknown' } });
      const sent = accepted({ outcome, ...(outcome === 'failed' ? { messageId: undefined } : {}) });
      const { condition, values } = write(writeOfSent(before, sent, NOW));
      assert.equal(condition, '#rank = :before AND #outcome = :unknown');
      assert.deepEqual([values[':outcome'], values[':unknown']], [{ S: outcome }, { S: 'unknown' }]);
      assert.deepEqual(values[':state'], { S: outcome });
    });
  }

  it('does not take the place of an outcome that is known, nor with "unknown"', () => {
    for (const before of ['accepted', 'failed'] as const) {
      const item = record(before, { outcome: { S: before } });
      for (const outcome of ['accepted', 'failed', 'unknown'] as const) {
        assert.equal(writeOfSent(item, accepted({ outcome }), NOW), undefined);
      }
    }
    const item = record('unknown', { outcome: { S: 'unknown' } });
    assert.equal(writeOfSent(item, accepted({ outcome: 'unknown' }), NOW), undefined);
  });

  it('holds only texts that have UTF-8, which half a surrogate pair in the id of a command has not', () => {
    const command = { source: 'https://shop.example/\udc00', id: '\ud800' };
    const { values } = write(
      writeOfSent(undefined, accepted({ details: { platform: 'queue', command } }), NOW),
    );
    assert.deepEqual(values[':commandSource'], { S: 'https://shop.example/\ufffd' });
    assert.deepEqual(values[':commandId'], { S: '\ufffd' });
  });

  it('is due earlier where no report was asked for, and never without a message to ask for', () => {
    const silent = write(writeOfSent(undefined, accepted({ reported: false }), NOW));
    assert.deepEqual(silent.values[':dueAt'], { N: String(NOW + 2 * MINUTE) });
    const failed = accepted({ outcome: 'failed', messageId: undefined });
    assert.equal(write(writeOfSent(undefined, failed, NOW)).values[':dueAt'], undefined);
  });

  it('begins where SMS Aero had the message as it took it', () => {
    for (const [state, rank] of [
      ['accepted', '1'],
      ['moderation', '2'],
      ['sent', '3'],
    ] as const) {
      const step = write(writeOfSent(undefined, accepted({ state }), NOW));
      assert.deepEqual([step.values[':state'], step.values[':rank']], [{ S: state }, { N: rank }]);
      assert.deepEqual(step.values[':outcome'], { S: 'accepted' });
      assert.deepEqual(step.values[':dueAt'], { N: String(NOW + 10 * MINUTE) });
    }
  });

  it('is never due where that was the end already', () => {
    const step = write(writeOfSent(undefined, accepted({ state: 'delivered' }), NOW));
    assert.deepEqual(touched(step), [[...OWN, ...STATE, 'expiresAt'].sort(), []]);
    assert.equal(step.condition, FIRST);
    const foreign = record('sent', { messageId: { S: '539820002' } }, DUE);
    const over = write(writeOfSent(foreign, accepted({ state: 'delivered' }), NOW));
    assert.deepEqual(touched(over), [[...OWN, ...STATE, 'expiresAt'].sort(), INDEX]);
    assert.deepEqual([over.values[':rank'], over.values[':before']], [{ N: '4' }, { N: '3' }]);
  });

  it('goes further than a report that came before, where the answer to the send did', () => {
    const step = write(writeOfSent(record('accepted', MESSAGE, DUE), accepted({ state: 'moderation' }), NOW));
    assert.deepEqual(touched(step), [[...OWN, ...STATE, ...INDEX].sort(), []]);
    assert.deepEqual([step.values[':rank'], step.values[':before']], [{ N: '2' }, { N: '1' }]);
    const over = write(writeOfSent(record('sent', MESSAGE, DUE), accepted({ state: 'delivered' }), NOW));
    assert.deepEqual(touched(over), [[...OWN, ...STATE].sort(), INDEX]);
    for (const reported of ['moderation', 'sent', 'delivered'] as const) {
      const kept = write(writeOfSent(record(reported, MESSAGE, DUE), accepted({ state: 'moderation' }), NOW));
      assert.equal(kept.values[':state'], undefined, reported);
    }
  });

  it('is not written twice', () => {
    assert.equal(writeOfSent(record('accepted', OUTCOME, MESSAGE), accepted(), NOW), undefined);
  });

  it('leaves the state that a report of the same message told before, and stays due until the end', () => {
    const step = write(writeOfSent(record('sent', MESSAGE, DUE), accepted(), NOW));
    assert.deepEqual(touched(step), [[...OWN, ...INDEX].sort(), []]);
    assert.equal(step.condition, '#rank = :before AND attribute_not_exists(#outcome)');
    assert.deepEqual(step.values[':before'], { N: '3' });
  });

  it('is due no more where that was the end', () => {
    const step = write(writeOfSent(record('delivered', MESSAGE, DUE), accepted(), NOW));
    assert.deepEqual(touched(step), [OWN, INDEX]);
    assert.deepEqual(step.values[':before'], { N: '4' });
  });

  it('takes the report at its word where no answer told the message’s id', () => {
    const unknown = accepted({ outcome: 'unknown', messageId: undefined });
    const step = write(writeOfSent(record('sent', MESSAGE, DUE), unknown, NOW));
    assert.deepEqual(touched(step), [['outcome', 'platform', 'sentAt'], []]);
  });

  it('replaces what was told of another message', () => {
    const foreign = record('delivered', { messageId: { S: '539820002' } });
    const step = write(writeOfSent(foreign, accepted(), NOW));
    assert.deepEqual(touched(step)[0], [...OWN, ...STATE, ...INDEX, 'expiresAt'].sort());
    assert.deepEqual([step.values[':rank'], step.values[':before']], [{ N: '1' }, { N: '4' }]);
  });
});

describe('a report', () => {
  it('makes a record where there is none, due even at the end: the send’s own may never come', () => {
    for (const state of ['sent', 'delivered'] as const) {
      const step = write(writeOfReport(undefined, told(state), NOW));
      assert.equal(step.condition, FIRST);
      assert.deepEqual(touched(step), [[...STATE, ...INDEX, 'expiresAt', 'messageId'].sort(), []]);
      assert.deepEqual(step.values[':changedAt'], { N: String(NOW - 100) });
      assert.deepEqual(step.values[':dueAt'], { N: String(NOW + 10 * MINUTE) });
    }
  });

  it('moves a record forward and never back', () => {
    const ways = ['accepted', 'moderation', 'sent', 'delivered'] as const;
    for (const [from, before] of ways.entries()) {
      for (const [to, after] of ways.entries()) {
        const step = writeOfReport(record(before, OUTCOME, MESSAGE, DUE), told(after), NOW);
        if (to <= from) assert.equal(step, 'known', `${before} to ${after}`);
        else assert.deepEqual(write(step).values[':before'], { N: String(from + 1) });
      }
    }
    assert.equal(writeOfReport(record('delivered', OUTCOME, MESSAGE), told('rejected'), NOW), 'known');
  });

  it('counts more than what we took for failed or unknown', () => {
    for (const state of ['failed', 'unknown'] as const) {
      const step = write(writeOfReport(record(state, OUTCOME), told('accepted'), NOW));
      assert.deepEqual(touched(step)[0], [...STATE, ...INDEX, 'messageId'].sort(), 'now it can be asked for');
    }
  });

  it('ends the questions only where the send’s own record is there', () => {
    const whole = write(writeOfReport(record('accepted', OUTCOME, MESSAGE, DUE), told('delivered'), NOW));
    assert.deepEqual(touched(whole), [[...STATE, 'messageId'].sort(), INDEX]);
    assert.equal(whole.condition, '#rank = :before AND attribute_exists(#outcome)');
    const early = write(writeOfReport(record('accepted', MESSAGE, DUE), told('delivered'), NOW));
    assert.deepEqual(touched(early), [[...STATE, 'messageId'].sort(), []]);
    assert.equal(early.condition, '#rank = :before AND attribute_not_exists(#outcome)');
  });

  it('does not put off a question that is due', () => {
    const step = write(writeOfReport(record('accepted', OUTCOME, MESSAGE, DUE), told('sent'), NOW));
    assert.deepEqual(touched(step), [[...STATE, 'messageId'].sort(), []]);
  });

  it('of another message is foreign, whatever it says', () => {
    for (const state of ['accepted', 'delivered'] as const) {
      const step = writeOfReport(record('accepted', OUTCOME, MESSAGE), told(state, '539820002'), NOW);
      assert.equal(step, 'foreign');
    }
  });
});
