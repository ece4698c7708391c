import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import tls, { type TLSSocket } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { SmsAeroClient } from '../../../lib/smsaero/client.ts';
import { createCertificate } from '../../support/certificate.ts';

const CREDENTIALS = { email: 'owner@example.com', apiKey: 'key' };
const MESSAGE = { number: '79031234567', senderName: 'SMSAero', text: 'Код: 482913' };

const answerOf = (body: object) => {
  const text = JSON.stringify(body);
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
};
const accepted = (id: number) => answerOf({ success: true, data: { id, status: 0 }, message: null });
const REFUSED = answerOf({ success: false, data: null, message: 'Not enough money' });

const certificate = await createCertificate();

/** A gate that writes something on its first connection before anybody asks, and accepts what it is asked. */
async function startGate(test: TestContext, stray: string) {
  const sockets: TLSSocket[] = [];
  const written = Promise.withResolvers<void>();
  let messages = 0;
  const server = tls.createServer(certificate, (socket) => {
    sockets.push(socket.on('error', () => undefined));
    if (sockets.length === 1) socket.write(stray, () => written.resolve());
    socket.on('data', () => {
      messages += 1;
      socket.write(accepted(messages));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/v2`,
    written: written.promise,
    messages: () => messages,
  };
}

describe('an answer that is there before the request', { timeout: 30_000 }, () => {
  for (const [name, stray] of [
    ['a refusal', REFUSED],
    ['an acceptance', accepted(999)],
    ['a 408', 'HTTP/1.1 408 Request Time-out\r\nContent-Length: 0\r\n\r\n'],
  ] as const) {
    it(`is not its answer: ${name}, on a connection that was opened early`, async (test) => {
      const gates = [await startGate(test, stray), await startGate(test, stray)];
      const client = new SmsAeroClient({ gates: gates.map(({ url }) => url), ca: certificate.cert });
      test.after(() => client.close());
      client.prepare();
      await gates[0]?.written;
      for (let turn = 0; turn < 50; turn += 1) await nextTurn(); // loopback: it is in the client's socket by then
      const { result } = await client.send(CREDENTIALS, MESSAGE, Date.now() + 20_000);
      assert.deepEqual([result.status, 'messageId' in result && result.messageId], ['accepted', '1']);
      assert.deepEqual(
        gates.map((gate) => gate.messages()),
        [1, 0],
      );
    });
  }

  it('is not its answer on a connection of a process that was frozen meanwhile', async (test) => {
    const wrote = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(GATE, {
      eval: true,
      workerData: { wrote, accepted: accepted(1), stray: REFUSED },
    });
    test.after(() => worker.terminate());
    const [port] = (await once(worker, 'message')) as [number];
    const client = new SmsAeroClient({ gates: [`http://127.0.0.1:${port}/v2`] });
    test.after(() => client.close());
    const send = async () => (await client.send(CREDENTIALS, MESSAGE, Date.now() + 20_000)).result.status;
    assert.equal(await send(), 'accepted');
    await nextTurn();
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
