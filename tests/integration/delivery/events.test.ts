import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { COMMANDS, command, type DeliveryStack, startDeliveryStack } from '../../support/delivery-stack.ts';

describe('events of deliveries', () => {
  let stack: DeliveryStack;
  before(async () => {
    stack = await startDeliveryStack({ functions: ['delivery-report', 'sms-queue', 'delivery-events'] });
  });
  after(() => stack.close());
  afterEach(() => {
    stack.bus.choose = undefined;
    stack.bus.fail(undefined);
  });

  let numbers = 0;
  /** Sends by a command. @returns its id, and SMS Aero's of the message */
  async function send() {
    numbers += 1;
    const sent = command({}, { to: `7906${String(numbers).padStart(7, '0')}` });
    await stack.queues.send(COMMANDS, JSON.stringify(sent));
    await stack.idle();
    return { id: sent.id, messageId: stack.account.messages()[0]?.id ?? 0 };
  }
  const told = (id: string) =>
    stack.bus.events.filter(({ detail }) => (detail as { command?: { id: string } }).command?.id === id);
  const types = (id: string) => told(id).map((event) => event['detail-type']);

  it('are published on the bus, with all there is to know and nothing that is nobody’s business', async () => {
    const { id, messageId } = await send();
    stack.account.setStatus(messageId, 1);
    await stack.account.reports.settled();
    await stack.idle();
    assert.deepEqual(types(id), ['SmsAccepted', 'SmsDelivered']);
    const [accepted, delivered] = told(id);
    assert.equal(accepted?.source, 'smsaero-lambda');
    const {
      at,
      sentAt,
      id: deliveryId,
      eventId,
      ...rest
    } = (delivered ?? assert.fail('no second event')).detail as Record<string, unknown>;
    assert.deepEqual(rest, {
      messageId: String(messageId),
      platform: 'queue',
      usageType: 'SignIn',
      country: 'RU',
      senderName: 'SMSAero',
      channel: 'sms',
      segments: 1,
      cost: 4.19,
      command: { source: 'https://shop.example/orders', id },
    });
    assert.equal(eventId, `${deliveryId}/SmsDelivered`);
    assert.ok(String(at) >= String(sentAt));
    assert.doesNotMatch(JSON.stringify(stack.bus.events), /7906\d{7}|482913|Код/);
  });

  it('have log lines that name the delivery as the other lines of its message do', async () => {
    const { messageId } = await send();
    stack.account.setStatus(messageId, 1);
    await stack.account.reports.settled();
    await stack.idle();
    const lines = (['sms-queue', 'delivery-report', 'delivery-events'] as const)
      .flatMap((name) => stack.fn(name).logs())
      .filter((line) => line['messageId'] === String(messageId));
    assert.deepEqual(
      lines.map(({ message, event }) => event ?? message),
      ['sms', 'report', 'SmsAccepted', 'SmsDelivered'],
    );
    assert.match(String(lines[0]?.['deliveryId']), /^[\w-]{22}$/);
    assert.equal(new Set(lines.map(({ deliveryId }) => deliveryId)).size, 1);
  });

  it('are published when EventBridge works again, whatever kept it', async () => {
    for (const way of ['throttle', 'reset'] as const) {
      stack.bus.fail(way);
      const sent = command({}, { to: `7907${String(numbers++).padStart(7, '0')}` });
      await stack.queues.send(COMMANDS, JSON.stringify(sent));
      while (!stack.fn('delivery-events').output().includes('events not published')) await sleep(10);
      assert.deepEqual(types(sent.id), [], way);
      stack.bus.fail(undefined);
      await stack.idle();
      assert.deepEqual(types(sent.id), ['SmsAccepted'], way);
    }
  });

  it('are counted by country and sender, with the time and the cost', async () => {
    const before = stack.fn('delivery-events').metrics().length;
    const { messageId } = await send();
    stack.account.setStatus(messageId, 1);
    await stack.account.reports.settled();
    await stack.idle();
    const counted = stack.fn('delivery-events').metrics().slice(before);
    const names = counted.map(({ name }) => name);
    for (const name of ['DeliveryAccepted', 'DeliveryCost', 'Delivered', 'DeliveryTime']) {
      assert.equal(
        names.filter((each) => each === name).length,
        2,
        `${name}: by service, and by country and sender`,
      );
    }
    assert.equal(counted.find(({ name }) => name === 'DeliveryCost')?.value, 4.19);
    const line = stack
      .fn('delivery-events')
      .output()
      .split('\n')
      .find((each) => each.includes('"Delivered"') && each.includes('"Country":"RU"'));
    assert.match(line ?? '', /"Sender":"SMSAero"/);
  });
});
