import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { SmsAeroClient } from '../../../lib/smsaero/client.ts';
import { createCertificate } from '../../support/certificate.ts';
import { type ConnectProxy, startConnectProxy } from '../../support/connect-proxy.ts';
import { startStack } from '../../support/stack.ts';

const CREDENTIALS = { email: 'owner@example.com', apiKey: 'key' };
const MESSAGE = { number: '79031234567', senderName: 'SMSAero', text: 'Код: 482913' };
const ACCEPTED = JSON.stringify({ success: true, data: { id: 1, status: 0, cost: 1 }, message: null });

const certificate = await createCertificate();

/** A gate that counts what reaches it. */
async function startGate(tls = certificate) {
  const seen = { connections: 0, requests: 0, answers: true };
  const server = https.createServer(tls, (request, response) => {
    seen.requests += 1;
    request.resume().on('end', () => seen.answers && response.end(ACCEPTED));
  });
  server.on('connection', () => {
    seen.connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { seen, server, port, target: `127.0.0.1:${port}`, url: `https://127.0.0.1:${port}/v2`, close };
}
type Gate = Awaited<ReturnType<typeof startGate>>;

describe('gates behind a proxy', () => {
  let gates: readonly [Gate, Gate];
  let proxy: ConnectProxy;
  let client: SmsAeroClient | undefined;
  let restore: () => void = () => undefined;

  beforeEach(async () => {
    gates = [await startGate(), await startGate()];
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

  it('are reached by a tunnel, which is used again', async () => {
    assert.deepEqual(
      [await send(), await send()],
      [
        ['accepted', undefined],
        ['accepted', undefined],
      ],
    );
    assert.deepEqual(targets(), [gates[0].target]);
    assert.deepEqual(gates[0].seen, { connections: 1, requests: 2, answers: true });
    assert.deepEqual([proxy.stray, proxy.others], [[], []]);
  });

  it('have no connection opened ahead: the message opens the tunnel', async () => {
    client?.prepare();
    assert.deepEqual(await send(), ['accepted', undefined]);
    assert.deepEqual([targets(), gates[0].seen.connections], [[gates[0].target], 1]);
  });

  it('get as many tunnels as there are messages at the same time', async () => {
    const sent = await Promise.all([send(), send(), send()]);
    assert.deepEqual(sent, Array(3).fill(['accepted', undefined]));
    assert.equal(targets().length, 3);
  });

  for (const [answer, cause] of [
    [407, 'PROXY_407'],
    [403, 'PROXY_403'],
    [502, 'PROXY_502'],
    ['close', 'ERR_PROXY_TUNNEL'],
    ['open_and_close', 'ECONNRESET'],
    ['hang', 'CONNECT_TIMEOUT'],
  ] as const) {
    it(`a tunnel that fails (${answer}): nothing was written, and the next gate is asked`, async () => {
      proxy.choose = (target) => (target === gates[0].target ? answer : 'open');
      assert.deepEqual(await send(), ['accepted', undefined, cause]);
      assert.deepEqual(targets(), [gates[0].target, gates[1].target]);
      assert.deepEqual([gates[0].seen.connections, gates[1].seen.requests], [0, 1]);
      // Not more than the beginning of a TLS handshake, and that only where the proxy said that the tunnel was open.
      if (answer !== 'open_and_close') assert.deepEqual(proxy.stray, []);
    });
  }

  it('all refused: the message was not sent, for certain', async () => {
    proxy.choose = () => 407;
    assert.deepEqual(await send(), ['failed', 'unavailable', 'PROXY_407', 'PROXY_407']);
    assert.deepEqual(proxy.stray, []);
  });

  it('the proxy is not there: the message was not sent, for certain', async () => {
    const free = net.createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    free.close();
    await once(free, 'close');
    useProxy({ HTTPS_PROXY: `http://127.0.0.1:${port}` });
    assert.deepEqual(await send(), ['failed', 'unavailable', 'ECONNREFUSED', 'ECONNREFUSED']);
  });

  it('a proxy that answers instead of a gate gets no message', async (test) => {
    const impostor = await startGate(await createCertificate());
    test.after(impostor.close);
    proxy.detour = impostor.port;
    const [status, reason, ...causes] = await send();
    assert.deepEqual([status, reason, causes.length], ['failed', 'unavailable', 2]);
    assert.ok(
      causes.every((cause) => /SELF_SIGNED|UNABLE_TO_VERIFY|SIGNATURE/.test(String(cause))),
      String(causes),
    );
    assert.deepEqual([impostor.seen.connections, impostor.seen.requests], [2, 0]);
  });

  it('a tunnel that breaks after the message was written: it may have been sent, and is not sent again', async () => {
    gates[0].seen.answers = false;
    gates[0].server.on('request', () => proxy.cut());
    assert.deepEqual(await send(), ['unknown', 'no_answer']);
    assert.deepEqual(targets(), [gates[0].target]);
    assert.equal(gates[1].seen.connections, 0);
  });

  it('a gate of NO_PROXY is connected to without the proxy', async () => {
    useProxy({ HTTPS_PROXY: proxy.url, NO_PROXY: `example.com,${gates[0].target}` });
    assert.deepEqual(
      [await send(), await send()],
      [
        ['accepted', undefined],
        ['accepted', undefined],
      ],
    );
    assert.deepEqual([targets(), gates[0].seen.connections], [[], 1]);
    await gates[0].close();
    useProxy({ HTTPS_PROXY: proxy.url, NO_PROXY: `example.com,${gates[0].target}` });
    assert.deepEqual(await send(), ['accepted', undefined, 'ECONNREFUSED']);
    assert.deepEqual(targets(), [gates[1].target], 'the other gate has the proxy');
    gates = [await startGate(), gates[1]];
  });

  describe('on a clock that the test moves', () => {
    beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
    afterEach(() => mock.timers.reset());
    const until = async (isSo: () => boolean) => {
      while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
    };

    it('a tunnel that the proxy never opens is closed in the end', async () => {
      proxy.choose = (target) => (target === gates[0].target ? 'hang' : 'open');
      const sent = send();
      await until(() => proxy.tunnels.length === 1);
      mock.timers.tick(5_000);
      assert.deepEqual(await sent, ['accepted', undefined, 'CONNECT_TIMEOUT']);
      assert.equal(proxy.waiting.size, 1);
      mock.timers.tick(25_000);
      await until(() => proxy.waiting.size === 0);
    });

    it('a tunnel, and a connection without one, stay for as long as a message waits for its answer', async () => {
      for (const noProxy of ['', gates[0].target]) {
        useProxy({ HTTPS_PROXY: proxy.url, NO_PROXY: noProxy });
        let answer: () => void = () => undefined;
        gates[0].seen.answers = false;
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
    assert.deepEqual(await send(), ['accepted', undefined]);
    const expected = `Basic ${Buffer.from('lambda:s@fe').toString('base64')}`;
    assert.equal(proxy.tunnels[0]?.headers['proxy-authorization'], expected);
    assert.equal(proxy.tunnels[0]?.headers.authorization, undefined, 'not the key of SMS Aero');
  });
});

describe('sms-hook behind a proxy', () => {
  let proxy: ConnectProxy;
  before(async () => {
    proxy = await startConnectProxy();
  });
  after(() => proxy.close());

  for (const [variables, tunnels] of [
    [{ NODE_USE_ENV_PROXY: '1' }, 1],
    [{ NODE_USE_ENV_PROXY: '1', NO_PROXY: '127.0.0.1' }, 0],
    [{}, 0],
  ] as const) {
    it(`opens ${tunnels} tunnels with HTTPS_PROXY and ${JSON.stringify(variables)}`, async () => {
      proxy.tunnels.length = 0;
      const stack = await startStack({
        environment: { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, ...variables },
      });
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
