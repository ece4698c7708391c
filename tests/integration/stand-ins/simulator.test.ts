import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  type Account,
  createAccount,
  type FaultOrder,
  faultNames,
  type Gate,
  type RequestFault,
  startGate,
} from '../../../local/simulator/index.ts';
import { apiKey, call, email, headers, right, send, until } from './client.ts';

let account: Account;
let gate: Gate;
let nowMs: number;
beforeEach(async () => {
  nowMs = 1_760_000_000_500;
  account = createAccount({ email, apiKey, balance: 1_000, now: () => nowMs });
  gate = await startGate(account, { name: 'org' });
});
afterEach(async () => {
  await Promise.all([account.close(), gate.close()]);
});

describe('SMS Aero API v2', () => {
  it('sends: number a string, cost a number, data an object; and keeps it in the ledger', async () => {
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
    assert.equal(account.balance, 995.81);
    assert.deepEqual(account.ledger, [
      {
        sequence: 1,
        gate: 'org',
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

  it('moves a status with the clock: queue, sent, delivery', async () => {
    const { id } = (await send(gate)).json.data;
    const status = async () => (await call(gate, 'sms/status', { id })).json.data;
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
    assert.equal((await call(gate, 'sms/status?id=1')).status, 404);
  });
});

describe('telegram/send and telegram/status', () => {
  const code = { number: right.number, code: 482_913, sign: 'SMSAero', text: right.text };
  const ask = async (changes: object = {}) =>
    (await call(gate, 'telegram/send', { ...code, ...changes })).json.data;
  const status = async (id: unknown) => (await call(gate, 'telegram/status', { id })).json.data;

  it('answer as SMS Aero’s clients have it', async () => {
    const data = await ask();
    assert.deepEqual(data, {
      id: 539820001,
      number: '79031234567',
      telegramCode: '482913',
      smsText: right.text,
      smsFrom: 'SMSAero',
      idSms: null,
      status: 0,
      extendStatus: 'queue',
      cost: '1.00',
      dateCreate: 1_760_000_000,
    });
    const [entry] = account.ledger;
    assert.deepEqual(
      [entry?.telegramCode, entry?.outcome, entry?.messageId],
      ['482913', 'accepted', 539820001],
    );
    nowMs += 1_000;
    assert.deepEqual([(await status(data.id)).status, account.balance], [1, 999]);
    assert.equal((await ask({ code: '012345' })).telegramCode, '12345', 'a number loses its leading zero');
    assert.deepEqual(await ask({ code: 123 }), { code: ['incorrect'] });
  });
});

/**
 * What the ledger says after a fault, which is the truth that chaos judges by. How each looks to the client, over TLS
 * too, is in gateway/faults.test.ts.
 */
describe('the ledger after a fault', () => {
  type Case = readonly [outcome: string, answered: boolean, faults: string, options?: object];
  const CASES: readonly Case[] = [
    ['refused', true, 'success_false success_null_data server_error_json rate_limited unauthorized no_money'],
    ['refused', true, 'ip_not_allowed blacklisted bad_sender_name invalid_number forbidden legacy_reject'],
    ['refused', true, 'legacy_no_credits bad_gateway_html html_200 redirect block_page'],
    ['refused', false, 'cut_refusal'],
    [
      'accepted',
      true,
      'moderation status_rejected status_undelivered array_data string_types truncated_json',
    ],
    ['accepted', true, 'oversized_answer compressed close_keepalive wrong_length'],
    ['accepted', true, 'late_answer slow_drip', { delayMs: 1 }],
    ['accepted', true, 'server_error_json bad_gateway_html html_200 success_null_data', { accept: true }],
    ['accepted', false, 'half_answer no_answer reset_after_acceptance'],
    ['lost', false, 'reset_before_acceptance'],
  ];

  it('says what was accepted, and what was answered, of every fault that strikes a request', async () => {
    const seen = new Set<string>();
    for (const [outcome, answered, faults, options] of CASES) {
      for (const fault of faults.split(' ')) {
        seen.add(fault);
        gate.faults.order({ fault, ...options } as FaultOrder);
        const [before, messages] = [account.ledger.length, account.messages().length];
        const answer = send(gate).catch(() => undefined);
        if (fault === 'no_answer') await until(() => account.ledger.length > before);
        else await answer;
        const entry = account.ledger.at(-1);
        assert.deepEqual([entry?.outcome, entry?.fault, entry?.answered], [outcome, fault, answered]);
        assert.equal(account.ledger.length, before + 1);
        assert.equal(account.messages().length - messages, outcome === 'accepted' ? 1 : 0, fault);
        assert.equal(entry?.messageId !== undefined, outcome === 'accepted');
      }
    }
    const ofConnections = ['reset_on_connect', 'tls_hang', 'tls_failure', 'slow_handshake'];
    assert.deepEqual(
      faultNames.filter((name) => !seen.has(name)),
      ofConnections,
    );
  });

  it('says that a late answer to a client that left was not given', async () => {
    const controller = new AbortController();
    gate.faults.order({ fault: 'late_answer', delayMs: 20 });
    const { signal } = controller;
    const gone = fetch(`${gate.url}/sms/send?${new URLSearchParams(right)}`, { headers, signal });
    await until(() => account.ledger.length === 1);
    controller.abort();
    await assert.rejects(gone);
    // A later answer with the same delay is given after it would have been.
    gate.faults.order({ fault: 'late_answer', delayMs: 40 });
    await send(gate);
    assert.deepEqual(
      account.ledger.map(({ outcome, answered }) => [outcome, answered]),
      [
        ['accepted', false],
        ['accepted', true],
      ],
    );
  });

  it('is struck in the order of the orders, so many times each, only in their method, then by a plan', async () => {
    const plan: (RequestFault | undefined)[] = [{ fault: 'no_money' }, undefined];
    const seen: unknown[] = [];
    gate.faults.choose = (request) => {
      seen.push(request);
      return plan.shift();
    };
    gate.faults.order({ fault: 'no_money', times: 2 });
    gate.faults.order({ fault: 'forbidden' });
    gate.faults.order({ fault: 'server_error_json', method: 'balance' });
    assert.equal((await call(gate, 'balance')).status, 500);
    const statuses = [];
    for (let index = 0; index < 5; index += 1) statuses.push((await send(gate)).status);
    assert.deepEqual(statuses, [402, 402, 403, 402, 200]);
    assert.deepEqual(seen[0], { method: 'sms/send', number: right.number });
  });
});
