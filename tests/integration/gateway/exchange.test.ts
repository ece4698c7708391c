import assert from 'node:assert/strict';
import { once } from 'node:events';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import zlib from 'node:zlib';
import { SmsAeroClient } from '../../../lib/smsaero/client.ts';
import { listen } from '../../../local/loopback.ts';
import { createCertificate } from '../../support/certificate.ts';
import { ACCEPTED, CREDENTIALS, MESSAGE } from '../../support/plain-gate.ts';

const MAX_ANSWER_BYTES = 64 * 1024;

/** A condition that never comes true fails a test instead of hanging it. */
const BOUND = { timeout: 5_000 };

describe('an exchange with a gate, byte by byte', () => {
  let sockets: Socket[];
  let authority: string;
  let close: () => Promise<void>;
  let client: SmsAeroClient;
  /** What the gate does with a connection. */
  let serve: (socket: Socket) => void;

  beforeEach(async () => {
    sockets = [];
    const server = net.createServer((socket) => {
      sockets.push(socket);
      serve(socket);
    });
    ({ authority, close } = await listen(server));
    client = new SmsAeroClient({ gates: [gate('http')] });
  });
  afterEach(async () => {
    client.close();
    await close();
  });

  const gate = (protocol: string) => `${protocol}://${authority}/v2`;
  const send = (milliseconds: number) => client.send(CREDENTIALS, MESSAGE, Date.now() + milliseconds);
  /** Serves these bytes to whatever comes, and then does something more. */
  const answer = (bytes: string | Buffer, then: (socket: Socket) => void = () => undefined) => {
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
    assert.equal((await send(10_000)).result.status, 'accepted');
  });

  it('hangs up on an answer that is longer, and has not waited for its end', BOUND, async () => {
    answer(`HTTP/1.1 200 OK\r\n\r\n${ACCEPTED.padEnd(MAX_ANSWER_BYTES + 1, ' ')}`);
    const { result, answer: status } = await send(10_000);
    assert.deepEqual([result, status], [{ status: 'unknown', reason: 'malformed_answer' }, 200]);
    await hungUp();
  });

  it('hangs up on a gate that does not answer', BOUND, async () => {
    serve = (socket) => void socket.resume();
    const { result, answer: cause } = await send(700);
    assert.deepEqual([result, cause], [{ status: 'unknown', reason: 'no_answer' }, 'TIMEOUT']);
    await hungUp();
  });

  it('writes nothing to a gate whose handshake ends too late for an answer', BOUND, async () => {
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
  });

  it('ends at once when the gate hangs up in another way than with an error', async () => {
    answer('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const { result, answer: cause } = await send(10_000);
    assert.deepEqual([result, cause], [{ status: 'unknown', reason: 'no_answer' }, 'CLOSED']);
  });

  /** A whole answer in bytes. */
  const whole = (status: string, body: string | Buffer, head = '') =>
    Buffer.concat([
      Buffer.from(`HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${head}\r\n`),
      Buffer.from(body),
    ]);
  const chunk = (body: string) => (body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`);
  for (const [what, head, framed] of [
    ['Content-Length', `Content-Length: ${ACCEPTED.length + 1}`, (body: string) => body],
    ['chunks', 'Transfer-Encoding: chunked', chunk],
  ] as const) {
    it(`takes an answer that is whole as JSON, and ends before it should by its ${what}`, async () => {
      answer(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${framed(ACCEPTED)}`, (socket) => socket.end());
      assert.equal((await send(10_000)).result.status, 'accepted');
    });

    it(`takes it as well where the connection stays open, by its ${what}`, BOUND, async () => {
      answer(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${framed(ACCEPTED)}`);
      assert.equal((await send(60_000)).result.status, 'accepted');
      await hungUp();
    });

    it(`takes no beginning of an answer for one, that ends by its ${what}`, async () => {
      for (let length = 0; length < ACCEPTED.length; length += 7) {
        const beginning = ACCEPTED.slice(0, length);
        answer(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${framed(beginning)}`, (socket) => socket.end());
        assert.deepEqual((await send(10_000)).result, { status: 'unknown', reason: 'no_answer' }, beginning);
      }
    });
  }

  for (const [status, reason, what, then] of [
    ['401 Unauthorized', 'unauthorized', 'hangs up', (socket: Socket) => socket.end()],
    ['499 Client Closed Request', 'malformed_answer', 'resets', (socket: Socket) => socket.resetAndDestroy()],
    ['300 Multiple Choices', 'malformed_answer', 'falls silent', () => undefined],
  ] as const) {
    it(`knows by ${status} that nothing was sent, though the gate then ${what}`, BOUND, async () => {
      answer(`HTTP/1.1 ${status}\r\nContent-Length: 5000\r\n\r\n{"success":fal`, then);
      const { result, answer: code } = await send(60_000);
      assert.deepEqual([result, code], [{ status: 'failed', reason }, Number(status.slice(0, 3))]);
    });
  }

  it('does not know by a status of 5xx whether something was sent', async () => {
    answer('HTTP/1.1 500 Broken\r\nContent-Length: 5000\r\n\r\n<html>', (socket) => socket.end());
    assert.equal((await send(10_000)).result.status, 'unknown');
  });

  it('reads a page of a refusal that is longer than the limit as what it is', BOUND, async () => {
    answer(`HTTP/1.1 403 Forbidden\r\n\r\n${'<html>'.padEnd(MAX_ANSWER_BYTES + 1, ' ')}`);
    const { result, answer: code } = await send(10_000);
    assert.deepEqual([result, code], [{ status: 'failed', reason: 'malformed_answer' }, 403]);
    await hungUp();
  });

  for (const [coding, bytes] of [
    ['GZIP', zlib.gzipSync(ACCEPTED)],
    ['deflate', zlib.deflateSync(ACCEPTED)],
    ['br', zlib.brotliCompressSync(ACCEPTED)],
    ['zstd', zlib.zstdCompressSync(ACCEPTED)],
    ['gzip', ACCEPTED],
    ['aws-chunked', ACCEPTED],
  ] as const) {
    const what = typeof bytes === 'string' ? 'that is not compressed' : 'that is';
    it(`understands an answer ${what}, under Content-Encoding: ${coding}`, async () => {
      answer(whole('200 OK', bytes, `Content-Encoding: ${coding}\r\n`));
      assert.equal((await send(10_000)).result.status, 'accepted');
    });
  }

  it('knows SMS Aero’s refusal although it is compressed', async () => {
    const refusal = JSON.stringify({ success: false, data: null, message: 'Not enough money' });
    answer(whole('400 Bad Request', zlib.gzipSync(refusal), 'Content-Encoding: gzip\r\n'));
    assert.deepEqual((await send(10_000)).result, { status: 'failed', reason: 'no_money' });
  });

  it('does not know what a compressed answer says that is broken, or too long', async () => {
    const bomb = zlib.gzipSync(ACCEPTED.padEnd(50 * MAX_ANSWER_BYTES, ' '));
    for (const bytes of [
      bomb,
      zlib.gzipSync(ACCEPTED.slice(0, 20)),
      zlib.gzipSync(ACCEPTED).subarray(0, 30),
    ]) {
      answer(whole('200 OK', bytes, 'Content-Encoding: gzip\r\nConnection: close\r\n'));
      assert.deepEqual((await send(10_000)).result, { status: 'unknown', reason: 'malformed_answer' });
    }
  });

  it('reads a compressed answer whose end is missing, if its JSON is whole', async () => {
    const bytes = zlib.gzipSync(ACCEPTED);
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bytes.length}\r\n\r\n`;
    answer(Buffer.concat([Buffer.from(head), bytes.subarray(0, -8)]), (socket) => socket.end());
    assert.equal((await send(10_000)).result.status, 'accepted');
  });

  it('takes an answer in one packet with the end of the connection, behind 103 Early Hints', async () => {
    const bytes = `HTTP/1.1 103 Early Hints\r\n\r\n${whole('200 OK', ACCEPTED, 'Connection: close\r\n')}`;
    serve = (socket) => void socket.once('data', () => socket.end(bytes));
    assert.equal((await send(10_000)).result.status, 'accepted');
  });
});
