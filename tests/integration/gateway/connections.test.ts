import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import tls from 'node:tls';
import { Worker } from 'node:worker_threads';
import { SmsAeroClient } from '../../../lib/smsaero/client.ts';
import { listen } from '../../../local/loopback.ts';
import { createCertificate } from '../../support/certificate.ts';
import { CREDENTIALS, MESSAGE, type PlainGate, startPlainGate } from '../../support/plain-gate.ts';

const certificate = await createCertificate();

const answerOf = (body: object) => {
  const text = JSON.stringify(body);
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
};
const accepted = (id: number) => answerOf({ success: true, data: { id, status: 0 }, message: null });
const REFUSED = answerOf({ success: false, data: null, message: 'Not enough money' });

let client: SmsAeroClient;
async function send() {
  const { result } = await client.send(CREDENTIALS, MESSAGE, Date.now() + 20_000);
  await nextTurn(); // the agent takes the connection back
  return result.status;
}
/** On loopback what was written or closed is in the client's socket by then. */
async function manyTurns() {
  for (let turn = 0; turn < 50; turn += 1) await nextTurn();
}
afterEach(() => {
  mock.timers.reset();
  client.close();
});

for (const [protocol, certified] of [
  ['http', undefined],
  ['https', certificate],
] as const) {
  describe(`connections to a gate over ${protocol}`, () => {
    let gate: PlainGate;
    beforeEach(async () => {
      gate = await startPlainGate(certified);
      client = new SmsAeroClient({ gates: [gate.url], ca: certificate.cert });
    });
    afterEach(() => gate.close());

    it('are used again, not trusted after four seconds of the wall clock, and closed in the end', async () => {
      mock.timers.enable({ apis: ['Date'], now: Date.now() });
      await send();
      mock.timers.tick(3_900);
      await send();
      assert.equal(gate.connections.length, 1);
      mock.timers.tick(4_100);
      await send();
      assert.equal(gate.connections.length, 2);
      const [, last] = gate.connections;
      client.close();
      if (last && !last.destroyed) await once(last.resume(), 'close');
    });

    it('are trusted for less where the gate says so', async () => {
      gate.headers = { 'Keep-Alive': 'timeout=2' };
      mock.timers.enable({ apis: ['Date'], now: Date.now() });
      await send();
      mock.timers.tick(1_100);
      await send();
      assert.equal(gate.connections.length, 2);
    });

    it('carry what SMS Aero wants to see, and the key in a header alone', async () => {
      await send();
      const { method, url, headers } = gate.requests[0] ?? assert.fail();
      assert.deepEqual([method, url], ['POST', '/v2/sms/send']);
      const { email, apiKey } = CREDENTIALS;
      assert.equal(headers.authorization, `Basic ${Buffer.from(`${email}:${apiKey}`).toString('base64')}`);
      assert.deepEqual([headers.accept, headers['content-type']], Array(2).fill('application/json'));
      assert.match(headers['user-agent'] ?? '', /^smsaero-lambda\/\d+\.\d+\.\d+$/);
    });
  });
}

describe('a connection that is opened ahead of the first message', () => {
  let gate: PlainGate;
  beforeEach(async () => {
    gate = await startPlainGate(certificate);
    client = new SmsAeroClient({ gates: [gate.url], ca: certificate.cert });
  });
  afterEach(() => gate.close());
  const seen = () => [gate.connections.length, gate.requests.length];
  const prepared = async () => {
    const connected = once(gate.server, 'secureConnection');
    client.prepare();
    await connected;
  };

  it('carries that message, and writes nothing before', async () => {
    await prepared();
    assert.deepEqual(seen(), [1, 0]);
    assert.equal(await send(), 'accepted');
    assert.deepEqual(seen(), [1, 1]);
  });

  it('is waited for by a message that comes during the handshake', async () => {
    client.prepare();
    assert.equal(await send(), 'accepted');
    assert.deepEqual(seen(), [1, 1]);
  });

  it('carries one message only: another at the same time has its own connection', async () => {
    await prepared();
    assert.deepEqual(await Promise.all([send(), send(), send()]), Array(3).fill('accepted'));
    assert.deepEqual(seen(), [3, 3]);
  });

  it('is not trusted after four seconds of the wall clock', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    await prepared();
    mock.timers.tick(4_100);
    assert.equal(await send(), 'accepted');
    assert.deepEqual(seen(), [2, 1]);
  });

  it('is replaced when the gate has closed it', async () => {
    await prepared();
    gate.connections[0]?.destroy();
    await manyTurns();
    assert.equal(await send(), 'accepted');
    assert.deepEqual(seen(), [2, 1]);
  });

  it('gets no message when its certificate is not trusted', async () => {
    client = new SmsAeroClient({ gates: [gate.url], ca: (await createCertificate()).cert });
    client.prepare();
    assert.equal(await send(), 'failed');
    assert.equal(gate.requests.length, 0);
  });

  it('takes no answer that was there before the request', async (test) => {
    const written = Promise.withResolvers<void>();
    const messages: Buffer[] = [];
    let connections = 0;
    const server = tls.createServer(certificate, (socket) => {
      connections += 1;
      if (connections === 1) socket.write(accepted(999), () => written.resolve());
      socket
        .on('error', () => undefined)
        .on('data', (data) => {
          messages.push(data);
          socket.write(accepted(messages.length));
        });
    });
    const { port, close } = await listen(server);
    test.after(close);
    client = new SmsAeroClient({ gates: [`https://localhost:${port}/v2`, gate.url], ca: certificate.cert });
    client.prepare();
    await written.promise;
    await manyTurns();
    const { result } = await client.send(CREDENTIALS, MESSAGE, Date.now() + 20_000);
    assert.deepEqual([result.status, 'messageId' in result && result.messageId], ['accepted', '1']);
    assert.deepEqual([messages.length, gate.requests.length], [1, 0]);
  });
});

describe('a connection of a process that was frozen', () => {
  let worker: Worker;
  const wrote = new Int32Array(new SharedArrayBuffer(4));
  before(async () => {
    worker = new Worker(GATE, { eval: true, workerData: { wrote, accepted: accepted(1), stray: REFUSED } });
    const [port] = (await once(worker, 'message')) as [number];
    client = new SmsAeroClient({ gates: [`http://127.0.0.1:${port}/v2`] });
  });
  after(() => worker.terminate());

  it('takes no answer that came meanwhile', async () => {
    assert.equal(await send(), 'accepted');
    worker.postMessage('write');
    Atomics.wait(wrote, 0, 0, 20_000); // Lambda freezes the process: no turn of its event loop
    assert.equal(await send(), 'accepted');
  });
});

/** A gate in a thread of its own: it accepts each message, and writes a refusal when it is told. */
const GATE = `
const net = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');
const sockets = [];
const server = net.createServer((socket) => {
  sockets.push(socket.on('error', () => undefined));
  socket.on('data', () => socket.write(workerData.accepted));
});
parentPort.on('message', () =>
  sockets[0].write(workerData.stray, () => {
    Atomics.store(workerData.wrote, 0, 1);
    Atomics.notify(workerData.wrote, 0);
  }));
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;
