import assert from 'node:assert/strict';
import { on as eventsOf } from 'node:events';
import http from 'node:http';
import { after, afterEach, before, describe, it } from 'node:test';
import type { OfferedPlatform } from '../../../local/page/contract.ts';
import { codeIn } from '../../../local/page/read-message.ts';
import { faultNames } from '../../../local/simulator/index.ts';
import { type PhoneStack, startPhone } from '../../support/phone.ts';
import { apiKey, email, send } from './client.ts';

const NUMBER = '79031234567';

/** Not `frozen`: messages are delivered 100 ms after they came. */
const MOVING = { sentAfterMs: 50, deliveredAfterMs: 100 };

let stack: PhoneStack;
before(async () => {
  stack = await startPhone({ email, apiKey, progress: MOVING });
});
after(() => stack.close());
afterEach(async () => {
  await call('DELETE', '/api/messages');
  await call('DELETE', '/api/faults');
});

const call: PhoneStack['call'] = (...request) => stack.call(...request);
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
  it('are JSON, newest first, with what is read off the text and without the token of their reports', async () => {
    assert.deepEqual(await get('/api/messages'), []);
    const callbackUrl = 'http://127.0.0.1:1/reports/secret';
    const from = 'SMSAero';
    const first = stack.account.accept({
      number: NUMBER,
      text: 'Код: 111111',
      from,
      gate: 'org',
      callbackUrl,
    });
    const second = stack.receive('Your SignIn code is 222222.', '79161234567');
    const messages = await get('/api/messages');
    assert.deepEqual(
      messages.map(({ id, number, from, text, code, encoding, culprits, segments, gate }: never) => [
        ...[id, number, from, text, code, encoding, culprits, segments, gate],
      ]),
      [
        [second.id, '79161234567', from, 'Your SignIn code is 222222.', '222222', 'GSM-7', '', 1, 'org'],
        [first.id, NUMBER, from, 'Код: 111111', '111111', 'UCS-2', 'Cyrillic letters', 1, 'org'],
      ],
    );
    assert.doesNotMatch(JSON.stringify(messages), /secret/);
    for (const to of [NUMBER, '+79031234567', '8 (903) 123-45-67', '%2B7 903 123 45 67']) {
      const found = await get(`/api/messages?to=${to}`);
      assert.deepEqual([found.length, found[0].id], [1, first.id], to);
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
  const codeOf = async (answer: ReturnType<typeof latest>) => (await answer).json.code;
  const receive = (code: number, number?: string) => stack.receive(`Your SignIn code is ${code}.`, number);

  it('is the one that is there, with its code', async () => {
    assert.equal((await latest('')).status, 404);
    receive(111111);
    assert.equal(await codeOf(latest('')), '111111');
    assert.equal(await codeOf(latest('&wait=10')), '111111');
  });

  it('is waited for, also after one that a wait was answered with', async () => {
    const first = latest('&wait=10');
    receive(333333, '79161234567');
    receive(111111);
    assert.equal(await codeOf(first), '111111');
    const second = latest('&wait=10');
    receive(222222);
    assert.equal(await codeOf(second), '222222');
  });

  it('goes to one of two who wait', async () => {
    const both = [latest('&wait=10'), latest('&wait=10')];
    await get('/api/messages');
    receive(111111);
    receive(222222);
    assert.deepEqual((await Promise.all(both.map(codeOf))).toSorted(), ['111111', '222222']);
  });

  it('is one after an id', async () => {
    const { id } = receive(111111);
    const next = latest(`&wait=10&after=${id}`);
    receive(222222);
    assert.equal(await codeOf(next), '222222');
    const again = latest(`&wait=10&after=${id}`);
    assert.equal(await codeOf(again), '222222', 'this caller says after what');
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
    receive(111111);
    assert.equal(await codeOf(latest('&wait=10')), '111111');
  });

  it('needs a number, and a time of at most a minute', async () => {
    assert.equal((await call('GET', '/api/messages/latest?wait=1')).status, 400);
    const json = { error: 'wait must be a number from 0 to 60' };
    for (const wait of ['61', '-1', 'x', '']) {
      assert.deepEqual(await latest(`&wait=${wait}`), { status: 400, json });
    }
  });
});

describe('the code in a text', () => {
  const contents = ['Code {{code}}. For {{app}}, {{code}}', '{{code}}', 'PIN {{ code }}!'];
  const templates = contents.map((content) => ({ usageType: 'Generic', content }));
  for (const [text, code, made] of [
    ['PIN K7-QX2!', 'K7-QX2', templates],
    ['Code 12.34. For My (2026) app, 12.34', '12.34', templates],
    ['Пароль 4821, никому', '4821', templates],
    ['K7-QX2', 'K7-QX2', templates],
    ['Your order of 2026-11-26: code 4821', '2026', []], // without a template the first that looks like one
    ['Use AB12CD to sign in', 'AB12CD', []],
    ['@example.com #482913', '482913', []],
    ['Hello', undefined, []],
  ] as const) {
    it(`is ${code} in "${text}"`, () => assert.equal(codeIn(text, made), code));
  }
});

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
      stack.gates.map(({ faults }) => faults.pending),
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
    const stuck = stack.receive('Code 1111');
    await call('DELETE', '/api/switches');
    const moving = stack.receive('Code 2222');
    for await (const [{ id, status }] of eventsOf(stack.account.events, 'changed')) {
      if (id === moving.id && status === 1) break;
    }
    assert.equal(stack.account.find(stuck.id)?.status, 0);
  });

  it('are refused by an unknown name or time', async () => {
    assert.match((await switchOn('x', 'until_off')).json.error, /^Unknown switch "x"/);
    assert.equal((await switchOn('no_money', 'ever')).status, 400);
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
