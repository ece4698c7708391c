import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { SmsAeroClient } from '../../../lib/smsaero/client.ts';
import { createCertificate } from '../../support/certificate.ts';

const CREDENTIALS = { email: 'owner@example.com', apiKey: 'key' };
const MESSAGE = { number: '79031234567', senderName: 'SMSAero', text: 'Код: 482913' };
const ACCEPTED = JSON.stringify({ success: true, data: { id: 1, status: 0, cost: 1 }, message: null });

describe('connections to a gate', () => {
  let server: http.Server;
  let client: SmsAeroClient;
  let connections: number;
  let requests: http.IncomingMessage[];
  let headers: Record<string, string>;

  beforeEach(async () => {
    connections = 0;
    requests = [];
    headers = {};
    server = http.createServer((request, response) => {
      requests.push(request);
      request.resume().on('end', () => response.writeHead(200, headers).end(ACCEPTED));
    });
    server.keepAliveTimeout = 60_000;
    server.on('connection', () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    client = new SmsAeroClient({ gates: [`http://127.0.0.1:${(server.address() as AddressInfo).port}/v2`] });
  });
  afterEach(async () => {
    mock.timers.reset();
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const send = async () => {
    const { result } = await client.send(CREDENTIALS, MESSAGE, Date.now() + 2_000);
    assert.equal(result.status, 'accepted');
    await new Promise((resolve) => setImmediate(resolve)); // the agent takes the connection back
  };

  it('are used again', async () => {
    await send();
    await send();
    assert.equal(connections, 1);
  });

  it('are used again over TLS: one handshake', async (test) => {
    let handshakes = 0;
    const certificate = await createCertificate();
    const secure = https.createServer(certificate, (request, response) => {
      request.resume().on('end', () => response.end(ACCEPTED));
    });
    secure.on('secureConnection', () => {
      handshakes += 1;
    });
    test.after(() => {
      secure.closeAllConnections();
      secure.close();
    });
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    client = new SmsAeroClient({
      gates: [`https://127.0.0.1:${(secure.address() as AddressInfo).port}/v2`],
      ca: certificate.cert,
    });
    await send();
    await send();
    assert.equal(handshakes, 1);
  });

  it('are not trusted after four seconds of the wall clock, frozen or not', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    await send();
    mock.timers.tick(3_900);
    await send();
    assert.equal(connections, 1);
    mock.timers.tick(4_100);
    await send();
    assert.equal(connections, 2);
  });

  it('are trusted for less where the gate says so', async () => {
    headers = { 'Keep-Alive': 'timeout=2' };
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    await send();
    mock.timers.tick(1_100);
    await send();
    assert.equal(connections, 2);
  });

  it('carry what SMS Aero wants to see, and the key in a header alone', async () => {
    await send();
    const [request] = requests;
    assert.equal(request?.method, 'POST');
    assert.equal(request?.url, '/v2/sms/send');
    assert.equal(
      request?.headers.authorization,
      `Basic ${Buffer.from('owner@example.com:key').toString('base64')}`,
    );
    assert.equal(request?.headers.accept, 'application/json');
    assert.equal(request?.headers['content-type'], 'application/json');
    assert.match(request?.headers['user-agent'] ?? '', /^smsaero-lambda\/\d+\.\d+\.\d+$/);
  });
});
