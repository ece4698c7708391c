import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DeliveryStack, DIRECT_SECRET, startDeliveryStack } from '../support/delivery-stack.ts';
import { LOGTO_SECRET } from '../support/stack.ts';

describe('one’s own backend', () => {
  let stack: DeliveryStack;
  before(async () => {
    stack = await startDeliveryStack({ functions: ['sms-hook', 'delivery-report', 'message-status'] });
  });
  after(() => stack.close());

  let numbers = 0;
  const message = (changes: Record<string, unknown> = {}) => {
    numbers += 1;
    return {
      to: `7903${String(numbers).padStart(7, '0')}`,
      type: 'SignIn',
      payload: { code: '482913' },
      locale: 'ru',
      ip: '203.0.113.24',
      ...changes,
    };
  };
  async function send(body: object, headers: Record<string, string> = {}) {
    const response = await fetch(`${stack.fn('sms-hook').url}/sms/direct`, {
      method: 'POST',
      headers: { authorization: DIRECT_SECRET, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
  async function ask(id: unknown, headers: Record<string, string> = { authorization: DIRECT_SECRET }) {
    const response = await fetch(`${stack.fn('message-status').url}/messages/${id}`, { headers });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
  const sent = () => stack.account.ledger.length;

  it('sends, and hears id, segments, cost and that it is no repeat', async () => {
    const { status, body } = await send(message());
    const [newest] = stack.account.messages();
    assert.equal(status, 200);
    assert.equal(newest?.text, 'Код для входа: 482913. Никому его не сообщайте.');
    const { id, ...rest } = body;
    assert.match(String(id), /^[\w-]{22}$/);
    assert.deepEqual(rest, {
      status: 'accepted',
      messageId: String(newest?.id),
      channel: 'sms',
      segments: 1,
      cost: 4.19,
      duplicate: false,
    });
  });

  it('is sent once under one key, and hears the first answer again', async () => {
    const before = sent();
    const body = message();
    const key = { 'idempotency-key': 'order-7-login' };
    const first = await send(body, key);
    const again = await send(body, key);
    assert.deepEqual(again.body, { ...first.body, duplicate: true });
    assert.equal(sent(), before + 1);
  });

  it('may not use a key for another message', async () => {
    const key = { 'idempotency-key': 'order-9' };
    const body = message();
    await send(body, key);
    const before = sent();
    for (const other of [message(), { ...body, payload: { code: '999999' } }, { ...body, locale: 'en' }]) {
      const answer = await send(other, key);
      assert.deepEqual([answer.status, answer.body['code']], [422, 'idempotency_conflict']);
    }
    assert.equal(sent(), before);
    assert.equal((await send(body, key)).body['duplicate'], true, 'the first one is still known');
  });

  it('without a key is known by number, type and code for a minute', async () => {
    const body = message();
    await send(body);
    assert.equal((await send(body)).body['duplicate'], true);
    assert.equal((await send({ ...body, payload: { code: '111111' } })).body['duplicate'], false);
  });

  it('may not use a key for another message although its first claim had no answer', async () => {
    const key = { 'idempotency-key': 'no-answer' };
    const body = message();
    stack.table.choose = (_, { key: item }) => (item.startsWith('message#') ? 'server_error' : undefined);
    stack.account.events.once('accepted', () => {
      stack.table.choose = undefined; // its outcome can be remembered
    });
    assert.equal((await send(body, key)).status, 200);
    stack.table.choose = undefined;
    assert.equal((await send({ ...body, payload: { code: '999999' } }, key)).status, 422);
  });

  it('may not send what is as deep as a stack', async () => {
    const response = await fetch(`${stack.fn('sms-hook').url}/sms/direct`, {
      method: 'POST',
      headers: { authorization: DIRECT_SECRET, 'idempotency-key': 'deep' },
      body: `{"to":"79031234567","payload":{"code":"1","x":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`,
    });
    assert.equal(response.status, 400);
  });

  it('that repeats an unknown outcome hears its id as well', { timeout: 30_000 }, async () => {
    stack.gate.faults.order({ fault: 'no_answer' });
    const body = message();
    const [first, second] = await Promise.all([send(body), send(body)]);
    assert.deepEqual([first.status, second.status], [504, 504]);
    assert.equal(first.body['id'], second.body['id']);
  });

  it('can ask after a message whose process was lost, by the id that a repeat of it got', {
    timeout: 60_000,
  }, async () => {
    for (const waits of [0, 2_600]) {
      const key = { 'idempotency-key': `lost-${waits}` };
      const body = message();
      stack.gate.faults.order({ fault: 'late_answer', delayMs: 30_000, method: 'sms/send' });
      const before = sent();
      const cut = send(body, key).catch(() => undefined);
      while (sent() === before) await sleep(10);
      await stack.restart('sms-hook'); // while SMS Aero has the request
      await cut;
      await sleep(waits); // the second time the lost request's own time is over
      const repeat = await send(body, key);
      assert.deepEqual([repeat.status, repeat.body['code'], sent()], [504, 'outcome_unknown', before + 1]);
      const answer = await ask(repeat.body['id']);
      assert.deepEqual([answer.status, answer.body['status']], [200, 'unknown']);
    }
  });

  it('can ask after a message whose record was lost, once a report came', { timeout: 30_000 }, async () => {
    stack.table.choose = (_, { key }) => (key.startsWith('delivery#') ? 'server_error' : undefined);
    const { body } = await send(message());
    stack.table.choose = undefined;
    stack.account.setStatus(Number(body['messageId']), 1);
    await stack.account.reports.settled();
    assert.equal((await ask(body['id'])).body['status'], 'delivered');
  });

  it('hears of messages under a new API key at once', async () => {
    const apiKey = 'newKey_0123456789_newKey_0123456';
    stack.account.apiKey = apiKey;
    stack.parameters.put('/smsaero/test/apiKey', apiKey, 'SecureString');
    const { body } = await send(message());
    stack.account.setStatus(Number(body['messageId']), 1);
    await stack.account.reports.settled();
    assert.equal((await ask(body['id'])).body['status'], 'delivered');
  });

  it('after a failure may be sent under the same key', async () => {
    const key = { 'idempotency-key': 'order-10' };
    const body = message();
    stack.gate.faults.order({ fault: 'no_money' });
    assert.equal((await send(body, key)).status, 502);
    assert.equal((await send(body, key)).body['duplicate'], false);
  });

  it('hears which fields are wrong, never what is in them', async () => {
    const answer = await send({ to: '', type: 7, payload: { code: 482913 }, locale: {}, ip: 5 });
    assert.equal(answer.status, 400);
    assert.deepEqual(
      (answer.body['fields'] as { path: string }[]).map(({ path }) => path),
      ['to', 'type', 'payload.code', 'locale', 'ip'],
    );
    assert.doesNotMatch(JSON.stringify(answer.body), /482913/);
    for (const key of ['x'.repeat(256), 'with space', 'ключ']) {
      const refused = await send(message(), {
        'idempotency-key': encodeURI(key) === key ? key : 'two words',
      });
      assert.deepEqual(
        [refused.status, refused.body['fields']],
        [400, [{ path: 'Idempotency-Key', code: 'invalid_format' }]],
      );
    }
  });

  it('has a secret of its own', async () => {
    assert.equal((await send(message(), { authorization: LOGTO_SECRET })).status, 401);
    assert.equal((await ask('A'.repeat(22), { authorization: LOGTO_SECRET })).status, 401);
    assert.equal((await ask('A'.repeat(22), {})).status, 401);
  });

  it('asks what became of a message, from accepted to delivered', async () => {
    const { body } = await send(message());
    const first = await ask(body['id']);
    assert.equal(first.status, 200);
    const { sentAt, changedAt, ...rest } = first.body;
    assert.deepEqual(rest, {
      id: body['id'],
      status: 'accepted',
      messageId: body['messageId'],
      channel: 'sms',
      segments: 1,
      cost: 4.19,
    });
    assert.ok(String(changedAt) >= String(sentAt));
    for (const [status, code] of [
      ['moderation', 8],
      ['sent', 3],
      ['delivered', 1],
      ['delivered', 3],
    ] as const) {
      stack.account.setStatus(Number(body['messageId']), code);
      await stack.account.reports.settled();
      assert.equal((await ask(body['id'])).body['status'], status);
    }
  });

  it('asks for a message that SMS Aero moderates, as the answer to the send said', async () => {
    stack.gate.faults.order({ fault: 'moderation' });
    const { status, body } = await send(message());
    assert.deepEqual([status, body['status']], [200, 'accepted']);
    assert.equal((await ask(body['id'])).body['status'], 'moderation');
    const line = stack
      .fn('sms-hook')
      .logs()
      .find(({ message, messageId }) => message === 'sms' && messageId === body['messageId']);
    assert.deepEqual([line?.['outcome'], line?.['messageStatus']], ['accepted', 'moderation']);
    stack.account.setStatus(Number(body['messageId']), 1);
    await stack.account.reports.settled();
    assert.equal((await ask(body['id'])).body['status'], 'delivered');
  });

  it('learns nothing of other messages', async () => {
    const response = await fetch(`${stack.fn('sms-hook').url}/sms/logto`, {
      method: 'POST',
      headers: { authorization: LOGTO_SECRET },
      body: JSON.stringify(message()),
    });
    assert.equal(response.status, 200);
    const ids = stack
      .fn('sms-hook')
      .logs()
      .flatMap(({ deliveryId, platform }) => (platform === 'logto' ? [deliveryId] : []));
    assert.equal(ids.length, 1);
    for (const id of [...ids, 'A'.repeat(22), 'x', '539820001', '%2e%2e', `${'A'.repeat(22)}/x`]) {
      const answer = await ask(id);
      assert.deepEqual([answer.status, answer.body['code']], [404, 'not_found'], String(id));
    }
  });
});
