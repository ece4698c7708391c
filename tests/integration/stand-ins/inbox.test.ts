import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Inbox, startInbox } from '../../../local/inbox/inbox.ts';
import { type Account, createAccount, type Gate, startGate } from '../../../local/simulator/index.ts';
import { apiKey, email, send } from './client.ts';

let account: Account;
let gates: Gate[];
let inbox: Inbox;
beforeEach(async () => {
  account = createAccount({ email, apiKey, progress: { sentAfterMs: 50, deliveredAfterMs: 100 } });
  gates = [await startGate(account, { name: 'org' }), await startGate(account, { name: 'net' })];
  inbox = await startInbox({ account, gates, apiUrl: 'http://127.0.0.1:3999' });
});
afterEach(() => Promise.all([inbox, ...gates].map((each) => each.close())));

async function sendTo(index: number, changes: object = {}) {
  const gate = gates[index];
  assert.ok(gate);
  return send(gate, changes);
}

async function getJson(path: string): Promise<unknown> {
  const response = await fetch(`${inbox.url}${path}`);
  assert.equal(response.status, 200);
  assert.match(String(response.headers.get('content-type')), /^application\/json/);
  return response.json();
}

function fault(body: unknown): Promise<Response> {
  return fetch(`${inbox.url}/api/faults`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Reads server-sent events until `count` of them have come. */
async function readEvents(
  response: Response,
  count: number,
): Promise<{ event: string; data: { text: string } }[]> {
  assert.ok(response.body);
  let text = '';
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  const events = () =>
    text
      .split('\n\n')
      .slice(0, -1)
      .filter((block) => block.includes('event: '));
  while (events().length < count) {
    const { value, done } = await reader.read();
    assert.equal(done, false);
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return events().map((block) => ({
    event: /^event: (.*)$/m.exec(block)?.[1] ?? '',
    data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? 'null'),
  }));
}

describe('the inbox', () => {
  it('answers messages as JSON, newest first', async () => {
    assert.deepEqual(await getJson('/api/messages'), []);
    await sendTo(0, { text: 'Код: 111111' });
    await sendTo(1, { text: 'Code: 222222' });
    const messages = (await getJson('/api/messages?x=1')) as Record<string, unknown>[];
    assert.deepEqual(
      messages.map(({ id, number, from, text, gate, segments }) => ({
        id,
        number,
        from,
        text,
        gate,
        segments,
      })),
      [
        {
          id: 539820002,
          number: '79031234567',
          from: 'SMSAero',
          text: 'Code: 222222',
          gate: 'net',
          segments: 1,
        },
        {
          id: 539820001,
          number: '79031234567',
          from: 'SMSAero',
          text: 'Код: 111111',
          gate: 'org',
          segments: 1,
        },
      ],
    );
    assert.equal(typeof messages[0]?.['status'], 'number');
  });

  it('tells of each change as it comes', async () => {
    const response = await fetch(`${inbox.url}/api/events`);
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    await sendTo(0, { text: 'Line one\nline two' });
    const events = await readEvents(response, 3);
    assert.deepEqual(
      events.map(({ event, data }) => [event, data.text, (data as { extendStatus?: string }).extendStatus]),
      [
        ['accepted', 'Line one\nline two', 'queue'],
        ['changed', 'Line one\nline two', 'sent'],
        ['changed', 'Line one\nline two', 'delivery'],
      ],
    );
    while (account.events.listenerCount('accepted') > 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('shows what reached the gates', async () => {
    await sendTo(0, { sign: 'Nobody' });
    await sendTo(1);
    const ledger = (await getJson('/api/ledger')) as { gate: string; outcome: string }[];
    assert.deepEqual(
      ledger.map(({ gate, outcome }) => [gate, outcome]),
      [
        ['org', 'refused'],
        ['net', 'accepted'],
      ],
    );
  });

  it('passes fault orders on, to the first gate unless one is named', async () => {
    const ordered = await fault({ fault: 'no_money' });
    assert.equal(ordered.status, 201);
    assert.deepEqual(await ordered.json(), {
      gate: 'org',
      pending: [{ fault: 'no_money', times: 1, method: 'sms/send' }],
    });
    await fault({ gate: 'net', fault: 'rate_limited', retryAfter: 3, times: 2 });
    assert.equal((await sendTo(0)).status, 402);
    assert.equal((await sendTo(0)).status, 200);
    assert.equal((await sendTo(1)).headers['retry-after'], '3');
    const { gates: waiting, kinds } = (await getJson('/api/faults')) as {
      gates: { pending: unknown[] }[];
      kinds: Record<string, { summary: string }>;
    };
    assert.deepEqual(
      waiting.map(({ pending }) => pending.length),
      [0, 1],
    );
    assert.match(kinds['late_answer']?.summary ?? '', /later/);
    assert.equal((await fetch(`${inbox.url}/api/faults`, { method: 'DELETE' })).status, 204);
    assert.equal((await sendTo(1)).status, 200);
  });

  it('answers 400 with a reason to an order that makes no sense', async () => {
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
      const response = await fault(body);
      assert.equal(response.status, 400);
      assert.match(((await response.json()) as { error: string }).error, reason);
    }
    assert.deepEqual(
      gates.map(({ faults }) => faults.pending),
      [[], []],
    );
  });

  it('serves one page that needs nothing from elsewhere and writes messages as text', async () => {
    const response = await fetch(inbox.url);
    assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.match(String(response.headers.get('content-security-policy')), /default-src 'none'/);
    const html = await response.text();
    assert.match(html, /curl -X POST http:\/\/127\.0\.0\.1:3999\/sms\/logto/);
    assert.doesNotMatch(html, /\{\{/);
    assert.doesNotMatch(html, /innerHTML|insertAdjacentHTML|document\.write/);
    assert.doesNotMatch(html, /<(?:script|img|iframe)[^>]*\ssrc=|@import|url\(/);
  });
});
