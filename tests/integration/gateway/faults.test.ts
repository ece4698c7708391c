import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SmsAeroClient } from '../../../lib/smsaero/client.ts';
import {
  type Account,
  createAccount,
  type FaultOrder,
  type Gate,
  startGate,
} from '../../../local/simulator/index.ts';
import { createCertificate } from '../../support/certificate.ts';
import { CREDENTIALS, MESSAGE } from '../../support/plain-gate.ts';

const certificate = await createCertificate();

describe('SmsAeroClient against three gates over TLS', () => {
  let account: Account;
  let gates: [Gate, Gate, Gate];
  let client: SmsAeroClient;

  beforeEach(async () => {
    account = createAccount({ ...CREDENTIALS, progress: 'frozen' });
    const start = (name: string) => startGate(account, { name, tls: certificate });
    gates = [await start('first'), await start('second'), await start('third')];
    client = new SmsAeroClient({ gates: gates.map((gate) => gate.url), ca: certificate.cert });
  });
  afterEach(async () => {
    client.close();
    await Promise.all(gates.map((gate) => gate.close()));
  });

  const send = (milliseconds = 6_000) => client.send(CREDENTIALS, MESSAGE, Date.now() + milliseconds);
  const gatesUsed = () => account.ledger.map(({ gate }) => gate);

  it('sends the message to the first gate, as SMS Aero wants it', async () => {
    const { result, gate, answer, skipped } = await send();
    const [{ id, number, from, text } = assert.fail()] = account.messages();
    const accepted = { status: 'accepted', messageId: String(id), messageStatus: 'accepted', cost: 4.19 };
    assert.deepEqual(result, accepted);
    assert.deepEqual([number, from, text], ['79031234567', 'SMSAero', 'Ваш код: 482913']);
    assert.deepEqual([gate, answer, skipped], ['127.0.0.1', 200, []]);
    assert.deepEqual(gatesUsed(), ['first']);
  });

  describe('goes to the next gate when not a byte was written', () => {
    for (const fault of ['reset_on_connect', 'tls_failure'] as const) {
      it(`after ${fault}`, async () => {
        gates[0].faults.order({ fault });
        const { result, skipped } = await send();
        assert.equal(result.status, 'accepted');
        assert.equal(skipped.length, 1);
        assert.deepEqual(gatesUsed(), ['second']);
      });
    }

    /** Sends by gates in this order that the client knows by these certificates, or by the well-known ones. */
    async function sendBy(urls: string[], ca?: string) {
      const wary = new SmsAeroClient({ gates: urls, ...(ca ? { ca } : {}) });
      const report = await wary.send(CREDENTIALS, MESSAGE, Date.now() + 6_000);
      wary.close();
      return report;
    }

    it('after a name that does not resolve', async () => {
      const { result, skipped } = await sendBy(['https://gate.invalid/v2', gates[1].url], certificate.cert);
      assert.equal(result.status, 'accepted');
      assert.equal(skipped[0]?.gate, 'gate.invalid');
    });

    for (const [what, options] of [
      ['is expired', { expired: true }],
      ['is for another name', { names: ['other.example'], addresses: ['192.0.2.1'] }],
    ] as const) {
      it(`after a certificate that ${what}`, async (test) => {
        const bad = await createCertificate(options);
        const impostor = await startGate(account, { name: 'impostor', tls: bad });
        test.after(() => impostor.close());
        const trusted = [certificate.cert, bad.cert].join('\n');
        const { result, skipped } = await sendBy([impostor.url, gates[1].url], trusted);
        assert.equal(result.status, 'accepted');
        assert.match(skipped[0]?.cause ?? '', /CERT|ALTNAME/);
        assert.deepEqual(gatesUsed(), ['second']);
      });
    }

    it('after a certificate that nobody vouches for, whatever the environment says', async () => {
      process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
      const { result, skipped } = await sendBy([gates[0].url]);
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      assert.deepEqual([result, skipped.length], [{ status: 'failed', reason: 'unavailable' }, 1]);
      assert.deepEqual(account.ledger, []);
    });
  });

  describe('goes to the next gate when what answered was a refusal that is not SMS Aero’s', () => {
    // What such a refusal is: tests/unit/smsaero/answer.test.ts.
    it('and lets this one rest', async () => {
      gates[0].faults.order({ fault: 'redirect', times: 5 });
      const { result, gate, answer, skipped } = await send();
      assert.equal(result.status, 'accepted');
      assert.deepEqual([gate, answer], ['127.0.0.1', 200]);
      assert.deepEqual(skipped, [{ gate: '127.0.0.1', cause: 'HTTP_302' }]);
      assert.deepEqual((await send()).skipped, []);
      assert.deepEqual(gatesUsed(), ['first', 'second', 'second']);
      assert.equal(account.messages().length, 2);
    });

    it('and says why nothing was sent where every gate answers so', async () => {
      for (const gate of gates) gate.faults.order({ fault: 'block_page', retryAfter: 60 });
      const { result, gate, answer, skipped } = await send();
      assert.deepEqual(result, { status: 'failed', reason: 'malformed_answer', retryAfter: 60 });
      assert.deepEqual([gate, answer], ['127.0.0.1', 403]);
      assert.deepEqual(skipped, Array(2).fill({ gate: '127.0.0.1', cause: 'HTTP_403' }));
      assert.deepEqual(gatesUsed(), ['first', 'second', 'third']);
      assert.equal(account.messages().length, 0);
    });

    it('and says so where no other gate can be reached', async () => {
      gates[0].faults.order({ fault: 'block_page' });
      gates[1].faults.order({ fault: 'tls_failure' });
      await gates[2].close();
      const { result, answer, skipped } = await send();
      assert.deepEqual([result, answer], [{ status: 'failed', reason: 'malformed_answer' }, 403]);
      assert.equal(skipped.length, 2);
      assert.equal(skipped[1]?.cause, 'ECONNREFUSED');
    });

    it('and stops at what SMS Aero says, or may have taken', async () => {
      gates[0].faults.order({ fault: 'block_page', times: 2 });
      gates[1].faults.order({ fault: 'no_money' });
      assert.deepEqual((await send()).result, { status: 'failed', reason: 'no_money' });
      gates[1].faults.order({ fault: 'reset_after_acceptance' });
      assert.deepEqual((await send()).result, { status: 'unknown', reason: 'no_answer' });
      assert.deepEqual(gatesUsed(), ['first', 'second', 'second']);
    });

    it('and does not where there is no time left for an answer', async (test) => {
      test.mock.timers.enable({ apis: ['Date'], now: Date.now() });
      gates[0].faults.order({ fault: 'block_page', delayMs: 300 });
      const sending = send(10_000);
      while (gatesUsed().length === 0) await nextTurn();
      test.mock.timers.tick(9_900);
      assert.deepEqual((await sending).result, { status: 'failed', reason: 'malformed_answer' });
      assert.deepEqual(gatesUsed(), ['first']);
    });

    it('whatever is asked', async () => {
      const { result } = await send();
      assert.ok(result.status === 'accepted');
      const status = () => client.status(CREDENTIALS, result.messageId, Date.now() + 6_000);
      gates[0].faults.order({ fault: 'block_page', method: 'sms/status' });
      assert.equal((await status()).status, 'known');
      for (const { faults } of gates) faults.order({ fault: 'block_page', method: 'sms/status' });
      assert.deepEqual(await status(), { status: 'unavailable' });
    });
  });

  describe('waits for a connection as long as the deadline allows', () => {
    it('800 ms of 10 s: the first gate has it', async () => {
      for (const { faults } of gates) faults.order({ fault: 'slow_handshake', delayMs: 800, times: 5 });
      const { result, skipped } = await send(10_000);
      assert.deepEqual([result.status, skipped], ['accepted', []]);
    });

    it('and leaves time for the third gate where two are dead, which come last then', async () => {
      for (const gate of [gates[0], gates[1]]) gate.faults.order({ fault: 'tls_hang' });
      const { result, skipped } = await send(4_000);
      assert.equal(result.status, 'accepted');
      assert.deepEqual(skipped, Array(2).fill({ gate: '127.0.0.1', cause: 'CONNECT_TIMEOUT' }));
      assert.deepEqual((await send()).skipped, []);
      assert.deepEqual(gatesUsed(), ['third', 'third']);
    });
  });

  it('tries all gates, says that nothing was sent, and goes back to a gate that is reached again', async () => {
    for (const gate of gates) gate.faults.order({ fault: 'reset_on_connect' });
    const { result, skipped, gate } = await send();
    assert.deepEqual(result, { status: 'failed', reason: 'unavailable' });
    assert.deepEqual([skipped.length, gate, account.ledger], [3, undefined, []]);
    gates[0].faults.order({ fault: 'reset_on_connect' });
    assert.equal((await send()).skipped.length, 1);
    assert.equal((await send()).skipped.length, 0);
    assert.deepEqual(gatesUsed(), ['second', 'second']);
  });

  it('gives a gate only the time that is left to connect, and does not hold that against it', async () => {
    gates[0].faults.order({ fault: 'tls_hang' });
    const { result, skipped } = await send(500);
    assert.deepEqual(result, { status: 'failed', reason: 'unavailable' });
    assert.deepEqual(skipped, [{ gate: '127.0.0.1', cause: 'CONNECT_TIMEOUT' }]);
    assert.deepEqual((await send()).skipped, []);
    assert.deepEqual(gatesUsed(), ['first']);
  });

  it('does not write when there is no time left for an answer', async () => {
    const { result } = await send(150);
    assert.deepEqual(result, { status: 'failed', reason: 'unavailable' });
    assert.deepEqual(account.ledger, []);
  });

  describe('never sends again what was written', () => {
    // What each answer says: tests/unit/smsaero/answer.test.ts, and byte by byte exchange.test.ts.
    for (const [order, reason] of [
      [{ fault: 'reset_before_acceptance' }, 'no_answer'],
      [{ fault: 'reset_after_acceptance' }, 'no_answer'],
      [{ fault: 'no_answer' }, 'no_answer'],
      [{ fault: 'slow_drip', delayMs: 50 }, 'no_answer'],
      [{ fault: 'server_error_json', accept: true }, 'server_error'],
      [{ fault: 'block_page', status: 200 }, 'malformed_answer'],
    ] as [FaultOrder, string][]) {
      it(`${JSON.stringify(order)}: unknown, ${reason}`, async () => {
        gates[0].faults.order(order);
        assert.deepEqual((await send(1_500)).result, { status: 'unknown', reason });
        assert.deepEqual(gatesUsed(), ['first']);
      });
    }
  });

  it('takes a refusal for what it is, with the time to wait, and does not ask another gate', async () => {
    gates[0].faults.order({ fault: 'rate_limited', retryAfter: 7 });
    assert.deepEqual((await send()).result, { status: 'failed', reason: 'rate_limited', retryAfter: 7 });
    assert.deepEqual(gatesUsed(), ['first']);
  });
});
