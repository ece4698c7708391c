import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, before, beforeEach, describe, it } from 'node:test';
import { SmsAeroClient } from '../../../lib/smsaero/client.ts';
import {
  type Account,
  createAccount,
  type FaultOrder,
  type Gate,
  startGate,
} from '../../../local/simulator/index.ts';
import { type Certificate, createCertificate } from '../../support/certificate.ts';

const CREDENTIALS = { email: 'owner@example.com', apiKey: 'testKey_0123456789_testKey_01234' };
const MESSAGE = {
  number: '79031234567',
  senderName: 'SMSAero',
  text: 'Ваш код: 482913',
  telegramCode: 482_913,
  reportUrl: 'https://api.example/reports/token',
};

describe('SmsAeroClient: a code for Telegram', () => {
  let certificate: Certificate;
  let account: Account;
  let gates: [Gate, Gate];
  let client: SmsAeroClient;

  before(async () => {
    certificate = await createCertificate();
  });
  beforeEach(async () => {
    account = createAccount({
      ...CREDENTIALS,
      progress: 'frozen',
      telegramAfterMs: Number.POSITIVE_INFINITY,
    });
    const start = (name: string) => startGate(account, { name, tls: certificate });
    gates = [await start('first'), await start('second')];
    client = new SmsAeroClient({ gates: gates.map((gate) => gate.url), ca: certificate.cert });
  });
  afterEach(async () => {
    client.close();
    await account.close();
    await Promise.all(gates.map((gate) => gate.close()));
  });

  const send = (milliseconds = 5_000) => client.send(CREDENTIALS, MESSAGE, Date.now() + milliseconds);
  const sent = async () => {
    const { result } = await send();
    assert.ok(result.status === 'accepted');
    return result.messageId;
  };
  const status = (messageId: string) => client.telegramStatus(CREDENTIALS, messageId, Date.now() + 5_000);
  const gatesUsed = () => account.ledger.map(({ gate }) => gate);

  it('is one request, with the text of the SMS behind it', async () => {
    const { result, gate, answer, skipped } = await send();
    const [message, ...others] = account.messages();
    assert.deepEqual(result, {
      status: 'accepted',
      messageId: String(message?.id),
      messageStatus: 'accepted',
      cost: 1,
    });
    assert.deepEqual([gate, answer, skipped, others], ['127.0.0.1', 200, [], []]);
    const { number, telegramCode, smsFrom, smsText } = message ?? assert.fail('no message');
    assert.deepEqual(
      [number, telegramCode, smsFrom, smsText],
      ['79031234567', '482913', 'SMSAero', 'Ваш код: 482913'],
    );
    assert.deepEqual(
      account.ledger.map((entry) => [entry.gate, entry.telegramCode, entry.text]),
      [['first', '482913', 'Ваш код: 482913']],
    );
  });

  it('is asked for as SMS Aero’s clients do: the code a number, and no report', async () => {
    const requests: unknown[] = [];
    const server = createServer(async (request, response) => {
      requests.push(request.url, JSON.parse(await text(request)));
      response.end('{"success":true,"data":{"id":1,"status":0,"cost":"1.00"},"message":null}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const plain = new SmsAeroClient({ gates: [`http://127.0.0.1:${port}/v2`] });
    await plain.send(CREDENTIALS, MESSAGE, Date.now() + 5_000);
    plain.close();
    server.close();
    const { number, senderName: sign, text: smsText, telegramCode: code } = MESSAGE;
    assert.deepEqual(requests, ['/v2/telegram/send', { number, code, sign, text: smsText }]);
  });

  describe('goes to the next gate only where provably nothing was accepted', () => {
    for (const [order, cause] of [
      [{ fault: 'reset_on_connect' }, /./],
      [{ fault: 'tls_failure' }, /./],
      [{ fault: 'block_page', method: 'telegram/send' }, /^HTTP_403$/],
      [{ fault: 'redirect', method: 'telegram/send' }, /^HTTP_302$/],
    ] as [FaultOrder, RegExp][]) {
      it(`after ${order.fault}, by Telegram again`, async () => {
        gates[0].faults.order(order);
        const { result, skipped } = await send();
        assert.equal(result.status, 'accepted');
        assert.match(skipped[0]?.cause ?? '', cause);
        assert.equal(gatesUsed().at(-1), 'second');
        assert.deepEqual(
          account.messages().map(({ telegramCode }) => telegramCode),
          ['482913'],
        );
      });
    }
  });

  describe('is unknown where it was written and not answered, and is sent no second time by either channel', () => {
    for (const [fault, reason] of [
      [{ fault: 'reset_before_acceptance' }, 'no_answer'],
      [{ fault: 'reset_after_acceptance' }, 'no_answer'],
      [{ fault: 'server_error_json', accept: true }, 'server_error'],
      [{ fault: 'truncated_json' }, 'malformed_answer'],
    ] as [FaultOrder, string][]) {
      it(`${JSON.stringify(fault)}: ${reason}`, async () => {
        gates[0].faults.order({ ...fault, method: 'telegram/send' });
        const { result } = await send(700);
        assert.deepEqual(result, { status: 'unknown', reason });
        assert.deepEqual(gatesUsed(), ['first']);
        assert.ok(account.messages().length <= 1);
      });
    }
  });

  describe('that is refused goes by neither channel', () => {
    for (const [fault, reason] of [
      ['no_money', 'no_money'],
      ['invalid_number', 'invalid_recipient'],
      ['success_false', 'rejected'],
      ['rate_limited', 'rate_limited'],
    ] as const) {
      it(`${fault}: ${reason}`, async () => {
        gates[0].faults.order({ fault, method: 'telegram/send' });
        assert.deepEqual((await send()).result, { status: 'failed', reason });
        assert.deepEqual([gatesUsed(), account.messages()], [['first'], []]);
      });
    }
  });

  for (const fault of ['array_data', 'string_types', 'compressed'] as const) {
    it(`is believed by its id, also with ${fault}`, async () => {
      gates[0].faults.order({ fault, method: 'telegram/send' });
      const messageId = await sent();
      assert.equal(messageId, String(account.messages()[0]?.id));
    });
  }

  for (const fault of ['status_rejected', 'status_undelivered'] as const) {
    it(`is believed by its id, also with ${fault}, since an SMS follows`, async () => {
      gates[0].faults.order({ fault, method: 'telegram/send' });
      const messageId = await sent();
      const [sms, telegram, ...others] = account.messages();
      assert.equal(messageId, String(telegram?.id));
      assert.deepEqual([sms?.text, others], ['Ваш код: 482913', []]);
    });
  }

  it('is delivered in Telegram', async () => {
    const messageId = await sent();
    assert.equal((await status(messageId)).status === 'known' && 'accepted', 'accepted');
    account.setStatus(Number(messageId), 1);
    const delivered = { status: 'known', message: 'delivered', at: undefined, cost: 1 };
    assert.deepEqual(await status(messageId), { ...delivered, smsMessageId: undefined });
    assert.equal(account.messages().length, 1);
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
    assert.deepEqual(await status(smsId), { status: 'not_known' });
    assert.deepEqual(await client.status(CREDENTIALS, messageId, Date.now() + 5_000), {
      status: 'not_known',
    });
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
    const test = new SmsAeroClient({ gates: [gates[0].url], ca: certificate.cert, test: true });
    const { result } = await test.send(CREDENTIALS, MESSAGE, Date.now() + 5_000);
    assert.ok(result.status === 'accepted');
    const read = await test.telegramStatus(CREDENTIALS, result.messageId, Date.now() + 5_000);
    test.close();
    assert.deepEqual(read.status === 'known' && read.message, 'delivered');
    assert.deepEqual([account.messages(), account.ledger, account.balance], [[], [], 1000]);
  });
});
