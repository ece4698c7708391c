import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import type { DeliveryEvent } from '../../../lib/delivery/events.ts';
import { EventPublisher } from '../../../lib/delivery/publisher.ts';

const bridge = mockClient(EventBridgeClient);
afterEach(() => bridge.reset());

const AT = '2026-11-24T12:00:00.000Z';
const event = (id: number): DeliveryEvent => ({
  type: 'SmsAccepted',
  detail: { eventId: `event-${id}`, id: `delivery-${id}`, channel: 'sms', at: AT },
});
const events = (count: number) => Array.from({ length: count }, (_, index) => event(index));
const publish = (list: DeliveryEvent[], end?: number) => new EventPublisher('bus').publish(list, end);
const taken = { EventId: 'id' };
const refused = { ErrorCode: 'ThrottlingException' };
/** The events of each call. */
const calls = () =>
  bridge
    .commandCalls(PutEventsCommand)
    .map(({ args: [{ input }] }) => (input.Entries ?? []).map(({ Detail }) => JSON.parse(Detail ?? '').id));

describe('events of deliveries', () => {
  it('are published on the bus, ten a call', async () => {
    bridge.on(PutEventsCommand).callsFake(async ({ Entries }) => ({ Entries: Entries.map(() => taken) }));
    assert.equal((await publish(events(11))).size, 0);
    assert.deepEqual(
      calls().map(({ length }) => length),
      [10, 1],
    );
    assert.deepEqual(bridge.commandCalls(PutEventsCommand)[1]?.args[0].input.Entries, [
      {
        EventBusName: 'bus',
        Source: 'smsaero-lambda',
        DetailType: 'SmsAccepted',
        Detail: JSON.stringify(event(10).detail),
        Time: new Date(AT),
      },
    ]);
  });

  it('are published again where EventBridge refused one by one', async () => {
    bridge
      .on(PutEventsCommand)
      .resolvesOnce({ Entries: [taken, refused, taken] })
      .resolves({ Entries: [taken] });
    assert.equal((await publish(events(3))).size, 0);
    assert.deepEqual(calls(), [['delivery-0', 'delivery-1', 'delivery-2'], ['delivery-1']]);
  });

  it('are left from the first call on that fails in part', async () => {
    bridge.on(PutEventsCommand).rejects(Object.assign(new Error('no bus'), { name: 'AccessDenied' }));
    const failed = await publish(events(12));
    assert.deepEqual([...failed.values()], [...Array(10).fill('AccessDenied'), 'NotTried', 'NotTried']);
  });

  it('are left when the time of the function is over', async () => {
    const failed = await publish(events(2), Date.now() + 1_000);
    assert.deepEqual([...failed.values()], ['NotTried', 'NotTried']);
    assert.deepEqual(calls(), []);
  });
});
