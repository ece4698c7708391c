import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newDeliveryId, reportToken } from '../../lib/delivery/delivery-id.ts';
import { ERRORS } from '../../lib/http/errors.ts';
import { LOCAL_HASH_KEY } from '../../local/parameter-store.ts';
import { DIRECT_SECRET, startDeliveryStack } from '../support/delivery-stack.ts';
import { Replies } from '../support/replies.ts';
import { CONNECTOR, LOGTO_SECRET } from '../support/stack.ts';

const DIRECT = 'POST /sms/direct';
const MESSAGE = 'GET /messages/{id}';
const REPORT = 'POST /reports/{token}';

/** Ten values of up to 64 characters make a text too long. */
const LONG = { usageType: 'Long', content: `{{code}}${' {{note}}'.repeat(10)}` };

const stack = await startDeliveryStack({
  functions: ['sms-hook', 'delivery-report', 'message-status'],
  environment: { SMSAERO_LIMIT_RANGE_HOUR: 'RU-977:0,RU-978:1' },
  connector: { ...CONNECTOR, templates: [...CONNECTOR.templates, LONG] },
});
after(() => stack.close());

describe('one’s own backend, with the answers of docs/openapi.json', () => {
  const replies = new Replies();
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
  const send = (expected: string, body: unknown, headers: Record<string, string> = {}) =>
    replies.check(stack.fn('sms-hook').url, DIRECT, expected, {
      headers: { authorization: DIRECT_SECRET, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const ask = (expected: string, id: unknown, authorization = DIRECT_SECRET, method = 'GET') =>
    replies.check(stack.fn('message-status').url, MESSAGE, expected, {
      path: `/messages/${id}`,
      method,
      headers: { authorization },
    });
  const sent = () => stack.account.ledger.length;
  /** Has SMS Aero report on a message. */
  async function report({ messageId }: Record<string, unknown>, status: 1 | 3 | 8) {
    stack.account.setStatus(Number(messageId), status);
    await stack.account.reports.settled();
  }
  async function withoutTable(work: () => Promise<unknown>) {
    stack.table.choose = () => 'reset';
    await work().finally(() => {
      stack.table.choose = undefined;
    });
  }

  it('sends, and hears id, segments, cost and that it is no repeat', async () => {
    const { id, ...rest } = await send('200', message());
    const [newest] = stack.account.messages();
    assert.equal(newest?.text, 'Код для входа: 482913. Никому его не сообщайте.');
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

  it('is sent once under one key, hears the first answer again, and may not use it for another message', async () => {
    const key = { 'idempotency-key': 'order-7-login' };
    const body = message();
    const first = await send('200', body, key);
    const before = sent();
    for (const other of [message(), { ...body, payload: { code: '999999' } }, { ...body, locale: 'en' }]) {
      await send('422 idempotency_conflict', other, key);
    }
    assert.deepEqual(await send('200', body, key), { ...first, duplicate: true });
    assert.equal(sent(), before);
  });

  it('that repeats an unknown outcome hears its id as well', { timeout: 30_000 }, async () => {
    stack.gate.faults.order({ fault: 'no_answer' });
    const body = message();
    const asked = [send('504 outcome_unknown', body), send('504 outcome_unknown', body)];
    const [first, second] = await Promise.all(asked);
    assert.ok(first?.['id']);
    assert.equal(first['id'], second?.['id']);
  });

  it('can ask after a message whose process was lost, by the id that a repeat of it got', {
    timeout: 60_000,
  }, async () => {
    for (const waits of [0, 2_600]) {
      const key = { 'idempotency-key': `lost-${waits}` };
      const body = message();
      stack.gate.faults.order({ fault: 'late_answer', delayMs: 30_000, method: 'sms/send' });
      const before = sent();
      const cut = send('200', body, key).catch(() => undefined);
      while (sent() === before) await sleep(10);
      await stack.restart('sms-hook'); // while SMS Aero has the request
      await cut;
      await sleep(waits); // the second time the lost request's own time is over
      const { id } = await send('504 outcome_unknown', body, key);
      assert.equal(sent(), before + 1);
      assert.equal((await ask('200', id))['status'], 'unknown');
    }
  });

  it('can ask after a message whose record was lost, once a report came', { timeout: 30_000 }, async () => {
    stack.table.choose = (_, { key }) => (key.startsWith('delivery#') ? 'server_error' : undefined);
    const body = await send('200', message());
    stack.table.choose = undefined;
    await report(body, 1);
    assert.equal((await ask('200', body['id']))['status'], 'delivered');
  });

  it('hears of messages under a new API key at once', async () => {
    const apiKey = 'newKey_0123456789_newKey_0123456';
    stack.account.apiKey = apiKey;
    stack.parameters.put('/smsaero/test/apiKey', apiKey, 'SecureString');
    const body = await send('200', message());
    await report(body, 1);
    assert.equal((await ask('200', body['id']))['status'], 'delivered');
  });

  it('hears which fields are wrong, never what is in them', async () => {
    const wrong = { to: '', type: 7, payload: { code: 482913 }, locale: {}, ip: 5 };
    const answer = await send('400 invalid_request', wrong);
    const paths = (answer['fields'] as { path: string }[]).map(({ path }) => path);
    assert.deepEqual(paths, ['to', 'type', 'payload.code', 'locale', 'ip']);
    assert.doesNotMatch(JSON.stringify(answer), /482913/);
    for (const key of ['x'.repeat(256), 'two words']) {
      const { fields } = await send('400 invalid_request', message(), { 'idempotency-key': key });
      assert.deepEqual(fields, [{ path: 'Idempotency-Key', code: 'invalid_format' }]);
    }
  });

  it('has a secret of its own', async () => {
    await send('401 unauthorized', message(), { authorization: LOGTO_SECRET });
    await ask('401 unauthorized', 'A'.repeat(22), LOGTO_SECRET);
    await ask('401 unauthorized', 'A'.repeat(22), '');
  });

  it('is told by code what was not sent, and why', async () => {
    const hook = stack.fn('sms-hook').url;
    await send('400 invalid_request', 'no JSON');
    await send('400 invalid_recipient', message({ to: '74951234567' }));
    const note = 'x'.repeat(64);
    await send('400 text_too_long', message({ type: 'Long', payload: { code: '1', note } }));
    await send('403 country_not_allowed', message({ to: '+77011234567' }));
    await send('403 range_not_allowed', message({ to: '+79771234567' }));
    await send('413 body_too_large', 'x'.repeat(65 * 1024));
    await send('200', message({ to: '+79781234567' }));
    await send('429 rate_exceeded', message({ to: '+79781234568' }));
    stack.gate.faults.order({ fault: 'no_money' });
    await send('502 gateway_refused', message());
    stack.gate.faults.order({ fault: 'rate_limited', retryAfter: 7 });
    await send('503 gateway_unavailable', message());
    await replies.check(hook, DIRECT, '405 method_not_allowed', { method: 'PUT' });
    await replies.check(hook, 'POST /sms/webhook', '404 not_found', { body: '{}' });
  });

  it('asks what became of a message, from accepted to delivered', async () => {
    const body = await send('200', message());
    const { sentAt, changedAt, ...rest } = await ask('200', body['id']);
    const { duplicate: _, ...answered } = body;
    assert.deepEqual(rest, answered);
    assert.ok(String(changedAt) >= String(sentAt));
    for (const [status, code] of [
      ['moderation', 8],
      ['sent', 3],
      ['delivered', 1],
      ['delivered', 3],
    ] as const) {
      await report(body, code);
      assert.equal((await ask('200', body['id']))['status'], status);
    }
  });

  it('asks for a message that SMS Aero moderates, as the answer to the send said', async () => {
    stack.gate.faults.order({ fault: 'moderation' });
    const { id, status, messageId } = await send('200', message());
    assert.equal(status, 'accepted');
    assert.equal((await ask('200', id))['status'], 'moderation');
    const lines = stack.fn('sms-hook').logs();
    const line = lines.find((each) => each['message'] === 'sms' && each['messageId'] === messageId);
    assert.deepEqual([line?.['outcome'], line?.['messageStatus']], ['accepted', 'moderation']);
  });

  it('learns nothing of other messages', async () => {
    const response = await fetch(`${stack.fn('sms-hook').url}/sms/logto`, {
      method: 'POST',
      headers: { authorization: LOGTO_SECRET },
      body: JSON.stringify(message()),
    });
    assert.equal(response.status, 200);
    const lines = stack.fn('sms-hook').logs();
    const ids = lines.flatMap(({ deliveryId, platform }) => (platform === 'logto' ? [deliveryId] : []));
    assert.equal(ids.length, 1);
    const unknown = newDeliveryId(Date.now());
    for (const id of [...ids, unknown, 'A'.repeat(22), 'x', '539820001', '%2e%2e', `${'A'.repeat(22)}/x`]) {
      await ask('404 not_found', id);
    }
    await ask('405 method_not_allowed', unknown, DIRECT_SECRET, 'DELETE');
    await withoutTable(() => ask('503 records_unavailable', unknown));
  });

  it('has its delivery reports taken, whatever they are', async () => {
    const { url } = stack.fn('delivery-report');
    const path = `/reports/${reportToken(LOCAL_HASH_KEY, newDeliveryId(Date.now()))}`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = 'id=1254837211&status=1';
    await replies.check(url, REPORT, '200', { path, headers, body });
    await replies.check(url, REPORT, '200', { path: '/reports/forged', headers, body });
    await replies.check(url, 'GET /reports/{token}', '200', { path });
    await withoutTable(() =>
      replies.check(url, REPORT, '503 records_unavailable', {
        path,
        headers,
        body: body.replace('=1', '=2'),
      }),
    );
  });

  it('was answered with every error code that a caller can get', () => {
    const codes = Object.entries(ERRORS).map(([code, { statusCode }]) => `${statusCode} ${code}`);
    const others = codes.filter((code) => !replies.seen.has(code));
    assert.deepEqual(others, [
      '400 call_not_supported', // tests/contract/platforms/okta.ts
      '503 guard_unavailable', // tests/integration/hook/guard.test.ts
      '500 internal_error', // what nobody foresaw
      '503 configuration_unavailable', // tests/integration/hook/configuration.test.ts
    ]);
  });
});
