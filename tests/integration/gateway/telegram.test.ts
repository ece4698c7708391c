import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { SmsAeroClient } from '../../../lib/smsaero/client.ts';
import {
  type Account,
  createAccount,
  type FaultOrder,
  type Gate,
  startGate,
} from '../../../local/simulator/index.ts';
import { CREDENTIALS, MESSAGE, startPlainGate } from '../../support/plain-gate.ts';

const TELEGRAM = { ...MESSAGE, telegramCode: 482_913, reportUrl: 'https://api.example/reports/token' };

describe('SmsAeroClient: a code for Telegram', () => {
  let account: Account;
  let gates: [Gate, Gate];
  let client: SmsAeroClient;

  beforeEach(async () => {
    account = createAccount({ ...CREDENTIALS, progress: 'frozen', telegramAfterMs: Infinity });
    const start = (name: string) => startGate(account, { name });
    gates = [await start('first'), await start('second')];
    client = new SmsAeroClient({ gates: gates.map((gate) => gate.url) });
  });
  afterEach(async () => {
    client.close();
    await account.close();
    await Promise.all(gates.map((gate) => gate.close()));
  });

  const send = () => client.send(CREDENTIALS, TELEGRAM, Date.now() + 5_000);
  const sent = async () => {
    const { result } = await send();
    assert.ok(result.status === 'accepted');
    return result.messageId;
  };
  const status = (messageId: string) => client.telegramStatus(CREDENTIALS, messageId, Date.now() + 5_000);
  const gatesUsed = () => account.ledger.map(({ gate }) => gate);

  it('is one request, with the text of the SMS behind it', async () => {
    const { result, ...way } = await send();
    const [message, ...others] = account.messages();
    const messageId = String(message?.id);
    assert.deepEqual(result, { status: 'accepted', messageId, messageStatus: 'accepted', cost: 1 });
    assert.deepEqual([way, others], [{ gate: '127.0.0.1', answer: 200, skipped: [] }, []]);
    const { number, telegramCode, smsFrom, smsText } = message ?? assert.fail('no message');
    assert.deepEqual([number, telegramCode, smsFrom], ['79031234567', '482913', 'SMSAero']);
    assert.equal(smsText, 'Ваш код: 482913');
    assert.deepEqual(gatesUsed(), ['first']);
  });

  it('is asked for as SMS Aero’s clients do: the code a number, and no report', async () => {
    const gate = await startPlainGate();
    const plain = new SmsAeroClient({ gates: [gate.url] });
    await plain.send(CREDENTIALS, TELEGRAM, Date.now() + 5_000);
    plain.close();
    await gate.close();
    const { number, senderName: sign, text: smsText, telegramCode: code } = TELEGRAM;
    const asked = [gate.requests[0]?.url, JSON.parse(gate.bodies[0] ?? '')];
    assert.deepEqual(asked, ['/v2/telegram/send', { number, code, sign, text: smsText }]);
  });

  it('goes to the next gate where provably nothing was accepted, by Telegram again', async () => {
    gates[0].faults.order({ fault: 'block_page', method: 'telegram/send' });
    const { result, skipped } = await send();
    assert.deepEqual([result.status, skipped[0]?.cause], ['accepted', 'HTTP_403']);
    assert.deepEqual(gatesUsed(), ['first', 'second']);
    assert.equal(account.messages()[0]?.telegramCode, '482913');
  });

  for (const [order, result, messages] of [
    [{ fault: 'reset_after_acceptance' }, { status: 'unknown', reason: 'no_answer' }, 1],
    [{ fault: 'server_error_json' }, { status: 'unknown', reason: 'server_error' }, 0],
    [{ fault: 'no_money' }, { status: 'failed', reason: 'no_money' }, 0],
  ] as [FaultOrder, object, number][]) {
    it(`is sent no second time by either channel after ${order.fault}`, async () => {
      gates[0].faults.order({ ...order, method: 'telegram/send' });
      assert.deepEqual((await send()).result, result);
      assert.deepEqual([gatesUsed(), account.messages().length], [['first'], messages]);
    });
  }

  it('is believed by its id, also where Telegram did not deliver it, since an SMS follows', async () => {
    gates[0].faults.order({ fault: 'status_undelivered', method: 'telegram/send' });
    const messageId = await sent();
    const [sms, telegram, ...others] = account.messages();
    assert.equal(messageId, String(telegram?.id));
    assert.deepEqual([sms?.text, others], ['Ваш код: 482913', []]);
  });

  it('is followed to the SMS that took over, at the price of both', async () => {
    const messageId = await sent();
    account.setStatus(Number(messageId), 2);
    const [sms] = account.messages();
    const known = { status: 'known', cost: 5.19, smsMessageId: String(sms?.id) };
    assert.deepEqual(await status(messageId), { ...known, message: 'accepted', at: undefined });
    account.setStatus(sms?.id ?? 0, 1);
    const at = Number(account.find(sms?.id ?? 0)?.dateAnswer) * 1000;
    assert.deepEqual(await status(messageId), { ...known, message: 'delivered', at });
    assert.equal(account.ledger.length, 1, 'SMS Aero sent it, not we');
  });

  it('is delivered if either message was', async () => {
    const messageId = await sent();
    account.setStatus(Number(messageId), 2);
    account.setStatus(Number(messageId), 1); // Telegram was late
    const both = await status(messageId);
    assert.deepEqual(both.status === 'known' && [both.message, both.smsMessageId], ['delivered', undefined]);
    account.setStatus(account.messages()[0]?.id ?? 0, 1);
    const sms = await status(messageId);
    assert.ok(sms.status === 'known' && sms.smsMessageId !== undefined);
  });

  it('is not known under the id of an SMS, nor an SMS under its id', async () => {
    const messageId = await sent();
    account.setStatus(Number(messageId), 2);
    const smsId = String(account.messages()[0]?.id);
    assert.equal((await status(smsId)).status, 'not_known');
    const asSms = await client.status(CREDENTIALS, messageId, Date.now() + 5_000);
    assert.equal(asSms.status, 'not_known');
  });

  it('is not known while SMS Aero does not say of it, or of the SMS', async () => {
    const messageId = await sent();
    account.setStatus(Number(messageId), 2);
    for (const method of ['telegram/status', 'sms/status']) {
      gates[0].faults.order({ fault: 'server_error_json', method });
      assert.deepEqual(await status(messageId), { status: 'unavailable' }, method);
      gates[0].faults.order({ fault: 'rate_limited', method });
      assert.deepEqual(await status(messageId), { status: 'refused', reason: 'rate_limited' }, method);
    }
  });

  it('is neither sent nor paid for in test mode', async () => {
    const test = new SmsAeroClient({ gates: [gates[0].url], test: true });
    const { result } = await test.send(CREDENTIALS, TELEGRAM, Date.now() + 5_000);
    assert.ok(result.status === 'accepted');
    const read = await test.telegramStatus(CREDENTIALS, result.messageId, Date.now() + 5_000);
    test.close();
    assert.deepEqual(read.status === 'known' && read.message, 'delivered');
    assert.deepEqual([account.messages(), account.ledger, account.balance], [[], [], 1000]);
  });
});
