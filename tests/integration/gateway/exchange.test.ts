import assert from 'node:assert/strict';
import { once } from 'node:events';
import https from 'node:https';
import net, { type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { SmsAeroClient } from '../../../lib/smsaero/client.ts';
import { createCertificate } from '../../support/certificate.ts';

const CREDENTIALS = { email: 'owner@example.com', apiKey: 'key' };
const MESSAGE = { number: '79031234567', senderName: 'SMSAero', text: 'Код: 482913' };
const ACCEPTED = JSON.stringify({ success: true, data: { id: 1, status: 0, cost: 1 }, message: null });
const MAX_ANSWER_BYTES = 64 * 1024;

/** A condition that never comes true fails a test instead of hanging it. */
const BOUND = { timeout: 5_000 };

describe('an exchange with a gate, byte by byte', () => {
  let server: net.Server;
  let sockets: Socket[];
  let client: SmsAeroClient;
  /** What the gate does with a connection. */
  let serve: (socket: Socket) => void;

  beforeEach(async () => {
    sockets = [];
    server = net.createServer((socket) => {
      sockets.push(socket.on('error', () => undefined));
      serve(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    client = new SmsAeroClient({ gates: [gate('http')] });
  });
  afterEach(async () => {
    client.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const gate = (protocol: string) => `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}/v2`;
  const send = (milliseconds: number) => client.send(CREDENTIALS, MESSAGE, Date.now() + milliseconds);
  /** Serves these bytes to whatever comes, and then does something more. */
  const answer = (bytes: string, then: (socket: Socket) => void = () => undefined) => {
    serve = (socket) => void socket.once('data', () => socket.write(bytes, () => then(socket)));
  };
  /** The gate sees that the client has hung up. */
  const hungUp = async () => {
    const [socket] = sockets;
    if (socket && !socket.closed) await once(socket.resume(), 'close');
  };

  it('takes an answer of 64 KiB', async () => {
    const body = ACCEPTED.padEnd(MAX_ANSWER_BYTES, ' ');
    answer(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    assert.equal((await send(2_000)).result.status, 'accepted');
  });

  it('hangs up on an answer that is longer, and has not waited for its end', BOUND, async () => {
    answer(`HTTP/1.1 200 OK\r\n\r\n${ACCEPTED.padEnd(MAX_ANSWER_BYTES + 1, ' ')}`);
    const { result, answer: status } = await send(2_000);
    assert.deepEqual([result, status], [{ status: 'unknown', reason: 'malformed_answer' }, 200]);
    await hungUp();
  });

  it('hangs up on a gate that does not answer', BOUND, async () => {
    serve = (socket) => void socket.resume();
    const { result, answer: cause } = await send(700);
    assert.deepEqual([result, cause], [{ status: 'unknown', reason: 'no_answer' }, 'TIMEOUT']);
    await hungUp();
  });

  it(
    'writes nothing to a gate whose handshake ends when there is no time left for an answer',
    BOUND,
    async () => {
      const certificate = await createCertificate();
      const requests: unknown[] = [];
      const secure = https.createServer(certificate, (request) => requests.push(request));
      client = new SmsAeroClient({ gates: [gate('https')], ca: certificate.cert });
      // After 200 ms it has been given up; at 350 the request could still be written, and 50 ms later it would be unknown.
      const released = Promise.withResolvers<void>();
      serve = (socket) => {
        socket.pause();
        setTimeout(() => {
          secure.emit('connection', socket);
          released.resolve();
        }, 350);
      };
      const { result, skipped } = await send(400);
      assert.deepEqual(result, { status: 'failed', reason: 'unavailable' });
      assert.deepEqual(skipped, [{ gate: '127.0.0.1', cause: 'CONNECT_TIMEOUT' }]);
      await released.promise;
      await Promise.race([hungUp(), once(secure, 'request')]);
      assert.deepEqual(requests, []);
    },
  );

  it('ends at once when the gate hangs up in another way than with an error', async () => {
    answer('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const { result, answer: cause } = await send(2_000);
    assert.deepEqual([result, cause], [{ status: 'unknown', reason: 'no_answer' }, 'CLOSED']);
  });

  for (const [what, head, body] of [
    ['Content-Length', `Content-Length: ${ACCEPTED.length + 1}`, ACCEPTED],
    ['chunks', 'Transfer-Encoding: chunked', `${ACCEPTED.length.toString(16)}\r\n${ACCEPTED}\r\n`],
  ] as const) {
    it(`believes no answer that ends before it should by its ${what}`, async () => {
      answer(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${body}`, (socket) => socket.end());
      assert.deepEqual((await send(2_000)).result, { status: 'unknown', reason: 'no_answer' });
    });
  }

  it('takes an answer whose end is the end of the connection', async () => {
    answer(`HTTP/1.1 200 OK\r\n\r\n${ACCEPTED}`, (socket) => socket.end());
    assert.equal((await send(2_000)).result.status, 'accepted');
  });
});
