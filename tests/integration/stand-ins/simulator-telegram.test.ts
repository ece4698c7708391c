import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Account, createAccount, type Gate, startGate } from '../../../local/simulator/index.ts';
import { apiKey, call, email, right, until } from './client.ts';

const { number, sign, text } = right;

describe('telegram/send and telegram/status of SMS Aero API v2', () => {
  let account: Account;
  let gate: Gate;
  let nowMs: number;
  beforeEach(async () => {
    nowMs = 1_760_000_000_500;
    const withoutTelegram = ['79030000000'];
    account = createAccount({ email, apiKey, balance: 100, withoutTelegram, now: () => nowMs });
    gate = await startGate(account);
  });
  afterEach(async () => {
    await account.close();
    await gate.close();
  });

  const send = (changes: object = {}) =>
    call(gate, 'telegram/send', { json: { number, code: 482_913, sign, text, ...changes } });
  const status = async (id: unknown) => (await call(gate, 'telegram/status', { json: { id } })).json;

  it('answers as SMS Aero’s clients have it', async () => {
    const { status: code, json } = await send();
    assert.equal(code, 200);
    assert.deepEqual(json, {
      success: true,
      data: {
        id: 539820001,
        number: '79031234567',
        telegramCode: '482913',
        smsText: text,
        smsFrom: 'SMSAero',
        idSms: null,
        status: 0,
        extendStatus: 'queue',
        cost: '1.00',
        dateCreate: 1_760_000_000,
      },
      message: null,
    });
    assert.equal(account.balance, 99);
    const [entry] = account.ledger;
    assert.deepEqual(
      [entry?.telegramCode, entry?.outcome, entry?.messageId],
      ['482913', 'accepted', 539820001],
    );
  });

  it('delivers a code in Telegram, and costs nothing more', async () => {
    const { id } = (await send()).json.data;
    nowMs += 1_000;
    const { data } = await status(id);
    assert.deepEqual([data.status, data.extendStatus, data.idSms], [1, 'delivery', null]);
    assert.deepEqual([account.balance, account.messages().length], [99, 1]);
  });

  it('sends the SMS itself where Telegram does not deliver, and names it', async () => {
    const { id } = (await send({ number: '79030000000' })).json.data;
    nowMs += 999;
    assert.equal((await status(id)).data.idSms, null);
    nowMs += 1;
    const { data } = await status(id);
    assert.deepEqual([data.status, data.extendStatus, data.idSms], [2, 'undelivered', 539820002]);
    const sms = (await call(gate, 'sms/status', { json: { id: data.idSms } })).json.data;
    assert.deepEqual([sms.text, sms.from, sms.cost], [text, 'SMSAero', '4.19']);
    await status(id);
    assert.deepEqual([account.balance, account.messages().length, account.ledger.length], [94.81, 2, 1]);
    assert.equal((await call(gate, 'sms/list', {})).json.data.totalCount, '1', 'it is no SMS');
  });

  it('tells listeners of both messages', async () => {
    const heard: [string, number, number][] = [];
    account.events.on('accepted', ({ id }) => heard.push(['accepted', id, 0]));
    account.events.on('changed', ({ id, status: code }) => heard.push(['changed', id, code]));
    account.telegramAfterMs = 5;
    account.progress = 'frozen';
    await send({ number: '79030000000' });
    await until(() => heard.length === 3);
    assert.deepEqual(heard, [
      ['accepted', 539820001, 0],
      ['accepted', 539820002, 0],
      ['changed', 539820001, 2],
    ]);
  });

  it('sends no SMS where the request has no text for it', async () => {
    for (const none of [{ text: undefined }, { sign: undefined }]) {
      const { id } = (await send({ number: '79030000000', ...none })).json.data;
      nowMs += 1_000;
      assert.deepEqual([(await status(id)).data.status, (await status(id)).data.idSms], [2, null]);
    }
    assert.equal(account.messages().length, 2);
  });

  it('loses a leading zero, as a number does', async () => {
    assert.equal((await send({ code: '012345' })).json.data.telegramCode, '12345');
  });

  it('refuses what is wrong, field by field', async () => {
    for (const [changes, data] of [
      [{ code: undefined }, { code: ['required'] }],
      [{ code: 123 }, { code: ['incorrect'] }],
      [{ code: 123_456_789 }, { code: ['incorrect'] }],
      [{ code: 'abcd' }, { code: ['incorrect'] }],
      [{ sign: 'Nobody' }, { sign: ['incorrect'] }],
      [{ text: 'x' }, { text: ['incorrect'] }],
      [
        { number: 'x', code: '1' },
        { number: ['incorrect'], code: ['incorrect'] },
      ],
    ] as const) {
      const answer = await send(changes);
      assert.deepEqual([answer.status, answer.json.data], [400, data]);
    }
    account.blacklist.add(number);
    assert.deepEqual((await send()).json.data, { number: ['blacklist'] });
    account.blacklist.clear();
    account.balance = 0.5;
    assert.equal((await send()).status, 402);
    assert.deepEqual(account.messages(), []);
  });

  it('does not know the id of nothing, or of an SMS', async () => {
    const { id } = (await call(gate, 'sms/send', { json: right })).json.data;
    for (const unknown of [1, id]) {
      const answer = await call(gate, 'telegram/status', { json: { id: unknown } });
      assert.deepEqual([answer.status, answer.json.success], [404, false]);
    }
    assert.deepEqual((await call(gate, 'telegram/status', { json: {} })).json.data, { id: ['required'] });
  });

  it('has a test mode, which sends and costs nothing', async () => {
    const answer = await call(gate, 'telegram/testsend', { json: { number, code: 4829, sign, text } });
    assert.equal(answer.json.data.status, 1);
    const { data } = (await call(gate, 'telegram/teststatus', { json: { id: answer.json.data.id } })).json;
    assert.deepEqual([data.status, data.telegramCode], [1, '4829']);
    assert.deepEqual([account.balance, account.ledger, account.messages()], [100, [], []]);
  });
});
