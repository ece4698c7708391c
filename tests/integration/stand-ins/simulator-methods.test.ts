import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { type Account, createAccount, type Gate, startGate } from '../../../local/simulator/index.ts';
import { apiKey, call, email, right, send, until } from './client.ts';

describe('SMS Aero API v2', () => {
  let account: Account;
  let gate: Gate;
  let nowMs: number;
  beforeEach(async () => {
    nowMs = 1_760_000_000_500;
    account = createAccount({ email, apiKey, balance: 100, price: 4.19, now: () => nowMs });
    gate = await startGate(account);
  });
  afterEach(() => gate.close());

  it('answers auth, with and without a trailing slash, GET and POST', async () => {
    const expected = { success: true, data: null, message: 'Successful authorization.' };
    for (const answer of [await call(gate, 'auth'), await call(gate, 'auth/', { json: {} })]) {
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['content-type'], 'application/json; charset=UTF-8');
      assert.deepEqual(answer.json, expected);
    }
  });

  it('answers 401 to wrong credentials, and to none', async () => {
    for (const credentials of [`${email}:wrong`, 'nobody:x', `${email}`, null]) {
      const answer = await call(gate, 'auth', { credentials });
      assert.equal(answer.status, 401);
      assert.equal(answer.headers['www-authenticate'], 'Basic realm="api"');
      assert.deepEqual(answer.json, {
        success: false,
        data: null,
        message: 'Your request was made with invalid credentials.',
      });
    }
    account.apiKey = 'rotated';
    assert.equal((await call(gate, 'auth')).status, 401);
    assert.equal((await call(gate, 'auth', { credentials: `${email}:rotated` })).status, 200);
  });

  it('gives balance, tariffs and sender names in their own types', async () => {
    assert.deepEqual((await call(gate, 'balance')).json.data, { balance: 100 });
    assert.equal((await call(gate, 'tariffs')).json.data['FREE SIGN'].MTS, '4.19');
    const names = (await call(gate, 'sign/list')).json.data;
    assert.equal(names.totalCount, '3');
    assert.equal(names['1'].name, 'SMSAero');
    assert.equal(names['0'].statusOperators['4'].extendOperator, 'MTS');
  });

  it('sends: number a string, cost a number, data an object', async () => {
    const answer = await send(gate);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json, {
      success: true,
      data: {
        id: 539820001,
        from: 'SMSAero',
        number: '79031234567',
        text: right.text,
        status: 0,
        extendStatus: 'queue',
        channel: 'FREE SIGN',
        cost: 4.19,
        dateCreate: 1_760_000_000,
        dateSend: 1_760_000_000,
      },
      message: null,
    });
    assert.equal(account.balance, 95.81);
    assert.deepEqual(account.ledger, [
      {
        sequence: 1,
        gate: gate.name,
        at: nowMs,
        number: '79031234567',
        text: right.text,
        from: 'SMSAero',
        outcome: 'accepted',
        messageId: 539820001,
        answered: true,
      },
    ]);
  });

  it('takes a number as an integer, a form body and a query alike', async () => {
    const form = new URLSearchParams(right).toString();
    await send(gate, { number: 79031234567 });
    await call(gate, 'sms/send', { form });
    await call(gate, 'sms/send', { query: `?${form}` });
    await call(gate, 'sms/send/', { body: JSON.stringify(right) });
    assert.equal(account.messages().length, 4);
    for (const { number, from, text } of account.messages())
      assert.deepEqual({ number, sign: from, text }, right);
  });

  it('answers numbers with an array, from JSON and from a form', async () => {
    const { number: _, ...rest } = right;
    const json = await call(gate, 'sms/send', { json: { ...rest, numbers: ['79031234567', 79037654321] } });
    const form = await call(gate, 'sms/send', {
      form: `numbers[]=79031234567&numbers[]=79037654321&${new URLSearchParams(rest)}`,
    });
    for (const { json: answer } of [json, form]) {
      assert.deepEqual(
        answer.data.map((message: { number: string }) => message.number),
        ['79031234567', '79037654321'],
      );
    }
    assert.deepEqual(
      account.ledger.map((entry) => entry.messageId),
      [539820001, 539820002, 539820003, 539820004],
    );
  });

  it('names every wrong field at once', async () => {
    const none = await call(gate, 'sms/send', { json: {} });
    assert.equal(none.status, 400);
    assert.deepEqual(none.json, {
      success: false,
      data: { number: ['required'], sign: ['required'], text: ['required'] },
      message: 'Validation error.',
    });
    const wrong = { number: '+79031234567', sign: 'Nobody', text: 'я' };
    assert.deepEqual((await send(gate, wrong)).json.data, {
      number: ['incorrect'],
      sign: ['incorrect'],
      text: ['incorrect'],
    });
    assert.deepEqual(
      account.ledger.map((entry) => entry.outcome),
      ['refused', 'refused'],
    );
    assert.equal(account.balance, 100);
  });

  it('checks the limits of each field', async () => {
    const incorrect: [object, string][] = [
      [{ number: '123456' }, 'number'],
      [{ number: '1234567890123456' }, 'number'],
      [{ number: { a: 1 } }, 'number'],
      [{ text: 'я'.repeat(641) }, 'text'],
      [{ text: true }, 'text'],
      [{ callbackUrl: 'ftp://example.com' }, 'callbackUrl'],
      [{ callbackFormat: 'xml' }, 'callbackFormat'],
      [{ dateSend: 1 }, 'dateSend'],
      [{ dateSend: 1_760_000_000 + 8 * 86_400 }, 'dateSend'],
      [{ shortLink: 2 }, 'shortLink'],
      [{ channel: 'PIGEON' }, 'channel'],
    ];
    for (const [changes, field] of incorrect) {
      assert.deepEqual(
        (await send(gate, changes)).json.data,
        { [field]: ['incorrect'] },
        JSON.stringify(changes),
      );
    }
    account.balance = 1000;
    for (const changes of [
      { number: '1234567' },
      { number: '123456789012345' },
      { text: '😀'.repeat(640) },
      { text: 'ok' },
    ]) {
      assert.equal((await send(gate, changes)).status, 200, JSON.stringify(changes));
    }
  });

  it('charges by segment and answers 402 when the balance is too low', async () => {
    account.balance = 12;
    assert.equal((await send(gate, { text: 'я'.repeat(71) })).json.data.cost, 8.38);
    const poor = await send(gate);
    assert.equal(poor.status, 402);
    assert.deepEqual(poor.json, { success: false, data: null, message: 'Not enough money' });
    assert.equal(account.messages().length, 1);
    assert.deepEqual((await call(gate, 'balance')).json.data, { balance: 3.62 });
  });

  it('refuses a number of the blacklist and an address outside the list', async () => {
    account.blacklist.add('79031234567');
    const refused = await send(gate);
    assert.equal(refused.status, 400);
    assert.deepEqual(refused.json.data, { number: ['blacklist'] });
    account.allowedIps = new Set(['203.0.113.1']);
    const outside = await call(gate, 'auth');
    assert.equal(outside.status, 404);
    assert.equal(outside.json.message, 'Invalid ip-address');
    account.allowedIps = new Set(['127.0.0.1']);
    assert.equal((await call(gate, 'auth')).status, 200);
  });

  it('moves a status with the clock: queue, sent, delivery', async () => {
    const { id } = (await send(gate)).json.data;
    const status = async () => (await call(gate, 'sms/status', { json: { id } })).json.data;
    assert.equal((await status()).extendStatus, 'queue');
    nowMs += 1000;
    assert.equal((await status()).status, 3);
    nowMs += 1000;
    assert.deepEqual(await status(), {
      id,
      from: 'SMSAero',
      number: 79031234567,
      text: right.text,
      status: 1,
      extendStatus: 'delivery',
      channel: 'FREE SIGN',
      cost: '4.19',
      dateCreate: 1_760_000_000,
      dateSend: 1_760_000_000,
      dateAnswer: 1_760_000_002,
    });
    account.setStatus(id, 2);
    assert.equal((await status()).extendStatus, 'undelivered');
  });

  it('answers sms/status without an id, with a wrong and an unknown one', async () => {
    assert.deepEqual((await call(gate, 'sms/status')).json.data, { id: ['required'] });
    assert.deepEqual((await call(gate, 'sms/status', { query: '?id=x' })).json.data, { id: ['incorrect'] });
    assert.equal((await call(gate, 'sms/status', { query: '?id=1' })).status, 404);
  });

  it('lists with string indices, links and a string count', async () => {
    for (let index = 0; index < 21; index += 1) await send(gate, { text: `Code ${index}` });
    await send(gate, { number: '79037654321', text: 'Another' });
    const first = (await call(gate, 'sms/list')).json.data;
    assert.equal(first.totalCount, '22');
    assert.equal(first['0'].text, 'Another');
    assert.equal(first['19'].text, 'Code 2');
    assert.deepEqual(first.links, {
      self: '/v2/sms/list?page=1',
      first: '/v2/sms/list?page=1',
      last: '/v2/sms/list?page=2',
      next: '/v2/sms/list?page=2',
    });
    const second = (await call(gate, 'sms/list', { query: '?page=2', json: { number: '79031234567' } })).json
      .data;
    assert.equal(second.totalCount, '21');
    assert.equal(second['0'].text, 'Code 0');
    assert.equal(second.links.prev, '/v2/sms/list?page=1');
    const filtered = (await call(gate, 'sms/list', { form: 'text=Code 20&number=79031234567' })).json.data;
    assert.equal(filtered.totalCount, '1');
    assert.equal(filtered['0'].text, 'Code 20');
  });

  it('test mode has its own ids, is delivered at once, and costs nothing', async () => {
    const sent = (await call(gate, 'sms/testsend', { json: right })).json.data;
    assert.equal(sent.id, 686325);
    assert.equal(sent.extendStatus, 'delivery');
    assert.equal(
      (await call(gate, 'sms/teststatus', { json: { id: sent.id } })).json.data.number,
      79031234567,
    );
    assert.equal((await call(gate, 'sms/testlist')).json.data.totalCount, '1');
    assert.equal((await call(gate, 'sms/list')).json.data.totalCount, '0');
    assert.equal((await call(gate, 'sms/testsend', { json: {} })).status, 400);
    assert.equal(account.balance, 100);
    account.balance = 0;
    assert.equal((await call(gate, 'sms/testsend', { json: right })).status, 200);
    assert.deepEqual(account.messages(), []);
    assert.deepEqual(account.ledger, []);
  });

  it('answers in its envelope to unknown methods, verbs and bodies that cannot be read', async () => {
    const expected: [number, Promise<{ status: number; json: { success: boolean } }>][] = [
      [404, call(gate, 'sms/nothing')],
      [404, call(gate, 'constructor')],
      [405, call(gate, 'sms/send', { verb: 'DELETE' })],
      [400, call(gate, 'sms/send', { body: '{"number":', headers: { 'Content-Type': 'application/json' } })],
      [413, call(gate, 'sms/send', { body: Buffer.alloc(1024 * 1024 + 1, 'a') })],
    ];
    for (const [status, answer] of expected) {
      assert.equal((await answer).status, status);
      assert.equal((await answer).json.success, false);
    }
    assert.deepEqual((await call(gate, 'sms/send', { json: [] })).json.data.text, ['required']);
    assert.deepEqual((await call(gate, 'sms/send', { json: 'text' })).json.data.text, ['required']);
  });
});

