import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { createCheckDeliveries } from '../../../lib/delivery/check-deliveries.ts';
import { DeliveryRecords } from '../../../lib/delivery/records.ts';
import { Table } from '../../../lib/dynamodb.ts';
import { SmsAeroClient } from '../../../lib/smsaero/client.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';
import { type DeliveryStack, DIRECT_SECRET, startDeliveryStack } from '../../support/delivery-stack.ts';
import { CONNECTOR } from '../../support/stack.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('a code by Telegram, from the request to its end', () => {
  let stack: DeliveryStack;
  let client: SmsAeroClient;
  let table: Table;
  before(async () => {
    stack = await startDeliveryStack({
      functions: ['sms-hook', 'delivery-report', 'message-status', 'delivery-events'],
      account: { telegramAfterMs: Number.POSITIVE_INFINITY },
      prepare: ({ parameters }) => {
        const templates = CONNECTOR.templates.map((template) => ({ ...template, channel: 'telegram' }));
        parameters.put('/smsaero/test/templates', JSON.stringify(templates).replaceAll('{{', '{\\u007b'));
      },
    });
    useAwsStandIns({ AWS_ENDPOINT_URL_DYNAMODB: stack.table.url });
    client = new SmsAeroClient({ gates: [stack.gate.url] });
    table = new Table('smsaero-test', 60_000);
  });
  after(async () => {
    client.close();
    await stack.close();
  });
  afterEach(() => stack.gate.faults.clear());

  let numbers = 0;
  async function post(to: string, key: string): Promise<Record<string, unknown>> {
    const headers = {
      authorization: DIRECT_SECRET,
      'content-type': 'application/json',
      'idempotency-key': key,
    };
    const body = JSON.stringify({ to, type: 'SignIn', payload: { code: '482913' } });
    const response = await fetch(`${stack.fn('sms-hook').url}/sms/direct`, { method: 'POST', headers, body });
    assert.equal(response.status, 200);
    return (await response.json()) as Record<string, unknown>;
  }
  async function send() {
    numbers += 1;
    const to = `7903${String(numbers).padStart(7, '0')}`;
    const key = `key-${numbers}`;
    const body = await post(to, key);
    return { id: String(body['id']), messageId: Number(body['messageId']), body, again: () => post(to, key) };
  }
  /** Runs the check some time from now. */
  const check = async (later: number) => {
    const settings = CONNECTOR as never;
    const configuration = { get: async () => settings, renew: async () => settings };
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const records = new DeliveryRecords(table);
    const run = createCheckDeliveries({ configuration, table, records, gateway: client, log });
    const checked = await run(Date.now() + 60_000, Date.now() + later);
    await stack.idle();
    return checked;
  };
  async function ask(id: string) {
    const headers = { authorization: DIRECT_SECRET };
    const response = await fetch(`${stack.fn('message-status').url}/messages/${id}`, { headers });
    const { changedAt, sentAt, ...body } = (await response.json()) as Record<string, unknown>;
    return body;
  }
  const events = (id: string) =>
    stack.bus.events
      .filter(({ detail }) => (detail as { id: string }).id === id)
      .map(({ detail, 'detail-type': type }) => {
        const { channel, messageId, smsMessageId, cost } = detail as Record<string, unknown>;
        return { type, channel, messageId, smsMessageId, cost };
      });
  const totalOf = (name: string) => {
    const values = stack
      .fn('delivery-events')
      .metrics()
      .filter((each) => each.name === name)
      .map(({ value }) => value);
    return Math.round(values.reduce((sum, value) => sum + value, 0) * 100) / 100;
  };
  /** Roubles: each is there by service, and once more by country and sender. */
  const cost = () => totalOf('DeliveryCost') / 2;

  it('is asked for after two minutes, since nothing reports on it', async () => {
    const { id, messageId, body } = await send();
    const { id: _, ...answer } = body;
    assert.deepEqual(answer, {
      status: 'accepted',
      messageId: String(messageId),
      channel: 'telegram',
      segments: 1,
      cost: 1,
      duplicate: false,
    });
    stack.account.setStatus(messageId, 1);
    await check(MINUTE);
    assert.equal((await ask(id))['status'], 'accepted');
    await check(2 * MINUTE + 1);
    const told = { channel: 'telegram', messageId: String(messageId), cost: 1 };
    assert.deepEqual(await ask(id), { id, status: 'delivered', segments: 1, ...told });
    assert.deepEqual(events(id), [
      { type: 'SmsAccepted', ...told, smsMessageId: undefined },
      { type: 'SmsDelivered', ...told, smsMessageId: undefined },
    ]);
    assert.deepEqual([totalOf('TelegramDelivered'), totalOf('TelegramFallback')], [1, 0]);
    assert.equal(cost(), 1);
    assert.equal((await check(72 * HOUR)).due, 0, 'and then no more');
  });

  it('follows the SMS that took over, whose end and price it tells', async () => {
    const before = cost();
    const { id, messageId } = await send();
    stack.account.setStatus(messageId, 2);
    const [sms] = stack.account.messages();
    const smsId = sms?.id ?? 0;
    await check(3 * MINUTE);
    const taken = { channel: 'sms', messageId: String(messageId), smsMessageId: String(smsId), cost: 5.19 };
    assert.deepEqual(await ask(id), { id, status: 'accepted', segments: 1, ...taken });
    assert.deepEqual([totalOf('TelegramFallback'), cost() - before], [1, 5.19]);
    stack.account.setStatus(smsId, 1);
    // Only the SMS is of interest now.
    stack.gate.faults.order({ fault: 'server_error_json', method: 'telegram/status', times: 5 });
    await check(20 * MINUTE);
    assert.deepEqual(await ask(id), { id, status: 'delivered', segments: 1, ...taken });
    assert.deepEqual(
      events(id).map(({ type, channel, smsMessageId, cost }) => [type, channel, smsMessageId, cost]),
      [
        ['SmsAccepted', 'telegram', undefined, 1],
        ['SmsDelivered', 'sms', String(smsId), 5.19],
      ],
    );
    assert.deepEqual([totalOf('TelegramFallback'), totalOf('TelegramDelivered')], [1, 1]);
    assert.deepEqual([stack.account.balance, cost()], [1_000_000 - 6.19, 6.19]);
  });

  it('is answered as the first to a repeat, also once an SMS took over and by another process', async () => {
    const { messageId, body, again } = await send();
    stack.account.setStatus(messageId, 2);
    await check(3 * MINUTE);
    await stack.restart('sms-hook');
    const sent = stack.account.ledger.length;
    assert.deepEqual(await again(), { ...body, cost: 5.19, duplicate: true });
    assert.equal(stack.account.ledger.length, sent);
  });

  it('tells of both at once where the SMS has arrived by the first question', async () => {
    const { id, messageId } = await send();
    stack.account.setStatus(messageId, 2);
    stack.account.setStatus(stack.account.messages()[0]?.id ?? 0, 1);
    await check(3 * MINUTE);
    const { status, channel, cost: roubles } = await ask(id);
    assert.deepEqual([status, channel, roubles], ['delivered', 'sms', 5.19]);
    assert.deepEqual(
      events(id).map(({ type }) => type),
      ['SmsAccepted', 'SmsDelivered'],
    );
  });

  it('waits an hour for an SMS before it says undelivered', async () => {
    const { id, messageId } = await send();
    const message = stack.account.find(messageId) ?? assert.fail('no message');
    // Telegram did not deliver, and SMS Aero names no SMS.
    const { account } = stack;
    const find = account.find.bind(account);
    account.find = (asked, test) =>
      asked === messageId ? { ...message, status: 2, extendStatus: 'undelivered' } : find(asked, test);
    await check(3 * MINUTE);
    assert.equal((await ask(id))['status'], 'accepted');
    await check(59 * MINUTE);
    assert.equal((await ask(id))['status'], 'accepted');
    await check(130 * MINUTE);
    account.find = find;
    assert.equal((await ask(id))['status'], 'undelivered');
    assert.deepEqual(
      events(id).map(({ type, channel }) => [type, channel]),
      [
        ['SmsAccepted', 'telegram'],
        ['SmsUndelivered', 'telegram'],
      ],
    );
  });

  it('stays due while SMS Aero does not know it or does not say', async () => {
    const { id, messageId } = await send();
    stack.account.setStatus(messageId, 1);
    stack.gate.faults.order({ fault: 'rate_limited', method: 'telegram/status' });
    assert.equal((await check(3 * MINUTE)).stopped, 'rate_limited');
    stack.gate.faults.order({ fault: 'server_error_json', method: 'telegram/status' });
    await check(3 * MINUTE);
    assert.equal((await ask(id))['status'], 'accepted');
    await check(20 * MINUTE);
    assert.equal((await ask(id))['status'], 'delivered');
  });
});
