import assert from 'node:assert/strict';
import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { SmsAeroClient } from '../../../lib/smsaero/client.ts';
import { createCertificate } from '../../support/certificate.ts';

const CREDENTIALS = { email: 'owner@example.com', apiKey: 'key' };
const MESSAGE = { number: '79031234567', senderName: 'SMSAero', text: 'Код: 482913' };
const ACCEPTED = JSON.stringify({ success: true, data: { id: 1, status: 0, cost: 1 }, message: null });

const certificate = await createCertificate();

describe('a connection that is opened ahead of the first message', () => {
  let server: https.Server;
  let client: SmsAeroClient;
  let sockets: TLSSocket[];
  let requests: number;

  const clientThatTrusts = (ca: string) => {
    const { port } = server.address() as AddressInfo;
    client = new SmsAeroClient({ gates: [`https://127.0.0.1:${port}/v2`], ca });
  };

  beforeEach(async () => {
    sockets = [];
    requests = 0;
    server = https.createServer(certificate, (request, response) => {
      requests += 1;
      request.resume().on('end', () => response.end(ACCEPTED));
    });
    server.on('secureConnection', (socket) => sockets.push(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    clientThatTrusts(certificate.cert);
  });
  afterEach(async () => {
    mock.timers.reset();
    client.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const send = async () => (await client.send(CREDENTIALS, MESSAGE, Date.now() + 2_000)).result.status;
  const prepared = async () => {
    const connected = once(server, 'secureConnection');
    client.prepare();
    await connected;
  };

  it('carries that message, and writes nothing before', async () => {
    await prepared();
    assert.equal(requests, 0);
    assert.equal(await send(), 'accepted');
    assert.deepEqual([sockets.length, requests], [1, 1]);
  });

  it('is waited for by a message that comes during the handshake', async () => {
    client.prepare();
    assert.equal(await send(), 'accepted');
    assert.deepEqual([sockets.length, requests], [1, 1]);
  });

  it('carries one message only: another at the same time has its own connection', async () => {
    await prepared();
    assert.deepEqual(await Promise.all([send(), send(), send()]), ['accepted', 'accepted', 'accepted']);
    assert.deepEqual([sockets.length, requests], [3, 3]);
  });

  it('is not trusted after four seconds of the wall clock', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    await prepared();
    mock.timers.tick(4_100);
    assert.equal(await send(), 'accepted');
    assert.deepEqual([sockets.length, requests], [2, 1]);
  });

  it('is replaced when the gate has closed it', async () => {
    await prepared();
    sockets[0]?.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50)); // until the client has heard of it
    assert.equal(await send(), 'accepted');
    assert.deepEqual([sockets.length, requests], [2, 1]);
  });

  it('gets no message when its certificate is not trusted', async () => {
    client.close();
    clientThatTrusts((await createCertificate()).cert);
    client.prepare();
    assert.equal(await send(), 'failed');
    assert.equal(requests, 0);
  });
});
