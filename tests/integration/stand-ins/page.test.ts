import assert from 'node:assert/strict';
import http from 'node:http';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { OfferedPlatform } from '../../../local/page/contract.ts';
import { codeIn } from '../../../local/page/read-message.ts';
import { faultNames } from '../../../local/simulator/index.ts';
import { type PhoneStack, startPhone } from '../../support/phone.ts';
import { apiKey, email, send } from './client.ts';

const NUMBER = '79031234567';

let stack: PhoneStack;
beforeEach(async () => {
  stack = await startPhone({ email, apiKey, progress: { sentAfterMs: 50, deliveredAfterMs: 100 } });
});
afterEach(() => stack.close());

/** Calls the page's API. */
async function call(method: string, path: string, body?: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const init = { method, ...(body === undefined ? {} : { body: text }) };
  const response = await fetch(`${stack.page.url}${path}`, init);
  const answer = await response.text();
  return { status: response.status, json: answer === '' ? undefined : JSON.parse(answer) };
}

const get = async (path: string) => (await call('GET', path)).json;

/** Sends by a gate, as the service does. */
const sendTo = (index: 0 | 1, changes: object = {}) => send(stack.gates[index], changes);

/** Reads server-sent events until one comes of a type. */
async function readEvents(response: Response, until: string) {
  assert.ok(response.body);
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes(`event: ${until}\n`) && text.endsWith('\n\n')) break;
  }
  return [...text.matchAll(/^event: (.*)\ndata: (.*)$/gm)].map(([, event = '', data = '']) => ({
    event,
    data: JSON.parse(data),
  }));
}

describe('messages on the phone', () => {
  it('are JSON, newest first, with what is read off the text', async () => {
    assert.deepEqual(await get('/api/messages'), []);
    stack.account.progress = 'frozen';
    stack.receive('Код: 111111');
    stack.receive('Your SignIn code is 222222.', '79161234567');
    const messages = await get('/api/messages');
    assert.deepEqual(
      messages.map(({ id, number, from, text, code, encoding, culprits, segments, gate }: never) => [
        ...[id, number, from, text, code, encoding, culprits, segments, gate],
      ]),
      [
        [539820002, '79161234567', 'SMSAero', 'Your SignIn code is 222222.', '222222', 'GSM-7', '', 1, 'org'],
        [539820001, NUMBER, 'SMSAero', 'Код: 111111', '111111', 'UCS-2', 'Cyrillic letters', 1, 'org'],
      ],
    );
    assert.equal(messages[0].status, 0);
  });

  it('are found by number, however it is written', async () => {
    stack.receive('Code 111111');
    stack.receive('Code 222222', '79161234567');
    for (const to of [NUMBER, '+79031234567', '8 (903) 123-45-67', '%2B7 903 123 45 67']) {
      const found = await get(`/api/messages?to=${to}`);
      assert.deepEqual(
        found.map(({ code }: { code: string }) => code),
        ['111111'],
        to,
      );
    }
  });

  it('can be cleared, those to one number or all, and still move in the account', async () => {
    const { id } = stack.receive('Code 111111');
    stack.receive('Code 222222', '79161234567');
    assert.equal((await call('DELETE', `/api/messages?to=${NUMBER}`)).status, 204);
    assert.equal((await get('/api/messages')).length, 1);
    assert.equal((await call('DELETE', '/api/messages')).status, 204);
    assert.deepEqual(await get('/api/messages'), []);
    stack.receive('Code 333333');
    assert.equal((await get(`/api/messages?to=${NUMBER}`)).length, 1);
    assert.ok(stack.account.find(id));
  });

  it('show no token of their reports', async () => {
    const url = 'http://127.0.0.1:1/reports/secret';
    stack.account.accept({
      number: NUMBER,
      text: 'Code 1111',
      from: 'SMSAero',
      gate: 'org',
      callbackUrl: url,
    });
    assert.doesNotMatch(JSON.stringify(await get('/api/messages')), /secret/);
  });

  it('come as events, after a hello', async () => {
    const response = await fetch(`${stack.page.url}/api/events`);
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    stack.receive('Line one\nline two');
    const events = await readEvents(response, 'changed');
    assert.deepEqual(
      events.map(({ event, data }) => [event, data?.text, data?.extendStatus]),
      [
        ['hello', undefined, undefined],
        ['accepted', 'Line one\nline two', 'queue'],
        ['changed', 'Line one\nline two', 'sent'],
      ],
    );
  });
});

