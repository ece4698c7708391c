import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeliveryState } from '../../../lib/delivery/delivery.ts';
import { newDeliveryId } from '../../../lib/delivery/delivery-id.ts';
import { firstCheck, nextCheck } from '../../../lib/delivery/due.ts';
import { stateValues } from '../../../lib/delivery/item.ts';
import { type Sent, writeOfReport, writeOfSent } from '../../../lib/delivery/transitions.ts';
import type { Item, Update } from '../../../lib/dynamodb.ts';

const NOW = Date.UTC(2026, 10, 24, 12);
const MINUTE = 60_000;
const ID = newDeliveryId(NOW - 500);
const MESSAGE = { messageId: { S: '539820001' } };
const ANOTHER = { messageId: { S: '539820002' } };
const DUE = { dueShard: { S: '0' }, dueAt: { N: String(NOW + 10 * MINUTE) } };
const outcome = (name: string) => ({ outcome: { S: name } });

/** A record in a state, with what else it has. */
const record = (state: DeliveryState, ...more: Item[]): Item =>
  Object.assign({ pk: { S: `delivery#${ID}` }, ...stateValues(state, NOW - 200) }, ...more);

const FIRST = 'attribute_not_exists(#rank)';
const AFTER_OUTCOME = '#rank = :before AND attribute_exists(#outcome)';
const EARLY = { condition: '#rank = :before AND attribute_not_exists(#outcome)' };
const LOST = { condition: '#rank = :before AND #outcome = :unknown', unknown: 'unknown' };

/** Attributes that are written together. */
const PARTS: Readonly<Record<string, string>> = {
  end: 'outcome platform sentAt',
  message: 'messageId',
  state: 'changedAt rank state',
  due: 'dueAt dueShard',
  expiry: 'expiresAt',
};
const namesOf = (parts: string) =>
  (parts === '' ? [] : parts.split(' ').map((part) => PARTS[part])).join(' ');
const sorted = (names: string) => names.split(' ').sort().join(' ');

/**
 * Asserts what a write does.
 *
 * @param parts that it sets, and after a minus those that it removes
 * @param expected its condition, and some of its values
 */
