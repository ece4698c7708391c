import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { newDeliveryId, reportToken } from '../../../lib/delivery/delivery-id.ts';
import { DeliveryRecords } from '../../../lib/delivery/records.ts';
import { LOCAL_HASH_KEY } from '../../../local/parameter-store.ts';
import { startDeliveryStack } from '../../support/delivery-stack.ts';
import { CONNECTOR, newNumber, postSms } from '../../support/stack.ts';

const stack = await startDeliveryStack({ functions: ['sms-hook', 'delivery-report', 'delivery-events'] });
const records = new DeliveryRecords(stack.table.open());
after(() => stack.close());

describe('delivery reports', () => {
  afterEach(() => {
    stack.account.reports.options = {};
    stack.table.choose = undefined;
    stack.bus.choose = undefined;
  });

  /** Sends a message. @returns what its caller hears, and where its reports go */
  async function send() {
    const { statusCode, body } = await postSms(stack.fn('sms-hook').url, 'direct', { to: newNumber() });
    assert.equal(statusCode, 200);
    const { id, messageId } = JSON.parse(body) as { id: string; messageId: string };
    const { callbackUrl } = stack.account.find(Number(messageId)) ?? {};
    return { id, messageId, callbackUrl: callbackUrl ?? assert.fail('no report was asked for') };
  }
  /** Lets SMS Aero report on a message. */
  async function report(messageId: string, ...codes: (1 | 3)[]) {
    for (const code of codes) stack.account.setStatus(Number(messageId), code);
    await stack.account.reports.settled();
    await stack.idle();
  }
  const post = (url: string, body: string) =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body });
  const state = async (id: string) => (await records.get(id))?.state;
  const receiver = () => stack.fn('delivery-report');
  /** Reasons of the reports that were ignored. */
  const ignored = () =>
    receiver()
      .logs('report ignored')
      .map(({ reason }) => reason);
  const told = (id: string) => stack.bus.events.filter(({ detail }) => (detail as { id: string }).id === id);
  const types = (id: string) => told(id).map((event) => event['detail-type']);

  for (const [form, options] of Object.entries({
    'as a form, more than once and in the wrong order': { copies: 3, reorder: true },
    'as JSON with strings': { format: 'JSON', strings: true },
    'by GET': { method: 'GET' },
  } as const)) {
    it(`are asked for under a URL of the message’s own, and understood ${form}`, async () => {
      stack.account.reports.options = options;
      const { id, messageId, callbackUrl } = await send();
      assert.match(callbackUrl, /^http:\/\/127\.0\.0\.1:\d+\/reports\/[\w-]{44}$/);
      assert.ok(callbackUrl.includes(id));
      await report(messageId, 3, 1);
      assert.equal(await state(id), 'delivered');
      const { log } = stack.account.reports;
      assert.ok(log.every(({ outcome, attempts }) => outcome === 'delivered' && attempts.length === 1));
    });
  }

  it('become events, log lines and metrics that name the delivery, and nothing that is nobody’s business', async () => {
    const before = stack.fn('delivery-events').metrics().length;
    const { id, messageId } = await send();
    await report(messageId, 1);
    assert.deepEqual(types(id), ['SmsAccepted', 'SmsDelivered']);
    const [, delivered = assert.fail('no second event')] = told(id);
    const { eventId, country, senderName, cost } = delivered.detail as Record<string, unknown>;
    assert.deepEqual([eventId, country, senderName, cost], [`${id}/SmsDelivered`, 'RU', 'SMSAero', 4.19]);
    assert.equal(delivered.source, 'smsaero-lambda');
    const written = ['sms-hook', 'delivery-report', 'delivery-events']
      .flatMap((name) => stack.fn(name).logs())
      .filter(({ deliveryId }) => deliveryId === id);
    assert.deepEqual(
      written.map(({ message, event }) => event ?? message),
      ['sms', 'report', 'SmsAccepted', 'SmsDelivered'],
    );
    const counted = stack.fn('delivery-events').metrics().slice(before);
    for (const [name, value] of [
      ['DeliveryAccepted', 1],
      ['DeliveryCost', 4.19],
      ['Delivered', 1],
    ] as const) {
      const values = counted.filter((each) => each.name === name).map((each) => each.value);
      assert.deepEqual(values, [value, value], `${name}: by service, and by country and sender`);
    }
    assert.equal(counted.filter(({ name }) => name === 'DeliveryTime').length, 2);
  });

  it('become events when EventBridge works again', async () => {
    stack.bus.choose = () => 'InternalFailure';
    const { id } = await send();
    while (!stack.fn('delivery-events').output().includes('events not published')) await sleep(10);
    assert.deepEqual(types(id), []);
    stack.bus.choose = undefined;
    await stack.idle();
    assert.deepEqual(types(id), ['SmsAccepted']);
  });

  it('that are forged or too old change nothing, and hear the same', { timeout: 60_000 }, async () => {
    const { id, callbackUrl, messageId } = await send();
    const [base = '', token = ''] = callbackUrl.split(/(?<=\/reports\/)/);
    const since = ignored().length;
    const counted = receiver().metrics().length;
    /** What a function wrote may be read after its answer. */
    const until = async (holds: () => boolean) => {
      while (!holds()) await nextTurn();
    };
    await fetch(base + token, { method: 'POST' }); // has read the configuration
    await until(() => ignored().length > since && receiver().metrics().length > counted);
    const asked = () => [stack.parameters.calls.length, stack.table.calls.length];
    const before = asked();
    const written = receiver().output().length;
    const flood = () => receiver().output().slice(written).trim().split('\n');
    const encoded = token.replaceAll(/./g, (each) => `%25${each.charCodeAt(0).toString(16)}`);
    const forged = [
      // 44 UTF-16 units, whose first 44 bytes are all id: the signature lies behind them
      `${id.slice(0, 8)}${'€'.repeat(14)}${'A'.repeat(22)}`,
      ...[`${token}%0A`, `%ff${token.slice(1)}`, encoded, 'A'.repeat(2_000)],
      reportToken('another key of another account', id),
      reportToken(LOCAL_HASH_KEY, newDeliveryId(Date.now() - 31 * 86_400_000)),
    ];
    for (const each of forged) {
      const response = await post(base + each, `id=${messageId}&status=1`);
      assert.deepEqual([response.status, await response.text()], [200, ''], each);
    }
    await until(() => flood().length >= forged.length);
    assert.deepEqual(asked(), before, 'no call to Parameter Store or the table');
    assert.equal(await state(id), 'accepted');
    assert.deepEqual(ignored().slice(since), ['malformed'], 'no log line');
    assert.equal(flood().length, forged.length, 'one line each');
    assert.ok(
      flood().every((line) => line.includes('"_aws"') && line.length < 300),
      'the metric alone',
    );
    const metrics = receiver().metrics().slice(counted);
    assert.ok(metrics.every(({ name }) => name === 'Report'));
  });

  it('that say nothing new, or nothing of this message, are dropped and counted', async () => {
    const [{ id, callbackUrl, messageId }, other] = [await send(), await send()];
    const since = ignored().length;
    const counted = receiver().metrics().length;
    const tell = async (body: string) => {
      const response = await post(callbackUrl, body);
      assert.deepEqual([response.status, await response.text()], [200, '']);
    };
    await tell(`id=${messageId}&status=1&x=${'x'.repeat(65_536)}`);
    await tell('hello');
    await tell(`id=${messageId}&status=5`);
    await tell(`id=${other.messageId}&status=1`);
    assert.deepEqual([await state(id), await state(other.id)], ['accepted', 'accepted']);
    await tell(`id=${messageId}&status=1`);
    const changes = stack.table.stream.records.length;
    await tell(`id=${messageId}&status=1`);
    await tell(`id=${messageId}&status=6`);
    assert.equal(stack.table.stream.records.length, changes);
    assert.equal(await state(id), 'delivered');
    const reasons = ['too_large', 'malformed', 'unknown_status', 'foreign', 'known', 'known'];
    assert.deepEqual(ignored().slice(since), reasons);
    const metrics = receiver().metrics().slice(counted);
    assert.equal(metrics.length, 14, 'each by service, and once more by its effect');
    assert.ok(metrics.every(({ name, value }) => name === 'Report' && value === 1));
  });

  it('that cannot be written down are not confirmed, and come again', async () => {
    stack.account.reports.options = { repeats: 100, pauseMs: 20 };
    const { id, messageId } = await send();
    stack.table.choose = (_, { key }) => (key.startsWith('delivery#') ? 'hang' : undefined);
    stack.account.setStatus(Number(messageId), 1);
    const sent = () => stack.account.reports.log.find((one) => one.messageId === Number(messageId));
    while (!sent()?.attempts.length) await sleep(5);
    stack.table.choose = undefined;
    await stack.account.reports.settled();
    const [first] = sent()?.attempts ?? [];
    assert.equal(first && 'status' in first ? first.status : 0, 503);
    assert.equal(sent()?.outcome, 'delivered');
    assert.equal(await state(id), 'delivered');
  });

  it('leave no secret in a log or an event', async () => {
    const { callbackUrl, messageId } = await send();
    await post(callbackUrl, `id=${messageId}&status=1`);
    await stack.idle();
    const output = stack.output() + JSON.stringify(stack.bus.events);
    assert.doesNotMatch(output, /482913|7903\d{7}|код/);
    for (const secret of [callbackUrl.split('/').at(-1) ?? '', CONNECTOR.apiKey, LOCAL_HASH_KEY]) {
      assert.ok(!output.includes(secret));
    }
  });

  it('are answered with 503 without a configuration, and no error where the token has another form', async () => {
    stack.parameters.fail('access_denied');
    await stack.restart('delivery-report');
    const statusOf = async (token: string) =>
      (await fetch(`${receiver().url}/reports/${token}`, { method: 'POST' })).status;
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