describe('the latest message', () => {
  const latest = (query: string) => call('GET', `/api/messages/latest?to=${NUMBER}${query}`);

  it('is the one that is there, with its code', async () => {
    assert.equal((await latest('')).status, 404);
    stack.receive('Your SignIn code is 111111.');
    assert.equal((await latest('')).json.code, '111111');
    assert.equal((await latest('&wait=10')).json.code, '111111');
  });

  it('is waited for, also after one that a wait was answered with', async () => {
    const first = latest('&wait=10');
    stack.receive('Your SignIn code is 000000.', '79161234567');
    stack.receive('Your SignIn code is 111111.');
    assert.equal((await first).json.code, '111111');
    const second = latest('&wait=10');
    stack.receive('Your SignIn code is 222222.');
    assert.equal((await second).json.code, '222222');
  });

  it('goes to one of two who wait', async () => {
    const both = [latest('&wait=10'), latest('&wait=10')];
    await get('/api/messages');
    stack.receive('Your SignIn code is 111111.');
    stack.receive('Your SignIn code is 222222.');
    const codes = (await Promise.all(both)).map(({ json }) => json.code);
    assert.deepEqual(codes.toSorted(), ['111111', '222222']);
  });

  it('is one after an id', async () => {
    const { id } = stack.receive('Your SignIn code is 111111.');
    const next = latest(`&wait=10&after=${id}`);
    stack.receive('Your SignIn code is 222222.');
    assert.equal((await next).json.code, '222222');
    assert.equal(
      (await latest(`&wait=10&after=${id}`)).json.code,
      '222222',
      'again: this caller says after what',
    );
  });

  it('is a 404 when the time is over, and a message is left for the next who asks', async () => {
    const { status, json } = await latest('&wait=0.05');
    assert.deepEqual([status, json], [404, { error: `No message to ${NUMBER} within 0.05 s` }]);
    const gone = new AbortController();
    const left = fetch(`${stack.page.url}/api/messages/latest?to=${NUMBER}&wait=10`, { signal: gone.signal });
    await get('/api/messages'); // that the call above is there, and below that its end is
    gone.abort();
    await assert.rejects(left);
    for (let trips = 0; trips < 3; trips += 1) await get('/api/messages');
    stack.receive('Your SignIn code is 111111.');
    assert.equal((await latest('&wait=10')).json.code, '111111');
  });

  it('needs a number, and a time of at most a minute', async () => {
    assert.equal((await call('GET', '/api/messages/latest?wait=1')).status, 400);
    for (const wait of ['61', '-1', 'x', '']) {
      assert.deepEqual(await latest(`&wait=${wait}`), {
        status: 400,
        json: { error: 'wait must be a number from 0 to 60' },
      });
    }
  });
});

describe('the code in a text', () => {
  const templates = ['Code {{code}}. For {{app}}, {{code}}', '{{code}}', 'PIN {{ code }}!'].map(
    (content) => ({
      usageType: 'Generic',
      content,
    }),
  );
  for (const [text, code] of [
    ['PIN K7-QX2!', 'K7-QX2'],
    ['Code 12.34. For My (2026) app, 12.34', '12.34'],
    ['Пароль 4821, никому', '4821'],
    ['K7-QX2', 'K7-QX2'],
  ] as const) {
    it(`is ${code} in "${text}"`, () => assert.equal(codeIn(text, templates), code));
  }
  for (const [text, code] of [
    ['Your order of 2026-11-26: code 4821', '2026'], // without a template the first that looks like one
    ['Use AB12CD to sign in', 'AB12CD'],
    ['@example.com #482913', '482913'],
    ['Hello', undefined],
  ] as const) {
    it(`is ${code} in "${text}", which no template made`, () => assert.equal(codeIn(text, []), code));
  }
});