function assertWrite(
  step: Update | string | undefined,
  parts: string,
  { condition, ...values }: Readonly<Record<string, string | number | undefined>> = {},
) {
  assert.ok(typeof step === 'object', String(step));
  const [sets, removes = ''] = step.expression
    .split('REMOVE')
    .map((part) => (part.match(/#\w+/g) ?? []).map((name) => step.names[name]).join(' '));
  const [set = '', removed = ''] = parts.split(' -');
  assert.deepEqual([sorted(sets ?? ''), sorted(removes)], [sorted(namesOf(set)), sorted(namesOf(removed))]);
  if (condition) assert.equal(step.condition, condition);
  for (const [name, value] of Object.entries(values)) {
    const written: Item[string] | undefined = step.values[`:${name}`];
    assert.equal(written?.S ?? written?.N, value?.toString(), name);
  }
}

type Row<Change> = readonly [string, Item | undefined, Change, string, Parameters<typeof assertWrite>[2]?];

describe('the send’s own record', () => {
  const sent = (changes: Partial<Sent>): Sent => ({
    deliveryId: ID,
    outcome: 'accepted',
    messageId: '539820001',
    details: { platform: 'logto' },
    reported: true,
    ...changes,
  });
  const failed = { outcome: 'failed', messageId: undefined } as const;
  const unknown = { outcome: 'unknown', messageId: undefined } as const;
  const delivered = { state: 'delivered' } as const;
  const moderation = { state: 'moderation' } as const;
  const begun = { condition: FIRST, sentAt: NOW - 500, dueAt: NOW + 10 * MINUTE, before: undefined };
  const lost = record('unknown', outcome('unknown'));
  const ALL = 'end message state due expiry';

  const rows: readonly Row<Partial<Sent>>[] = [
    ['is written where there is none', undefined, {}, ALL, { ...begun, rank: 1, state: 'accepted' }],
    ['begins where SMS Aero had the message', undefined, moderation, ALL, { ...begun, rank: 2 }],
    ['is never due where that was the end', undefined, delivered, 'end message state expiry'],
    ['is never due without a message', undefined, failed, 'end state expiry'],
    ['is due earlier without reports', undefined, { reported: false }, ALL, { dueAt: NOW + 2 * MINUTE }],
    ['replaces another message', record('delivered', ANOTHER), {}, ALL, { rank: 1, before: 4 }],
    ['replaces it by an end', record('sent', ANOTHER, DUE), delivered, 'end message state expiry -due'],
    ['goes further than a report', record('accepted', MESSAGE), moderation, 'end message state due'],
    ['goes to the end', record('sent', MESSAGE), delivered, 'end message state -due', { before: 3 }],
    ['keeps the state of a report', record('sent', MESSAGE), {}, 'end message due', EARLY],
    ['is due no more after the end', record('delivered', MESSAGE, DUE), {}, 'end message -due', EARLY],
    ['takes a report at its word about the id', record('sent', MESSAGE, DUE), unknown, 'end', EARLY],
    // A repeat records "unknown" for a process that it takes for lost.
    ['replaces "unknown"', lost, {}, ALL, { ...LOST, outcome: 'accepted', state: 'accepted' }],
    ['replaces it by a failure', lost, failed, 'end state expiry', { ...LOST, outcome: 'failed' }],
  ];
  for (const [name, item, changes, parts, expected] of rows) {
    it(name, () => assertWrite(writeOfSent(item, sent(changes), NOW), parts, expected));
  }

  it('does not replace an outcome that is known, nor anything by "unknown"', () => {
    for (const item of [record('accepted', outcome('accepted')), record('failed', outcome('failed'))]) {
      for (const changes of [{}, failed, unknown]) {
        assert.equal(writeOfSent(item, sent(changes), NOW), undefined);
      }
    }
    assert.equal(writeOfSent(lost, sent(unknown), NOW), undefined);
  });

  it('holds only texts that have UTF-8, which half a surrogate pair in the id of a command has not', () => {
    const details = { platform: 'queue', command: { source: 'https://shop.example/\udc00', id: '\ud800' } };
    const { values } = writeOfSent(undefined, sent({ details }), NOW) ?? assert.fail();
    assert.deepEqual(values[':commandSource'], { S: 'https://shop.example/\ufffd' });
    assert.deepEqual(values[':commandId'], { S: '\ufffd' });
  });
});

describe('a report', () => {
  const write = (item: Item | undefined, state: DeliveryState, messageId = '539820001') =>
    writeOfReport(item, { deliveryId: ID, messageId, state, at: NOW - 100 }, NOW);
  const ACCEPTED = outcome('accepted');
  const first = { condition: FIRST, changedAt: NOW - 100, dueAt: NOW + 10 * MINUTE };
  const whole = record('accepted', ACCEPTED, MESSAGE, DUE);
  const early = record('accepted', MESSAGE, DUE);

  const rows: readonly Row<DeliveryState>[] = [
    ['makes a record', undefined, 'sent', 'message state due expiry', first],
    ['makes one that is due at its end too', undefined, 'delivered', 'message state due expiry', first],
    ['counts more than our "failed"', record('failed', ACCEPTED), 'accepted', 'message state due'],
    ['ends the questions', whole, 'delivered', 'message state -due', { condition: AFTER_OUTCOME }],
    ['does not end them before the send’s record', early, 'delivered', 'message state', EARLY],
    ['does not put off a question', whole, 'sent', 'message state', { rank: 3, before: 1 }],
  ];
  for (const [name, item, state, parts, expected] of rows) {
    it(name, () => assertWrite(write(item, state), parts, expected));
  }

  it('moves a record forward and never back', () => {
    const ways = ['accepted', 'moderation', 'sent', 'delivered'] as const;
    for (const [from, before] of ways.entries()) {
      for (const [to, after] of ways.entries()) {
        const step = write(record(before, ACCEPTED, MESSAGE, DUE), after);
        assert.equal(step === 'known', to <= from, `${before} to ${after}`);
      }
    }
    assert.equal(write(record('delivered', ACCEPTED, MESSAGE), 'rejected'), 'known');
  });

  it('of another message is foreign, whatever it says', () => {
    for (const state of ['accepted', 'delivered'] as const) {
      assert.equal(write(record('accepted', ACCEPTED, ANOTHER), state), 'foreign');
    }
  });
});

it('SMS Aero is asked each time after twice as long, for three days', () => {
  for (const [reported, minutes] of [
    [true, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 4320]],
    [false, [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 4320]],
  ] as const) {
    const times: number[] = [];
    let due: number | undefined = firstCheck(NOW, reported);
    for (; due !== undefined; due = nextCheck(NOW, due)) times.push((due - NOW) / MINUTE);
    assert.deepEqual(times, minutes);
  }
});
