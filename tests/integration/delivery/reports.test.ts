import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newDeliveryId, reportToken } from '../../../lib/delivery/delivery-id.ts';
import { LOCAL_HASH_KEY } from '../../../local/parameter-store.ts';
import { type DeliveryStack, DIRECT_SECRET, startDeliveryStack } from '../../support/delivery-stack.ts';
import { CONNECTOR } from '../../support/stack.ts';

describe('delivery reports', () => {
  let stack: DeliveryStack;
  before(async () => {
    stack = await startDeliveryStack({
      functions: ['sms-hook', 'delivery-report', 'delivery-events', 'message-status'],
    });
  });
  after(() => stack.close());
  afterEach(() => {
    stack.account.reports.options = {};
    stack.table.choose = undefined;
  });

  let numbers = 0;
  /** Sends a message. @returns what its caller hears, and where its reports go */
  async function send(): Promise<{ id: string; messageId: string; callbackUrl: string }> {
    numbers += 1;
    const response = await fetch(`${stack.fn('sms-hook').url}/sms/direct`, {
      method: 'POST',
      headers: { authorization: DIRECT_SECRET },
      body: JSON.stringify({ to: `7904${String(numbers).padStart(7, '0')}`, payload: { code: '482913' } }),
    });
    assert.equal(response.status, 200);
    const { id, messageId } = (await response.json()) as { id: string; messageId: string };
    const message = stack.account.find(Number(messageId));
    return { id, messageId, callbackUrl: message?.callbackUrl ?? assert.fail('no report was asked for') };
  }
  const post = (url: string, body: string | Uint8Array, type = 'application/x-www-form-urlencoded') =>
    fetch(url, { method: 'POST', headers: { 'content-type': type }, body: body as string });
  async function state(id: string): Promise<string> {
    const response = await fetch(`${stack.fn('message-status').url}/messages/${id}`, {
      headers: { authorization: DIRECT_SECRET },
    });
    return ((await response.json()) as { status: string }).status;
  }
  const ignored = (since: number) =>
    stack
      .fn('delivery-report')
      .logs()
      .slice(since)
      .flatMap(({ message, reason }) => (message === 'report ignored' ? [reason] : []));
  const lines = () => stack.fn('delivery-report').logs().length;

  it('are asked for under a URL of the message’s own', async () => {
    const [first, second] = [await send(), await send()];
    assert.match(first.callbackUrl, /^http:\/\/127\.0\.0\.1:\d+\/reports\/[\w-]{44}$/);
    assert.notEqual(first.callbackUrl, second.callbackUrl);
  });

  for (const [form, options] of Object.entries({
    'as a form': {},
    'as JSON with numbers': { format: 'JSON' },
    'as JSON with strings': { format: 'JSON', strings: true },
    'by GET': { method: 'GET' },
    'with more fields': { extra: { number: 79031234567, cost: '4.19' } },
    'more than once': { copies: 3 },
    'in the wrong order': { reorder: true },
  } as const)) {
    it(`are understood ${form}`, async () => {
      stack.account.reports.options = options;
      const { id, messageId } = await send();
      stack.account.setStatus(Number(messageId), 3);
      stack.account.setStatus(Number(messageId), 1);
      await stack.account.reports.settled();
      assert.equal(await state(id), 'delivered');
      const { log } = stack.account.reports;
      assert.ok(log.every(({ outcome, attempts }) => outcome === 'delivered' && attempts.length === 1));
    });
  }

  it('that are forged, of another key, or for nothing we know change nothing, and hear the same', async () => {
    const { id, callbackUrl, messageId } = await send();
    const [base = '', token = ''] = callbackUrl.split(/(?<=\/reports\/)/);
    const now = Date.now();
    const month = 31 * 86_400_000;
    const since = lines();
    const counted = stack.fn('delivery-report').metrics().length;
    await fetch(base + token, { method: 'POST' }); // has read the configuration
    const asked = () => [stack.parameters.calls.length, stack.table.calls.length];
    const before = asked();
    const output = () => stack.fn('delivery-report').output();
    const written = output().length;
    const time = id.slice(0, 8);
    const forged = [
      // 44 UTF-16 units, whose first 44 bytes are all id: the signature lies behind them
      `${time}${'€'.repeat(14)}${'A'.repeat(22)}`,
      `${time}${'é'.repeat(14)}${'A'.repeat(22)}`,
      `${'é'.repeat(22)}${'A'.repeat(22)}`,
      `${token}%0A`,
      `${token}%00`,
      `%ff${token.slice(1)}`,
      id + 'A'.repeat(22),
      token.slice(0, 22) + token.slice(22).split('').reverse().join(''),
      token.slice(0, 43),
      reportToken('another key of another account', id),
      reportToken(LOCAL_HASH_KEY, newDeliveryId(now - month)),
      'x',
      '%00',
      'A'.repeat(2_000),
    ];
    for (const each of forged) {
      const response = await post(base + each, `id=${messageId}&status=1`);
      assert.deepEqual([response.status, await response.text()], [200, ''], each);
    }
    assert.deepEqual(asked(), before, 'no call to Parameter Store or the table');
    assert.equal(await state(id), 'accepted');
    assert.deepEqual(ignored(since), ['malformed'], 'no log line');
    const flood = output().slice(written).trim().split('\n');
    assert.equal(flood.length, forged.length, 'one line each');
    assert.ok(
      flood.every((line) => line.includes('"_aws"') && line.length < 300),
      'the metric, and no more',
    );
    const reports = stack.fn('delivery-report').metrics().slice(counted);
    assert.deepEqual(new Set(reports.map(({ name }) => name)), new Set(['Report']));
  });

  it('are refused in part of their encoding, and taken percent-encoded, as API Gateway decodes paths', async () => {
    const { id, callbackUrl, messageId } = await send();
    const [base = '', token = ''] = callbackUrl.split(/(?<=\/reports\/)/);
    const encoded = token.replaceAll(/./g, (each) => `%${each.charCodeAt(0).toString(16)}`);
    await post(`${base}${encoded.replaceAll('%', '%25')}`, `id=${messageId}&status=1`);
    assert.equal(await state(id), 'accepted');
    await post(`${base}${encoded}`, `id=${messageId}&status=1`);
    assert.equal(await state(id), 'delivered');
  });

  it('of one message say nothing of another', async () => {
    const [first, second] = [await send(), await send()];
    const since = lines();
    await post(first.callbackUrl, `id=${second.messageId}&status=1`);
    assert.deepEqual([await state(first.id), await state(second.id)], ['accepted', 'accepted']);
    assert.deepEqual(ignored(since), ['foreign']);
  });

  it('that come again change nothing', async () => {
    const { id, callbackUrl, messageId } = await send();
    await post(callbackUrl, `id=${messageId}&status=1`);
    const changes = stack.table.stream.records.length;
    const since = lines();
    await post(callbackUrl, `id=${messageId}&status=1`);
    await post(callbackUrl, `id=${messageId}&status=6`);
    assert.equal(stack.table.stream.records.length, changes);
    assert.equal(await state(id), 'delivered');
    assert.deepEqual(ignored(since), ['known', 'known']);
  });

  it('that are too large, no report, or of a status that nobody knows are dropped and counted', async () => {
    const { id, callbackUrl, messageId } = await send();
    const since = lines();
    const before = stack.fn('delivery-report').metrics().length;
    for (const body of [
      `id=${messageId}&status=1&x=${'x'.repeat(65_536)}`,
      'hello',
      `id=${messageId}&status=5`,
    ]) {
      const response = await post(callbackUrl, body);
      assert.deepEqual([response.status, await response.text()], [200, '']);
    }
    assert.equal(await state(id), 'accepted');
    assert.deepEqual(ignored(since), ['too_large', 'malformed', 'unknown_status']);
    const counted = stack.fn('delivery-report').metrics().slice(before);
    assert.deepEqual(
      counted.filter(({ name }) => name === 'Report').map(({ value }) => value),
      [1, 1, 1, 1, 1, 1],
      'each by service, and once more by its effect',
    );
  });

  it('that cannot be written down are not confirmed, and come again', async () => {
    stack.account.reports.options = { repeats: 100, pauseMs: 20 };
    const { id, messageId } = await send();
    stack.table.choose = (_, { key }) => (key.startsWith('delivery#') ? 'server_error' : undefined);
    stack.account.setStatus(Number(messageId), 1);
    const report = () => stack.account.reports.log.find((one) => one.messageId === Number(messageId));
    while (!report()?.attempts.length) await sleep(5);
    stack.table.choose = undefined;
    await stack.account.reports.settled();
    const [first] = report()?.attempts ?? [];
    assert.equal(first && 'status' in first ? first.status : 0, 503);
    assert.equal(report()?.outcome, 'delivered');
    assert.equal(await state(id), 'delivered');
  });

  it('leave no secret in a log', async () => {
    const { callbackUrl, messageId } = await send();
    await post(callbackUrl, `id=${messageId}&status=1`);
    const output = stack.output();
    assert.doesNotMatch(output, /482913|7904\d{7}/);
    assert.ok(!output.includes(callbackUrl.split('/').at(-1) ?? ''), 'the token');
    for (const secret of [CONNECTOR.apiKey, LOCAL_HASH_KEY]) assert.ok(!output.includes(secret));
  });
});

describe('delivery reports without a configuration', () => {
  let stack: DeliveryStack;
  before(async () => {
    stack = await startDeliveryStack({
      functions: ['delivery-report'],
      prepare: ({ parameters }) => parameters.fail('access_denied'),
    });
  });
  after(() => stack.close());

  const statusOf = async (token: string) =>
    (await fetch(`${stack.fn('delivery-report').url}/reports/${token}`, { method: 'POST' })).status;

  it('are answered with 503 if they may be of ours, and no error where the token has another form', async () => {
    assert.equal(await statusOf(reportToken(LOCAL_HASH_KEY, newDeliveryId(Date.now()))), 503);
    const calls = stack.parameters.calls.length;
    const ofStranger = reportToken('key-of-a-stranger', newDeliveryId(Date.now()));
    assert.equal(await statusOf(ofStranger), 503, 'no load: the last one has just failed');
    for (const token of ['', 'x', `${'é'.repeat(22)}${'A'.repeat(22)}`, 'A'.repeat(44)]) {
      assert.equal(await statusOf(token), 200, token);
    }
    assert.equal(stack.parameters.calls.length, calls);
  });
});