describe('faults', () => {
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
      stack.gates.map(({ faults }) => faults.pending),
      [[], []],
    );
  });

  it('have a switch each, except those of connections', async () => {
    const names = (await get('/api/switches')).map(({ name }: { name: string }) => name);
    const missing = faultNames.filter((name) => !names.includes(name));
    assert.deepEqual(missing, ['reset_on_connect', 'tls_hang', 'tls_failure', 'slow_handshake']);
  });

  const on = async () =>
    (await get('/api/switches')).flatMap((each: { name: string; on?: string }) =>
      each.on ? [each.name] : [],
    );

  it('are on at every gate until they are switched off, and survive DELETE of nothing else', async () => {
    assert.equal((await call('PUT', '/api/switches/no_money', { for: 'until_off' })).status, 204);
    assert.deepEqual(
      [(await sendTo(0)).status, (await sendTo(1)).status, (await sendTo(0)).status],
      [402, 402, 402],
    );
    assert.deepEqual(await on(), ['no_money']);
    await call('DELETE', '/api/switches/no_money');
    assert.equal((await sendTo(0)).status, 200);
    await call('PUT', '/api/switches/no_money', { for: 'until_off' });
    await call('DELETE', '/api/faults');
    assert.deepEqual(await on(), []);
    await call('PUT', '/api/switches/no_money', { for: 'until_off' });
    assert.equal((await sendTo(0)).status, 402, 'a switch works after everything was forgotten');
  });

  it('take the gates down, and up again', async () => {
    await call('PUT', '/api/switches/down', { for: 'until_off' });
    await assert.rejects(sendTo(0), { code: 'ECONNREFUSED' });
    await call('DELETE', '/api/switches/down');
    assert.equal((await sendTo(0)).status, 200);
  });

  it('of reports and of delivery are played as well', async () => {
    await call('PUT', '/api/switches/stuck', { for: 'until_off' });
    const stuck = stack.receive('Code 1111');
    await call('DELETE', '/api/switches');
    const moving = stack.receive('Code 2222');
    const response = await fetch(`${stack.page.url}/api/events`);
    stack.receive('Code 3333');
    await readEvents(response, 'changed');
    while (stack.account.find(moving.id)?.status !== 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(stack.account.find(stuck.id)?.status, 0);
  });

  it('are refused by an unknown name or time', async () => {
    assert.match(
      (await call('PUT', '/api/switches/x', { for: 'until_off' })).json.error,
      /^Unknown switch "x"/,
    );
    assert.equal((await call('PUT', '/api/switches/no_money', { for: 'ever' })).status, 400);
  });
});

