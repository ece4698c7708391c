import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { after, afterEach, beforeEach, describe, it, mock } from 'node:test';
import { SmsAeroClient } from '../../../lib/smsaero/client.ts';
import { listen } from '../../../local/loopback.ts';
import { createCertificate } from '../../support/certificate.ts';
import { type ConnectProxy, startConnectProxy } from '../../support/connect-proxy.ts';
import { ACCEPTED, CREDENTIALS, MESSAGE, type PlainGate, startPlainGate } from '../../support/plain-gate.ts';
import { startStack } from '../../support/stack.ts';

const certificate = await createCertificate();

const SENT = ['accepted', undefined];

describe('gates behind a proxy', () => {
  let gates: readonly [PlainGate, PlainGate];
  let proxy: ConnectProxy;
  let client: SmsAeroClient | undefined;
  let restore: () => void = () => undefined;

  beforeEach(async () => {
    gates = [await startPlainGate(certificate), await startPlainGate(certificate)];
    proxy = await startConnectProxy();
    useProxy({ HTTPS_PROXY: proxy.url });
  });
  afterEach(async () => {
    client?.close();
    restore();
    await Promise.all([...gates.map((gate) => gate.close()), proxy.close()]);
  });

  /** Does what NODE_USE_ENV_PROXY=1 does with these variables, and makes the client. */
  function useProxy(variables: Record<string, string>) {
    restore();
    client?.close();
    restore = http.setGlobalProxyFromEnv(variables);
    client = new SmsAeroClient({ gates: gates.map(({ url }) => url), ca: certificate.cert });
  }
  async function send() {
    assert.ok(client);
    const report = await client.send(CREDENTIALS, MESSAGE, Date.now() + 5_000);
    const { status, ...reasons } = report.result;
    const causes = report.skipped.map(({ cause }) => cause);
    await new Promise((resolve) => setImmediate(resolve)); // the agent takes the connection back
    return [status, 'reason' in reasons ? reasons.reason : undefined, ...causes];
  }
  const targets = () => proxy.tunnels.map(({ target }) => target);
  const targetOf = ({ port }: PlainGate) => `127.0.0.1:${port}`;

  it('are reached by a tunnel, which is used again', async () => {
    for (let index = 0; index < 2; index += 1) assert.deepEqual(await send(), SENT);
    assert.deepEqual(targets(), [targetOf(gates[0])]);
    assert.deepEqual([gates[0].connections.length, gates[0].requests.length], [1, 2]);
    assert.deepEqual([proxy.stray, proxy.others], [[], []]);
  });

  it('have no connection opened ahead: the message opens the tunnel', async () => {
    client?.prepare();
    assert.deepEqual(await send(), SENT);
    assert.deepEqual([targets(), gates[0].connections.length], [[targetOf(gates[0])], 1]);
  });

  it('get as many tunnels as there are messages at the same time', async () => {
    const sent = await Promise.all([send(), send(), send()]);
    assert.deepEqual(sent, Array(3).fill(SENT));
    assert.equal(targets().length, 3);
  });

  for (const [answer, cause] of [
    [407, 'PROXY_407'],
    [502, 'PROXY_502'],
    ['close', 'ERR_PROXY_TUNNEL'],
    ['open_and_close', 'ECONNRESET'],
  ] as const) {
    it(`a tunnel that fails (${answer}): nothing was written, and the next gate is asked`, async () => {
      proxy.choose = (target) => (target === targetOf(gates[0]) ? answer : 'open');
      assert.deepEqual(await send(), [...SENT, cause]);
      assert.deepEqual(targets(), [targetOf(gates[0]), targetOf(gates[1])]);
      assert.deepEqual([gates[0].connections.length, gates[1].requests.length], [0, 1]);
      // Not more than the beginning of a TLS handshake, and that only where the proxy said that the tunnel was open.
      if (answer !== 'open_and_close') assert.deepEqual(proxy.stray, []);
    });
  }

  it('the proxy is not there: the message was not sent, for certain', async () => {
    const { authority, close } = await listen(net.createServer());
    await close();
    useProxy({ HTTPS_PROXY: `http://${authority}` });
    assert.deepEqual(await send(), ['failed', 'unavailable', 'ECONNREFUSED', 'ECONNREFUSED']);
  });

  it('a proxy that answers instead of a gate gets no message', async (test) => {
    const impostor = await startPlainGate(await createCertificate());
    test.after(impostor.close);
    proxy.detour = impostor.port;
    const [status, reason, ...causes] = await send();
    assert.deepEqual([status, reason, causes.length], ['failed', 'unavailable', 2]);
    assert.ok(
      causes.every((cause) => /SELF_SIGNED|UNABLE_TO_VERIFY|SIGNATURE/.test(String(cause))),
      String(causes),
    );
    assert.deepEqual(impostor.requests, []);
  });

  it('a tunnel that breaks after the message was written: it may have been sent, and is not sent again', async () => {
    gates[0].answers = false;
    gates[0].server.on('request', () => proxy.cut());
    assert.deepEqual(await send(), ['unknown', 'no_answer']);
    assert.deepEqual(targets(), [targetOf(gates[0])]);
    assert.equal(gates[1].connections.length, 0);
  });

  it('a gate of NO_PROXY is connected to without the proxy', async () => {
    useProxy({ HTTPS_PROXY: proxy.url, NO_PROXY: `example.com,${targetOf(gates[0])}` });
    for (let index = 0; index < 2; index += 1) assert.deepEqual(await send(), SENT);
    assert.deepEqual([targets(), gates[0].connections.length], [[], 1]);
    await gates[0].close();
    useProxy({ HTTPS_PROXY: proxy.url, NO_PROXY: `example.com,${targetOf(gates[0])}` });
    assert.deepEqual(await send(), [...SENT, 'ECONNREFUSED']);
    assert.deepEqual(targets(), [targetOf(gates[1])], 'the other gate has the proxy');
  });

  describe('on a clock that the test moves', () => {
    beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
    afterEach(() => mock.timers.reset());
    const until = async (isSo: () => boolean) => {
      while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
    };

    it('a tunnel that the proxy never opens is closed in the end', async () => {
      proxy.choose = (target) => (target === targetOf(gates[0]) ? 'hang' : 'open');
      const sent = send();
      await until(() => proxy.tunnels.length === 1);
      mock.timers.tick(5_000);
      assert.deepEqual(await sent, [...SENT, 'CONNECT_TIMEOUT']);
      assert.equal(proxy.waiting.size, 1);
      mock.timers.tick(25_000);
      await until(() => proxy.waiting.size === 0);
    });

    it('a tunnel, and a connection without one, stay for as long as a message waits for its answer', async () => {
      for (const noProxy of ['', targetOf(gates[0])]) {
        useProxy({ HTTPS_PROXY: proxy.url, NO_PROXY: noProxy });
        let answer: () => void = () => undefined;
        gates[0].answers = false;
        const asked = once(gates[0].server, 'request').then(([, response]) => {
          answer = () => response.end(ACCEPTED);
        });
        const sent = client?.send(CREDENTIALS, MESSAGE, Date.now() + 60_000);
        await asked;
        mock.timers.tick(30_000);
        answer();
        assert.equal((await sent)?.result.status, 'accepted', noProxy);
      }
      assert.equal(proxy.tunnels.length, 1);
    });
  });

  it('the name and the password of a proxy are sent to it', async () => {
    useProxy({ HTTPS_PROXY: proxy.url.replace('//', '//lambda:s%40fe@') });
    assert.deepEqual(await send(), SENT);
    const expected = `Basic ${Buffer.from('lambda:s@fe').toString('base64')}`;
    assert.equal(proxy.tunnels[0]?.headers['proxy-authorization'], expected);
    assert.equal(proxy.tunnels[0]?.headers.authorization, undefined, 'not the key of SMS Aero');
  });
});

describe('sms-hook behind a proxy', async () => {
  const proxy = await startConnectProxy();
  after(() => proxy.close());

  for (const [variables, tunnels] of [
    [{ NODE_USE_ENV_PROXY: '1' }, 1],
    [{}, 0],
  ] as const) {
    it(`opens ${tunnels} tunnels with HTTPS_PROXY and ${JSON.stringify(variables)}`, async () => {
      proxy.tunnels.length = 0;
      const environment = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, ...variables };
      const stack = await startStack({ https: true, environment });
      try {
        assert.equal((await stack.logto()).statusCode, 200);
        assert.deepEqual([proxy.tunnels.length, stack.account.messages().length], [tunnels, 1]);
        assert.deepEqual(proxy.others, [], 'AWS is called without the proxy');
      } finally {
        await stack.close();
      }
    });
  }
});
