import assert from 'node:assert/strict';
import { once } from 'node:events';
import https from 'node:https';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import tls from 'node:tls';
import { type Account, createAccount, type Gate, startGate } from '../../../local/simulator/index.ts';
import { type Certificate, createCertificate } from '../../support/certificate.ts';
import { apiKey, email, errorCodeOf, isReset, send, until } from './client.ts';

describe('a gate that speaks TLS', () => {
  let certificate: Certificate;
  let account: Account;
  let gate: Gate;
  const agents: https.Agent[] = [];
  before(async () => {
    certificate = await createCertificate();
  });
  beforeEach(async () => {
    account = createAccount({ email, apiKey });
    gate = await startGate(account, { tls: certificate });
  });
  afterEach(() => gate.close());
  after(() => {
    for (const agent of agents) agent.destroy();
  });
  const trusting = () => ({ ca: certificate.cert });

  it('answers who trusts its certificate, and nobody else', async () => {
    assert.match(gate.url, /^https:\/\/127\.0\.0\.1:\d+\/v2$/);
    const answer = await send(gate, {}, trusting());
    assert.equal(answer.json.data.number, '79031234567');
    const other = await createCertificate();
    assert.equal(await errorCodeOf(send(gate, {}, { ca: other.cert })), 'DEPTH_ZERO_SELF_SIGNED_CERT');
    assert.equal(account.ledger.length, 1);
  });

  it('keeps a connection alive, resets it below TLS after acceptance', async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    agents.push(agent);
    const options = { ...trusting(), agent };
    assert.equal((await send(gate, {}, options)).status, 200);
    gate.faults.order({ fault: 'reset_after_acceptance' });
    assert.equal(await isReset(send(gate, {}, options)), true);
    gate.faults.order({ fault: 'reset_before_acceptance' });
    assert.equal(await isReset(send(gate, {}, options)), true);
    assert.deepEqual(
      account.ledger.map(({ outcome }) => outcome),
      ['accepted', 'accepted', 'lost'],
    );
  });

  for (const fault of ['half_answer', 'no_answer'] as const) {
    it(`${fault} accepts and gives no whole answer`, async () => {
      gate.faults.order({ fault });
      const answer = errorCodeOf(send(gate, {}, trusting()));
      await until(() => account.messages().length === 1);
      if (fault === 'no_answer') await gate.close();
      assert.equal(await answer, 'ECONNRESET');
      assert.equal(account.ledger[0]?.answered, false);
    });
  }

  it('tls_hang connects and never answers the handshake', async () => {
    gate.faults.order({ fault: 'tls_hang' });
    const socket = tls.connect({ port: gate.port, host: '127.0.0.1', ca: certificate.cert });
    let isSecure = false;
    socket.once('secureConnect', () => {
      isSecure = true;
    });
    await new Promise((resolve) => socket.once('connect', resolve));
    const closed = new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.once('error', () => {});
    });
    // The next client is served: the hang is one connection's.
    assert.equal((await send(gate, {}, trusting())).status, 200);
    assert.equal(isSecure, false);
    assert.equal(socket.destroyed, false);
    await gate.close();
    await closed;
    assert.equal(account.ledger.length, 1);
  });

  it('slow_handshake answers the handshake late, and everything after it', async () => {
    gate.faults.order({ fault: 'slow_handshake', delayMs: 1_000 });
    const socket = tls.connect({ port: gate.port, host: '127.0.0.1', ca: certificate.cert });
    await once(socket, 'connect');
    // The next client has its answer while this one still waits for the handshake.
    assert.equal((await send(gate, {}, trusting())).status, 200);
    assert.equal(socket.getPeerCertificate().raw, undefined);
    await once(socket, 'secureConnect');
    socket.destroy();
    gate.faults.order({ fault: 'slow_handshake', delayMs: 10 });
    assert.equal((await send(gate, {}, trusting())).status, 200);
  });

  it('tls_failure answers with bytes that are no TLS', async () => {
    gate.faults.order({ fault: 'tls_failure' });
    assert.match(String(await errorCodeOf(send(gate, {}, trusting()))), /^(ERR_SSL_|EPROTO)/);
    assert.equal(account.ledger.length, 0);
    assert.equal((await send(gate, {}, trusting())).status, 200);
  });
});

describe('reset_on_connect', () => {
  for (const isTls of [false, true]) {
    it(`strikes before any byte is read, ${isTls ? 'under TLS' : 'plain'}`, async () => {
      const certificate = isTls ? await createCertificate() : undefined;
      const account = createAccount({ email, apiKey });
      const gate = await startGate(account, certificate ? { tls: certificate } : {});
      const options = certificate ? { ca: certificate.cert } : {};
      gate.faults.order({ fault: 'reset_on_connect', times: 2 });
      assert.equal(await errorCodeOf(send(gate, {}, options)), 'ECONNRESET');
      assert.equal(await errorCodeOf(send(gate, {}, options)), 'ECONNRESET');
      assert.equal(account.ledger.length, 0);
      assert.equal((await send(gate, {}, options)).status, 200);
      gate.faults.chooseConnection = ({ sequence }) =>
        sequence === 4 ? { fault: 'reset_on_connect' } : undefined;
      assert.equal(await errorCodeOf(send(gate, {}, options)), 'ECONNRESET');
      assert.equal((await send(gate, {}, options)).status, 200);
      await gate.close();
    });
  }
});
