import assert from 'node:assert/strict';
import { on as eventsOf } from 'node:events';
import http from 'node:http';
import { describe, it } from 'node:test';
import { faultNames } from '../../../local/simulator/index.ts';
import { send, usePhone } from './client.ts';

const phone = await usePhone();
const { call, get } = phone;

/** Sends by a gate, as the service does. */
const sendTo = (index: 0 | 1, changes: object = {}) => send(phone.gates[index], changes);

describe('faults', () => {
  const switchOn = (name: string, until: string) => call('PUT', `/api/switches/${name}`, { for: until });
  const on = async () =>
    (await get('/api/switches')).flatMap((each: { name: string; on?: string }) =>
      each.on ? [each.name] : [],
    );

  it('go to the gate that is named, for as many requests as ordered', async () => {
    assert.deepEqual(await call('POST', '/api/faults', { fault: 'no_money' }), {
      status: 201,
      json: { gate: 'org', pending: [{ fault: 'no_money', times: 1, method: 'sms/send' }] },
    });
    await call('POST', '/api/faults', { gate: 'net', fault: 'rate_limited', retryAfter: 3, times: 2 });
    assert.equal((await sendTo(0)).status, 402);
    assert.equal((await sendTo(0)).status, 200);
    assert.equal((await sendTo(1)).headers['retry-after'], '3');
    const { gates, kinds } = await get('/api/faults');
    assert.deepEqual(
      gates.map(({ pending }: { pending: unknown[] }) => pending.length),
      [0, 1],
    );
    assert.match(kinds.late_answer.summary, /later/);
    assert.equal((await call('DELETE', '/api/faults')).status, 204);
    assert.equal((await sendTo(1)).status, 200);
  });

  it('that make no sense are answered with 400 and a reason', async () => {
    const wrong: [unknown, RegExp][] = [
      [{ fault: 'earthquake' }, /^Unknown fault "earthquake"; known are late_answer/],
      [{ fault: 'no_money', gate: 'moon' }, /^Unknown gate "moon"; known are org, net$/],
      [{ fault: 'tls_hang' }, /TLS/],
      [{ fault: 'no_money', times: 0 }, /^times must be/],
      [{ fault: 'no_money', delayMs: -1 }, /^delayMs must be/],
      [{ fault: 'no_money', method: 'sms' }, /^Unknown method "sms"; known are \*, auth/],
      [{ fault: 'no_money', status: 4 }, /^no_money has no option status; it takes times, delayMs, method$/],
      [{ fault: 'rate_limited', retryAfter: '7' }, /^retryAfter of rate_limited must be a number$/],
      [{ fault: 'compressed', coding: 'rar' }, /^coding of compressed must be gzip or deflate/],
      ['{', /^The body is not JSON$/],
      ['[]', /an object/],
      ['"x"', /an object/],
      ['x'.repeat(70_000), /at most 65536 bytes/],
    ];
    for (const [body, reason] of wrong) {
      const { status, json } = await call('POST', '/api/faults', body);
      assert.equal(status, 400);
      assert.match(json.error, reason);
    }
    assert.deepEqual(
      phone.gates.map(({ faults }) => faults.pending),
      [[], []],
    );
  });

  it('have a switch each, except those of connections', async () => {
    const names = (await get('/api/switches')).map(({ name }: { name: string }) => name);
    const missing = faultNames.filter((name) => !names.includes(name));
    assert.deepEqual(missing, ['reset_on_connect', 'tls_hang', 'tls_failure', 'slow_handshake']);
  });

  it('are on at every gate until they are switched off, and survive DELETE of nothing else', async () => {
    assert.equal((await switchOn('no_money', 'until_off')).status, 204);
    for (const gate of [0, 1, 0] as const) assert.equal((await sendTo(gate)).status, 402);
    assert.deepEqual(await on(), ['no_money']);
    await call('DELETE', '/api/switches/no_money');
    assert.equal((await sendTo(0)).status, 200);
    await switchOn('no_money', 'until_off');
    await call('DELETE', '/api/faults');
    assert.deepEqual(await on(), []);
    await switchOn('no_money', 'until_off');
    assert.equal((await sendTo(0)).status, 402, 'a switch works after everything was forgotten');
  });

  it('take the gates down, and up again', async () => {
    await switchOn('down', 'until_off');
    await assert.rejects(sendTo(0), { code: 'ECONNREFUSED' });
    await call('DELETE', '/api/switches/down');
    assert.equal((await sendTo(0)).status, 200);
  });

  it('of delivery are played as well', async () => {
    await switchOn('stuck', 'until_off');
    const stuck = phone.receive('Code 1111');
    await call('DELETE', '/api/switches');
    const moving = phone.receive('Code 2222');
    for await (const [{ id, status }] of eventsOf(phone.account.events, 'changed')) {
      if (id === moving.id && status === 1) break;
    }
    assert.equal(phone.account.find(stuck.id)?.status, 0);
  });

  it('are refused by an unknown name or time', async () => {
    assert.match((await switchOn('x', 'until_off')).json.error, /^Unknown switch "x"/);
    assert.equal((await switchOn('no_money', 'ever')).status, 400);
  });
});

