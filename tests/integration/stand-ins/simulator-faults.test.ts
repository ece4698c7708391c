import assert from 'node:assert/strict';
import http from 'node:http';
import { afterEach, beforeEach, describe, it } from 'node:test';
import zlib from 'node:zlib';
import {
  type Account,
  createAccount,
  type Fault,
  type FaultOrder,
  FaultOrderError,
  faultNames,
  type Gate,
  type RequestFault,
  startGate,
} from '../../../local/simulator/index.ts';
import { apiKey, call, email, errorCodeOf, isReset, type Received, right, send, until } from './client.ts';

let account: Account;
let gate: Gate;
beforeEach(async () => {
  account = createAccount({ email, apiKey, progress: 'frozen' });
  gate = await startGate(account, { name: 'org' });
});
afterEach(() => gate.close());

async function sendWith(order: FaultOrder): Promise<Received> {
  gate.faults.order(order);
  return send(gate);
}

/** What the ledger says of the only request. */
function ledgerLine(): [string, string | undefined, boolean] {
  const [entry, ...others] = account.ledger;
  assert.ok(entry);
  assert.equal(others.length, 0);
  assert.equal(entry.messageId !== undefined, entry.outcome === 'accepted');
  assert.equal(account.messages().length, entry.outcome === 'accepted' ? 1 : 0);
  return [entry.outcome, entry.fault, entry.answered];
}

const played = new Set<string>();

function refusal(fault: Fault, status: number, envelope: object, headers: Record<string, string> = {}): void {
  played.add(fault.fault);
  it(`${JSON.stringify(fault)} answers ${status} and accepts nothing`, async () => {
    const answer = await sendWith(fault);
    assert.equal(answer.status, status);
    assert.deepEqual(answer.json, envelope);
    for (const [name, value] of Object.entries(headers)) assert.equal(answer.headers[name], value);
    assert.deepEqual(ledgerLine(), ['refused', fault.fault, true]);
    assert.equal(account.balance, 1000);
    assert.equal((await send(gate)).json.success, true, 'one order strikes once');
  });
}

function failed(message: string | null, data: object | null = null): object {
  return { success: false, data, message };
}