describe('an account behind several gates', () => {
  let account: Account;
  let gates: Gate[];
  before(async () => {
    account = createAccount({ email, apiKey, progress: { sentAfterMs: 10, deliveredAfterMs: 20 } });
    gates = [await startGate(account, { name: 'org' }), await startGate(account, { name: 'net' })];
  });
  after(() => Promise.all(gates.map((gate) => gate.close())));

  it('keeps one ledger, in order of arrival, and tells of every change', async () => {
    const told: string[] = [];
    account.events.on('accepted', ({ gate, extendStatus }) => told.push(`${gate} ${extendStatus}`));
    account.events.on('changed', ({ gate, extendStatus }) => told.push(`${gate} ${extendStatus}`));
    for (const gate of gates) await send(gate);
    assert.deepEqual(
      account.ledger.map(({ sequence, gate }) => [sequence, gate]),
      [
        [1, 'org'],
        [2, 'net'],
      ],
    );
    await until(() => told.length === 6);
    assert.deepEqual(
      told.filter((line) => line.startsWith('org')),
      ['org queue', 'org sent', 'org delivery'],
    );
  });
});

describe('a gate that closes', () => {
  it('ends at once with a keep-alive connection and an answer owed', async () => {
    const account = createAccount({ email, apiKey });
    const gate = await startGate(account);
    gate.faults.order({ fault: 'no_answer' });
    const owed = send(gate).catch((error: NodeJS.ErrnoException) => error.code);
    await until(() => account.ledger.length === 1);
    await gate.close();
    assert.equal(await owed, 'ECONNRESET');
    await gate.close();
  });
});
