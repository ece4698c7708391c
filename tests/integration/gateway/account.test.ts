import assert from 'node:assert/strict';
import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import { after, afterEach, describe, it } from 'node:test';
import { SmsAeroAccount } from '../../../lib/smsaero/account.ts';
import { listen } from '../../../local/loopback.ts';
import { createAccount, startGate } from '../../../local/simulator/index.ts';
import { CREDENTIALS } from '../../support/plain-gate.ts';

const soon = () => Date.now() + 5_000;

const simulated = createAccount({ ...CREDENTIALS, balance: 337.03, senderNames: ['MyShop', 'SMS Aero'] });
const gate = await startGate(simulated);
const account = new SmsAeroAccount({ gates: [gate.url] });
after(async () => {
  account.close();
  await gate.close();
});

describe('questions about the account', () => {
  afterEach(() => gate.faults.clear());

  it('reads credentials, balance and sender names', async () => {
    const known = { status: 'known', gate: '127.0.0.1' };
    assert.deepEqual(await account.auth(CREDENTIALS, soon()), { ...known, value: true });
    assert.deepEqual(await account.balance(CREDENTIALS, soon()), { ...known, value: 337.03 });
    const names = await account.senderNames(CREDENTIALS, soon());
    assert.ok(names.status === 'known', JSON.stringify(names));
    assert.deepEqual(
      names.value.map(({ name, approved, operators }) => [name, approved, operators.map((o) => o.operator)]),
      [
        ['MyShop', true, ['MEGAFON', 'MTS', 'BEELINE', 'TELE2']],
        ['SMS Aero', true, ['MEGAFON', 'MTS', 'BEELINE', 'TELE2']],
      ],
    );
    assert.equal(simulated.ledger.length, 0);
  });

  it('says what SMS Aero refused', async () => {
    const wrong = { ...CREDENTIALS, apiKey: 'wrong_0123456789' };
    const refused = { status: 'refused', gate: '127.0.0.1' };
    assert.deepEqual(await account.auth(wrong, soon()), { ...refused, reason: 'unauthorized' });
    gate.faults.order({ fault: 'ip_not_allowed', method: 'balance' });
    assert.deepEqual(await account.balance(CREDENTIALS, soon()), { ...refused, reason: 'ip_not_allowed' });
    gate.faults.order({ fault: 'success_false', method: 'sign/list' });
    assert.deepEqual(await account.senderNames(CREDENTIALS, soon()), { ...refused, reason: 'rejected' });
    gate.faults.order({ fault: 'rate_limited', method: 'balance' });
    assert.deepEqual(await account.balance(CREDENTIALS, soon()), { ...refused, reason: 'rate_limited' });
  });

  it('says what it could not learn, and of which gate', async () => {
    const unavailable = { status: 'unavailable', gate: '127.0.0.1' };
    for (const [fault, cause] of [
      ['server_error_json', 'HTTP_500'],
      ['html_200', 'MALFORMED_ANSWER'],
      ['success_null_data', 'MALFORMED_ANSWER'],
      ['redirect', 'HTTP_302'],
      ['cut_refusal', 'HTTP_400'],
      ['reset_before_acceptance', 'ECONNRESET'],
    ] as const) {
      gate.faults.order({ fault, method: 'balance' });
      assert.deepEqual(await account.balance(CREDENTIALS, soon()), { ...unavailable, cause }, fault);
    }
    gate.faults.order({ fault: 'block_page', status: 451, method: 'auth' });
    assert.deepEqual(await account.auth(CREDENTIALS, soon()), { ...unavailable, cause: 'HTTP_451' });
    gate.faults.order({ fault: 'no_answer', method: 'auth' });
    assert.deepEqual(await account.auth(CREDENTIALS, Date.now() + 400), { ...unavailable, cause: 'TIMEOUT' });
    const closed = await startGate(simulated);
    await closed.close();
    const nobody = new SmsAeroAccount({ gates: [closed.url] });
    const refused = { status: 'unavailable', cause: 'ECONNREFUSED' };
    assert.deepEqual(await nobody.auth(CREDENTIALS, soon()), refused);
  });

  it('reads every page of sender names, and ends where a page brings nothing new', async () => {
    const asked: number[] = [];
    const server = http.createServer(async (request, response) => {
      const { page } = JSON.parse((await buffer(request)).toString()) as { page: number };
      asked.push(page);
      const id = Math.min(page, 3);
      const data = { totalCount: '9', 0: { id, name: `Name${id}`, status: 1 } };
      response.end(JSON.stringify({ success: true, data, message: null }));
    });
    const { authority, close } = await listen(server);
    const pages = new SmsAeroAccount({ gates: [`http://${authority}`] });
    const names = await pages.senderNames(CREDENTIALS, soon());
    pages.close();
    await close();
    assert.ok(names.status === 'known');
    assert.equal(names.value.map(({ name }) => name).join(), 'Name1,Name2,Name3');
    assert.deepEqual(asked, [1, 2, 3, 4]);
  });
});