describe('faults that refuse', () => {
  refusal({ fault: 'success_false' }, 200, failed('Message was not sent'));
  refusal({ fault: 'success_null_data' }, 200, { success: true, data: null, message: null });
  refusal({ fault: 'server_error_json' }, 500, failed('Internal Server Error'));
  refusal({ fault: 'rate_limited', retryAfter: 7 }, 429, failed('Too many requests'), { 'retry-after': '7' });
  refusal({ fault: 'rate_limited' }, 429, failed('Too many requests'));
  refusal({ fault: 'unauthorized' }, 401, failed('Your request was made with invalid credentials.'));
  refusal({ fault: 'no_money' }, 402, failed('Not enough money'));
  refusal({ fault: 'ip_not_allowed' }, 404, failed('Invalid ip-address'));
  refusal({ fault: 'blacklisted' }, 400, failed('Validation error.', { number: ['blacklist'] }));
  refusal({ fault: 'blacklisted', form: 'message' }, 400, failed('Number is in the blacklist'));
  refusal({ fault: 'bad_sender_name' }, 400, failed('Validation error.', { sign: ['incorrect'] }));
  refusal({ fault: 'invalid_number' }, 400, failed('Validation error.', { number: ['incorrect'] }));
  refusal({ fault: 'forbidden' }, 403, failed('Forbidden'));
  refusal({ fault: 'legacy_reject' }, 200, { result: 'reject', reason: 'incorrect sender name' });
  refusal({ fault: 'legacy_reject', reason: 'empty field' }, 200, {
    result: 'reject',
    reason: 'empty field',
  });
  refusal({ fault: 'legacy_no_credits' }, 200, { result: 'no credits' });

  for (const [fault, status] of [
    ['bad_gateway_html', 502],
    ['html_200', 200],
  ] as const) {
    played.add(fault);
    it(`${fault} answers ${status} with HTML`, async () => {
      const answer = await sendWith({ fault });
      assert.equal(answer.status, status);
      assert.equal(answer.headers['content-type'], 'text/html');
      assert.match(answer.text, /^<html>/);
      assert.deepEqual(ledgerLine(), ['refused', fault, true]);
    });
  }

  played.add('redirect');
  it('redirect answers 302, or as told, to elsewhere', async () => {
    const answer = await sendWith({ fault: 'redirect' });
    assert.equal(answer.status, 302);
    assert.match(String(answer.headers['location']), /^https:\/\/elsewhere\.invalid\//);
    assert.deepEqual(ledgerLine(), ['refused', 'redirect', true]);
    const told = await sendWith({ fault: 'redirect', status: 307, location: 'http://127.0.0.1:1/' });
    assert.deepEqual([told.status, told.headers['location']], [307, 'http://127.0.0.1:1/']);
  });

  played.add('block_page');
  it('block_page answers 403, or as told, with HTML', async () => {
    const answer = await sendWith({ fault: 'block_page' });
    assert.deepEqual([answer.status, answer.headers['retry-after']], [403, undefined]);
    assert.match(answer.text, /^<html>/);
    assert.deepEqual(ledgerLine(), ['refused', 'block_page', true]);
    const told = await sendWith({ fault: 'block_page', status: 451, retryAfter: 9 });
    assert.deepEqual([told.status, told.headers['retry-after']], [451, '9']);
  });

  played.add('cut_refusal');
  it('cut_refusal sends the head of a 400, or as told, and half of its body', async () => {
    for (const order of [{ fault: 'cut_refusal' }, { fault: 'cut_refusal', status: 429 }] as const) {
      let heads = 0;
      gate.faults.order(order);
      assert.equal(await errorCodeOf(send(gate, {}, { onHead: () => (heads += 1) })), 'ECONNRESET');
      assert.equal(heads, 1);
    }
    assert.deepEqual(
      account.ledger.map(({ outcome, answered }) => [outcome, answered]),
      [
        ['refused', false],
        ['refused', false],
      ],
    );
  });

  for (const fault of ['server_error_json', 'bad_gateway_html', 'html_200', 'success_null_data'] as const) {
    it(`${fault} with accept answers the same and accepts`, async () => {
      const { text } = await sendWith({ fault });
      gate.faults.order({ fault, accept: true });
      assert.equal((await send(gate)).text, text);
      assert.deepEqual(
        account.ledger.map(({ outcome }) => outcome),
        ['refused', 'accepted'],
      );
      assert.equal(account.messages().length, 1);
    });
  }
});

describe('faults that accept and answer strangely', () => {
  const status = {
    moderation: [8, 'moderation'],
    status_rejected: [6, 'reject'],
    status_undelivered: [2, 'undelivered'],
  };
  for (const [fault, [code, word]] of Object.entries(status)) {
    played.add(fault);
    it(`${fault} answers status ${code} and keeps it`, async () => {
      const { data } = (await sendWith({ fault: fault as 'moderation' })).json;
      assert.deepEqual([data.status, data.extendStatus], [code, word]);
      assert.equal(account.messages()[0]?.status, code);
      assert.deepEqual(ledgerLine(), ['accepted', fault, true]);
    });
  }

  played.add('array_data').add('string_types').add('truncated_json').add('oversized_answer');
  it('array_data puts the object into an array', async () => {
    const { json } = await sendWith({ fault: 'array_data' });
    assert.equal(json.data.length, 1);
    assert.equal(json.data[0].number, '79031234567');
    assert.deepEqual(ledgerLine(), ['accepted', 'array_data', true]);
  });

  it('string_types writes id, status and cost as strings', async () => {
    const { id, status, cost } = (await sendWith({ fault: 'string_types' })).json.data;
    assert.deepEqual([id, status, cost], ['539820001', '0', '4.19']);
    assert.deepEqual(ledgerLine(), ['accepted', 'string_types', true]);
  });

  it('truncated_json is whole as HTTP and cut as JSON', async () => {
    const answer = await sendWith({ fault: 'truncated_json' });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-length'], String(Buffer.byteLength(answer.text)));
    assert.match(answer.text, /^\{"success":true/);
    assert.throws(() => JSON.parse(answer.text));
    assert.deepEqual(ledgerLine(), ['accepted', 'truncated_json', true]);
  });

  it('oversized_answer streams 200 KiB of valid JSON', async () => {
    const answer = await sendWith({ fault: 'oversized_answer' });
    assert.equal(Buffer.byteLength(answer.text), 200 * 1024);
    assert.equal(answer.headers['content-length'], undefined);
    assert.equal(answer.json.success, true);
    assert.deepEqual(ledgerLine(), ['accepted', 'oversized_answer', true]);
  });
});

describe('faults of the body', () => {
  played.add('wrong_length').add('compressed');
  it('wrong_length accepts, announces more than there is and closes', async () => {
    let hasHead = false;
    gate.faults.order({ fault: 'wrong_length' });
    assert.equal(await errorCodeOf(send(gate, {}, { onHead: () => (hasHead = true) })), 'ECONNRESET');
    assert.equal(hasHead, true);
    assert.deepEqual(ledgerLine(), ['accepted', 'wrong_length', true]);
  });

  for (const [coding, decode] of [
    [undefined, zlib.gunzipSync],
    ['gzip', zlib.gunzipSync],
    ['deflate', zlib.inflateSync],
    ['br', zlib.brotliDecompressSync],
    ['zstd', zlib.zstdDecompressSync],
    ['none', (bytes: Buffer) => bytes],
  ] as const) {
    it(`compressed accepts and compresses: ${coding ?? 'as gzip'}`, async () => {
      const answer = await sendWith({ fault: 'compressed', ...(coding ? { coding } : {}) });
      const { success, data } = JSON.parse(decode(answer.bytes).toString());
      assert.deepEqual([success, data.id], [true, 539820001]);
      const named = coding === undefined || coding === 'none' ? 'gzip' : coding;
      assert.equal(answer.headers['content-encoding'], named);
      assert.deepEqual(ledgerLine(), ['accepted', 'compressed', true]);
    });
  }
});

describe('faults of time', () => {
  played.add('late_answer').add('no_answer').add('slow_drip');
  it('late_answer accepts first and answers rightly afterwards', async () => {
    const answer = sendWith({ fault: 'late_answer', delayMs: 100 });
    await until(() => account.ledger.length === 1);
    assert.deepEqual(ledgerLine(), ['accepted', 'late_answer', false]);
    assert.equal((await answer).json.data.id, 539820001);
    assert.deepEqual(ledgerLine(), ['accepted', 'late_answer', true]);
  });

  it('late_answer to a client that left stays unanswered', async () => {
    const agent = new http.Agent({ keepAlive: true });
    gate.faults.order({ fault: 'late_answer', delayMs: 50 });
    const answer = errorCodeOf(send(gate, {}, { agent }));
    await until(() => account.ledger.length === 1);
    agent.destroy();
    assert.equal(await answer, 'ECONNRESET');
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.deepEqual(ledgerLine(), ['accepted', 'late_answer', false]);
  });

  it('no_answer accepts and keeps the connection open', async () => {
    let isSettled = false;
    const answer = errorCodeOf(sendWith({ fault: 'no_answer' })).finally(() => {
      isSettled = true;
    });
    await until(() => account.ledger.length === 1);
    assert.equal((await send(gate)).status, 200);
    assert.equal(isSettled, false);
    assert.deepEqual(
      account.ledger.map(({ outcome, answered }) => [outcome, answered]),
      [
        ['accepted', false],
        ['accepted', true],
      ],
    );
    await gate.close();
    assert.equal(await answer, 'ECONNRESET');
  });

  it('slow_drip sends one byte at a time', async () => {
    let hasHead = false;
    gate.faults.order({ fault: 'slow_drip', delayMs: 1 });
    const answer = send(gate, {}, { onHead: () => (hasHead = true) });
    await until(() => hasHead);
    assert.deepEqual(ledgerLine(), ['accepted', 'slow_drip', false]);
    assert.equal((await answer).json.success, true);
    assert.deepEqual(ledgerLine(), ['accepted', 'slow_drip', true]);
  });
});

describe('faults of the connection', () => {
  played
    .add('reset_before_acceptance')
    .add('reset_after_acceptance')
    .add('half_answer')
    .add('close_keepalive');
  it('reset_before_acceptance loses the message', async () => {
    assert.equal(await isReset(sendWith({ fault: 'reset_before_acceptance' })), true);
    assert.deepEqual(ledgerLine(), ['lost', 'reset_before_acceptance', false]);
  });

  it('reset_after_acceptance has taken the message', async () => {
    assert.equal(await isReset(sendWith({ fault: 'reset_after_acceptance' })), true);
    assert.deepEqual(ledgerLine(), ['accepted', 'reset_after_acceptance', false]);
  });

  it('half_answer sends a head and half of the body', async () => {
    let hasHead = false;
    gate.faults.order({ fault: 'half_answer' });
    assert.equal(await errorCodeOf(send(gate, {}, { onHead: () => (hasHead = true) })), 'ECONNRESET');
    assert.equal(hasHead, true);
    assert.deepEqual(ledgerLine(), ['accepted', 'half_answer', false]);
  });

  it('close_keepalive answers rightly, offers keep-alive and closes', async () => {
    const [idle, agent] = [new http.Agent({ keepAlive: true }), new http.Agent({ keepAlive: true })];
    await call(gate, 'auth', { agent: idle });
    gate.faults.order({ fault: 'close_keepalive' });
    const answer = await send(gate, {}, { agent });
    assert.equal(answer.json.success, true);
    assert.equal(answer.headers['connection'], 'keep-alive');
    await until(() => Object.keys(agent.freeSockets).length === 0);
    // An older connection is still there, so it was the fault that closed this one and no idle limit.
    assert.equal(Object.keys(idle.freeSockets).length, 1);
    assert.deepEqual(ledgerLine(), ['accepted', 'close_keepalive', true]);
    for (const each of [idle, agent]) each.destroy();
  });

  it('without a fault a keep-alive connection is used again, until it is dropped', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    agent.on('free', (socket) => ports.add(socket.localPort));
    await send(gate, {}, { agent });
    await send(gate, {}, { agent });
    await until(() => Object.keys(agent.freeSockets).length === 1);
    assert.equal(ports.size, 1);
    gate.dropConnections();
    await until(() => Object.keys(agent.freeSockets).length === 0);
    agent.destroy();
  });
});

describe('orders', () => {
  it('every kind of fault that strikes a request is played above', () => {
    const elsewhere = ['reset_on_connect', 'tls_hang', 'tls_failure', 'slow_handshake'];
    assert.deepEqual(
      faultNames.filter((name) => !played.has(name)),
      elsewhere,
    );
  });

  it('strike in their order, so many times each, and only their method', async () => {
    gate.faults.order({ fault: 'no_money', times: 2 });
    gate.faults.order({ fault: 'forbidden' });
    gate.faults.order({ fault: 'server_error_json', method: 'balance' });
    assert.equal((await call(gate, 'auth')).status, 200);
    assert.equal((await call(gate, 'balance')).status, 500);
    const statuses = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await send(gate)).status);
    assert.deepEqual(statuses, [402, 402, 403, 200]);
    assert.deepEqual(gate.faults.pending, []);
  });

  it('can strike every method, and be forgotten', async () => {
    gate.faults.order({ fault: 'unauthorized', method: '*', times: Number.POSITIVE_INFINITY });
    assert.equal((await call(gate, 'balance')).status, 401);
    assert.equal((await send(gate)).status, 401);
    gate.faults.choose = () => ({ fault: 'forbidden' });
    gate.faults.clear();
    assert.equal((await send(gate)).status, 200);
  });

  it('refuse wrong requests as ever when the fault accepts', async () => {
    gate.faults.order({ fault: 'array_data' });
    const answer = await send(gate, { number: '1' });
    assert.deepEqual([answer.status, answer.json.data.number], [400, ['incorrect']]);
    assert.deepEqual(ledgerLine(), ['refused', 'array_data', true]);
  });

  it('are followed by a hook that picks, and sees the request', async () => {
    const seen: unknown[] = [];
    const plan: (RequestFault | undefined)[] = [
      { fault: 'no_money' },
      undefined,
      { fault: 'rate_limited', retryAfter: 1 },
    ];
    gate.faults.choose = (request) => {
      seen.push(request);
      return plan.shift();
    };
    gate.faults.order({ fault: 'forbidden' });
    const statuses = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await send(gate)).status);
    assert.deepEqual(statuses, [403, 402, 200, 429]);
    assert.equal(seen.length, 3);
    const { number, sign: from, text } = right;
    assert.deepEqual(seen[0], { gate: 'org', method: 'sms/send', sequence: 2, number, text, from });
  });

  it('are refused with a reason when they make no sense', () => {
    const wrong: [unknown, RegExp][] = [
      [{ fault: 'earthquake' }, /Unknown fault "earthquake"; known are late_answer, /],
      [{}, /Unknown fault undefined/],
      [null, /is an object with "fault"/],
      [{ fault: 'toString' }, /Unknown fault/],
      [{ fault: 'tls_hang' }, /tls_hang needs a gate that speaks TLS/],
      [{ fault: 'tls_failure' }, /needs a gate that speaks TLS/],
      [{ fault: 'no_money', times: 0 }, /times must be/],
      [{ fault: 'no_money', times: 1.5 }, /times must be/],
      [{ fault: 'no_money', delayMs: -1 }, /delayMs must be/],
      [{ fault: 'no_money', delayMs: '5' }, /delayMs must be/],
      [{ fault: 'no_money', method: 'sms/nothing' }, /Unknown method "sms\/nothing"/],
      [{ fault: 'moderation', method: 'balance' }, /for sms\/send, telegram\/send and their test modes only/],
      [{ fault: 'no_money', accept: true }, /no_money has no option accept; it takes times, delayMs, method/],
      [{ fault: 'html_200', accept: 'yes' }, /accept of html_200 must be a boolean/],
      [{ fault: 'blacklisted', form: 'poem' }, /form of blacklisted must be field or message/],
    ];
    for (const [order, message] of wrong) {
      assert.throws(
        () => gate.faults.order(order as FaultOrder),
        (error) => error instanceof FaultOrderError && message.test(error.message),
        JSON.stringify(order),
      );
    }
    assert.deepEqual(gate.faults.pending, []);
  });
});
