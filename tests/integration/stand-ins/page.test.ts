import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OfferedPlatform } from '../../../local/page/contract.ts';
import { codeIn } from '../../../local/page/read-message.ts';
import { usePhone } from './client.ts';

const NUMBER = '79031234567';

const phone = await usePhone();
const { call, get } = phone;

describe('messages on the phone', () => {
  it('are JSON, newest first, with what is read off the text and without the token of their reports', async () => {
    assert.deepEqual(await get('/api/messages'), []);
    const callbackUrl = 'http://127.0.0.1:1/reports/secret';
    const from = 'SMSAero';
    const first = phone.account.accept({
      number: NUMBER,
      text: 'Код: 111111',
      from,
      gate: 'org',
      callbackUrl,
    });
    const second = phone.receive('Your SignIn code is 222222.', '79161234567');
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
    const { id } = phone.receive('Code 111111');
    phone.receive('Code 222222', '79161234567');
    assert.equal((await call('DELETE', `/api/messages?to=${NUMBER}`)).status, 204);
    assert.equal((await get('/api/messages')).length, 1);
    assert.equal((await call('DELETE', '/api/messages')).status, 204);
    assert.deepEqual(await get('/api/messages'), []);
    phone.receive('Code 333333');
    assert.equal((await get(`/api/messages?to=${NUMBER}`)).length, 1);
    assert.ok(phone.account.find(id));
  });

  it('come as events, after a hello', async () => {
    const { headers, body } = await fetch(`${phone.page.url}/api/events`);
    assert.equal(headers.get('content-type'), 'text/event-stream');
    phone.receive('Line one\nline two');
    let text = '';
    for await (const chunk of (body ?? assert.fail()).pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (/^event: changed\n.*\n\n$/m.test(text)) break;
    }
    const events = [...text.matchAll(/^event: (.*)\ndata: (.*)$/gm)].map(([, event, data = '']) => {
      const { text, extendStatus } = JSON.parse(data);
      return [event, text, extendStatus];
    });
    assert.deepEqual(events, [
      ['hello', undefined, undefined],
      ['accepted', 'Line one\nline two', 'queue'],
      ['changed', 'Line one\nline two', 'sent'],
    ]);
  });
});

describe('the latest message', () => {
  const latest = (query: string) => call('GET', `/api/messages/latest?to=${NUMBER}${query}`);
  const codeOf = async (answer: ReturnType<typeof latest>) => (await answer).json.code;
  const receive = (code: number, number?: string) => phone.receive(`Your SignIn code is ${code}.`, number);

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
    const left = fetch(`${phone.page.url}/api/messages/latest?to=${NUMBER}&wait=10`, {
      signal: gone.signal,
    });
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

describe('templates', () => {
  it('are checked as config check does, and not used with an error', async () => {
    const { templates } = await get('/api/templates');
    const wrong = templates.with(0, { ...templates[0], content: 'no code' });
    const { status, json } = await call('PUT', '/api/templates', wrong);
    assert.equal(status, 422);
    assert.deepEqual(json.problems, [
      { level: 'error', path: 'templates.0.content', text: 'has no {{code}}' },
    ]);
    assert.equal(phone.parameters.size, 0);
    assert.deepEqual((await get('/api/templates')).templates, templates);
  });

  it('are written as Parameter Store takes them, and come as a file', async () => {
    const { templates } = await get('/api/templates');
    const changed = templates.with(1, { usageType: 'SignIn', content: 'Вход: {{code}}', locale: 'ru' });
    assert.equal((await call('PUT', '/api/templates', changed)).status, 200);
    assert.deepEqual(JSON.parse(phone.parameters.get('templates') ?? ''), changed);
    assert.doesNotMatch(phone.parameters.get('templates') ?? '', /\{\{/);
    const file = await fetch(`${phone.page.url}/api/connector.json`);
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

describe('the form that sends', () => {
  it('offers a usage type and a language where a request tells ours', async () => {
    const offered = (await get('/api/platforms')) as OfferedPlatform[];
    const told = new Map(offered.map(({ name, hasType, hasLocale }) => [name, [hasType, hasLocale]]));
    assert.deepEqual(told.get('logto'), [true, true]);
    assert.deepEqual(told.get('okta'), [false, true]);
    assert.deepEqual(told.get('fusionauth'), [false, false], 'its `type` is SMS or Voice');
  });
});