describe('templates', () => {
  it('are checked as config check does, and not used with an error', async () => {
    const { templates } = await get('/api/templates');
    const wrong = templates.with(0, { ...templates[0], content: 'no code' });
    const { status, json } = await call('PUT', '/api/templates', wrong);
    assert.equal(status, 422);
    assert.deepEqual(json.problems, [
      { level: 'error', path: 'templates.0.content', text: 'has no {{code}}' },
    ]);
    assert.equal(stack.parameters.size, 0);
    assert.deepEqual((await get('/api/templates')).templates, templates);
  });

  it('are written as Parameter Store takes them, and come as a file', async () => {
    const { templates } = await get('/api/templates');
    const changed = templates.with(1, { usageType: 'SignIn', content: 'Вход: {{code}}', locale: 'ru' });
    assert.equal((await call('PUT', '/api/templates', changed)).status, 200);
    assert.deepEqual(JSON.parse(stack.parameters.get('templates') ?? ''), changed);
    assert.doesNotMatch(stack.parameters.get('templates') ?? '', /\{\{/);
    const file = await fetch(`${stack.page.url}/api/connector.json`);
    assert.match(String(file.headers.get('content-disposition')), /connector\.json/);
    const { senderName, templates: saved } = (await file.json()) as {
      senderName: string;
      templates: unknown;
    };
    assert.deepEqual([senderName, saved], ['SMSAero', changed]);
  });

  it('are shown with segments, characters left and the cost of 1,000', async () => {
    const contents = ['Вход: {{code}}', `${'a'.repeat(155)}{{code}}`, '{{code}} for {{application.name}}'];
    const list = contents.map((content) => ({ usageType: 'Generic', content }));
    const { previews } = (await call('POST', '/api/templates/check', list)).json;
    assert.deepEqual(
      previews.map(({ segments, left, costPer1000, text }: never) => [segments, left, costPer1000, text]),
      [
        [1, 58, 4190, 'Вход: 482913'],
        [2, 145, 8380, `${'a'.repeat(155)}482913`],
        [1, 149, 4190, '482913 for '],
      ],
    );
  });
});

describe('who may ask', () => {
  /** A request with headers that fetch does not let one choose. */
  const statusOf = (path: string, headers: Readonly<Record<string, string>>, method = 'GET') =>
    new Promise<number | undefined>((resolve, reject) => {
      http
        .request({ port: stack.page.port, path, method, headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
        .on('error', reject)
        .end();
    });

  it('is a program, or the page itself, at a name of this machine', async () => {
    const { port } = stack.page;
    for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]']) {
      const host = `${name}:${port}`;
      assert.equal(await statusOf('/api/messages', { host }), 200, name);
      const own = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
      assert.equal(await statusOf('/api/messages', own, 'DELETE'), 204, name);
    }
  });

  it('is nobody else, for any path and method', async () => {
    const { port } = stack.page;
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
        ['GET', '/api/messages'],
        ['GET', `/api/messages/latest?to=${NUMBER}`],
        ['GET', '/api/events'],
        ['DELETE', '/api/messages'],
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
      host: `127.0.0.1:${stack.page.port}`,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
    };
    assert.equal(await statusOf('/', link), 200);
    assert.equal(await statusOf('/', { ...link, 'sec-fetch-mode': 'no-cors' }), 403);
  });
});

describe('the page', () => {
  it('needs nothing from elsewhere and nothing inline', async () => {
    const response = await fetch(stack.page.url);
    assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
    const policy = String(response.headers.get('content-security-policy'));
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    const html = await response.text();
    assert.doesNotMatch(html, /<script(?![^>]*src="\/)|<style|\sstyle=|\son\w+=|https?:/);
    const code = await (await fetch(`${stack.page.url}/page.js`)).text();
    assert.doesNotMatch(code, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|https?:\/\/(?!127)/);
  });

  it('answers 404 to anything else', async () => {
    for (const path of ['/index.html', '/api', '/api/messages/1', '/../package.json']) {
      assert.equal((await call('GET', path)).status, 404, path);
    }
    assert.equal((await call('POST', '/api/messages')).status, 404);
  });
});

describe('the form that sends', () => {
  it('offers a usage type and a language where a request tells ours', async () => {
    const offered = (await get('/api/platforms')) as OfferedPlatform[];
    const told = new Map(offered.map(({ name, hasType, hasLocale }) => [name, [hasType, hasLocale]]));
    assert.deepEqual(told.get('logto'), [true, true]);
    assert.deepEqual(told.get('okta'), [false, true]);
    assert.deepEqual(told.get('fusionauth'), [false, false], 'its `type` is SMS or Voice');
  });
});