describe('who may ask', () => {
  /** A request with headers that fetch does not let one choose. */
  const statusOf = (path: string, headers: Readonly<Record<string, string>>, method = 'GET') =>
    new Promise<number | undefined>((resolve, reject) => {
      http
        .request({ port: phone.page.port, path, method, headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
        .on('error', reject)
        .end();
    });

  it('is a program, or the page itself, at a name of this machine', async () => {
    const { port } = phone.page;
    for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]']) {
      const host = `${name}:${port}`;
      assert.equal(await statusOf('/api/messages', { host }), 200, name);
      const own = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
      assert.equal(await statusOf('/api/messages', own, 'DELETE'), 204, name);
    }
  });

  it('is nobody else, for any path and method', async () => {
    const { port } = phone.page;
    const host = `127.0.0.1:${port}`;
    const foreign: Readonly<Record<string, string>>[] = [
      { host: `evil.example:${port}` },
      { host: '127.0.0.1' },
      { host: '127.0.0.1:3000' },
      { host: `127.0.0.1.evil.example:${port}` },
      { host, origin: 'https://evil.example' },
      { host, origin: 'null' },
      { host, origin: 'http://127.0.0.1:3000' },
      { host, origin: `https://${host}` },
      { host, 'sec-fetch-site': 'cross-site' },
      { host, 'sec-fetch-site': 'same-site' },
      { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
    ];
    for (const headers of foreign) {
      for (const [method, path] of [
        ['GET', '/api/messages/latest?to=79031234567'],
        ['POST', '/api/faults'],
        ['GET', '/style.css'],
      ] as const) {
        assert.equal(
          await statusOf(path, headers, method),
          403,
          `${method} ${path} ${JSON.stringify(headers)}`,
        );
      }
    }
  });

  it('may link to the page, and to nothing else', async () => {
    const link = {
      host: `127.0.0.1:${phone.page.port}`,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
    };
    assert.equal(await statusOf('/', link), 200);
    assert.equal(await statusOf('/', { ...link, 'sec-fetch-mode': 'no-cors' }), 403);
  });
});

describe('the page', () => {
  it('needs nothing from elsewhere and nothing inline', async () => {
    const response = await fetch(phone.page.url);
    assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
    const policy = String(response.headers.get('content-security-policy'));
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    const html = await response.text();
    assert.doesNotMatch(html, /<script(?![^>]*src="\/)|<style|\sstyle=|\son\w+=|https?:/);
    const code = await (await fetch(`${phone.page.url}/page.js`)).text();
    assert.doesNotMatch(code, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|https?:\/\/(?!127)/);
  });

  it('answers 404 to anything else', async () => {
    for (const path of ['/index.html', '/api', '/api/messages/1', '/../package.json']) {
      assert.equal((await call('GET', path)).status, 404, path);
    }
    assert.equal((await call('POST', '/api/messages')).status, 404);
  });
});
