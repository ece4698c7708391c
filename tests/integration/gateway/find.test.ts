import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { findInList } from '../../../lib/smsaero/list.ts';
import { type Stack, type StackOptions, startStack } from '../../support/stack.ts';

describe('an unknown outcome, with SMSAERO_RESOLVE_UNKNOWN', () => {
  let stack: Stack;
  const options: StackOptions = { guard: true, gates: 2 };
  const environment = {
    SMSAERO_LIMIT_RECIPIENT_INTERVAL_S: '0',
    SMSAERO_LIMIT_RECIPIENT_10_MINUTES: '0',
    SMSAERO_GUARD_TIMEOUT_MS: '2000',
  };
  before(async () => {
    stack = await startStack({
      ...options,
      environment: { ...environment, SMSAERO_RESOLVE_UNKNOWN: 'true' },
    });
  });
  after(() => stack.close());

  let codes = 100_000;
  const send = async () => {
    codes += 1;
    const code = String(codes);
    const reply = await stack.logto({ payload: { code } });
    return { code, reply, body: JSON.parse(reply.body) as { messageId?: string; code?: string } };
  };

  for (const order of [
    { fault: 'reset_after_acceptance' },
    { fault: 'bad_gateway_html', accept: true },
    { fault: 'truncated_json' },
    { fault: 'no_answer' },
  ] as const) {
    it(`${order.fault}: SMS Aero's list has the message, so it was accepted`, async () => {
      stack.gates[0]?.faults.order(order);
      const { reply, body, code } = await send();
      const [message] = stack.account.messages();
      assert.deepEqual([reply.statusCode, body.messageId], [200, String(message?.id)]);
      assert.match(message?.text ?? '', new RegExp(code));
      const repeat = await stack.logto({ payload: { code } });
      assert.deepEqual(JSON.parse(repeat.body), body);
    });
  }

  it('the list has it not, so it stays unknown, and a repeat sends nothing', async () => {
    stack.gates[0]?.faults.order({ fault: 'reset_before_acceptance' });
    const { reply, body, code } = await send();
    assert.deepEqual([reply.statusCode, body.code], [504, 'outcome_unknown']);
    const arrived = stack.account.ledger.length;
    const repeat = await stack.logto({ payload: { code } });
    assert.equal(repeat.statusCode, 504);
    assert.equal(stack.account.ledger.length, arrived);
  });

  it('the list cannot be read, so it stays unknown', async () => {
    stack.gates[0]?.faults.order({ fault: 'reset_after_acceptance' });
    stack.gates[0]?.faults.order({ fault: 'server_error_json', method: 'sms/list' });
    assert.equal((await send()).reply.statusCode, 504);
    stack.gates[0]?.faults.clear();
  });

  it('is not asked about where the setting is off', async () => {
    const plain = await startStack({ ...options, environment });
    plain.gates[0]?.faults.order({ fault: 'reset_after_acceptance' });
    const reply = await plain.logto();
    await plain.close();
    assert.equal(reply.statusCode, 504);
  });
});

describe('findInList', () => {
  const now = 1_795_447_881_500;
  const message = { number: '79031234567', senderName: 'SMSAero', text: 'Код: 482913' };
  const entry = {
    id: 7,
    number: 79031234567,
    text: 'Код: 482913',
    status: 0,
    cost: '4.19',
    dateCreate: 1_795_447_881,
  };
  const find = (data: unknown, success: unknown = true) =>
    findInList(
      { statusCode: 200, body: JSON.stringify({ success, data, message: null }), complete: true },
      message,
      now,
    );

  it('knows the message by number, text and time, in an object or an array', () => {
    const found = { status: 'accepted', messageId: '7', messageStatus: 'accepted', cost: 4.19 };
    const other = { ...entry, id: 8, text: 'Код: 111111' };
    assert.deepEqual(
      find({ 0: other, 1: entry, links: { self: '/v2/sms/list?page=1' }, totalCount: '2' }),
      found,
    );
    assert.deepEqual(find([entry]), found);
    assert.deepEqual(find({ 0: { ...entry, number: '79031234567' } }), found);
  });

  it('does not take another message for it', () => {
    for (const change of [
      { text: 'Код: 48291' },
      { number: 79031234568 },
      { dateCreate: 1_795_447_800 },
      { dateCreate: null },
      { id: null },
      { status: 6 },
    ]) {
      assert.equal(find({ 0: { ...entry, ...change } }), undefined, JSON.stringify(change));
    }
    assert.equal(find({ 0: entry }, false), undefined);
    for (const odd of [null, 'x', [null], { totalCount: '0' }]) assert.equal(find(odd), undefined);
  });
});
