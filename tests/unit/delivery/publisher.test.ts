import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import type { DeliveryEvent } from '../../../lib/delivery/events.ts';
import { EventPublisher } from '../../../lib/delivery/publisher.ts';
import { startEventBus } from '../../../local/event-bus.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';

const bus = await startEventBus();
after(() => bus.close());
useAwsStandIns({ AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url });
beforeEach(() => {
  bus.calls.length = 0;
});

const AT = '2026-11-24T12:00:00.000Z';
const event = (id: number): DeliveryEvent => ({
  type: 'SmsAccepted',
  detail: { eventId: `event-${id}`, id: `delivery-${id}`, channel: 'sms', at: AT },
});
const events = (count: number) => Array.from({ length: count }, (_, index) => event(index));
const publish = (list: DeliveryEvent[], end?: number) => new EventPublisher('bus').publish(list, end);
/** The entries of each call. */
const entries = () => bus.calls.map(({ input }) => input['Entries'] as readonly { Detail: string }[]);

describe('events of deliveries', () => {
  it('are published on the bus, ten a call', async () => {
    assert.equal((await publish(events(11))).size, 0);
    const [first, second] = entries();
    assert.equal(first?.length, 10);
    assert.deepEqual(second, [
      {
        EventBusName: 'bus',
        Source: 'smsaero-lambda',
        DetailType: 'SmsAccepted',
        Detail: JSON.stringify(event(10).detail),
        Time: Date.parse(AT) / 1_000,
      },
    ]);
  });

  it('are published again where EventBridge refused one by one', async () => {
    let asked = 0;
    bus.choose = () => {
      asked += 1;
      return asked === 2 ? 'ThrottlingException' : undefined;
    };
    assert.equal((await publish(events(3))).size, 0);
    const ids = entries().map((call) => call.map(({ Detail }) => JSON.parse(Detail).id));
    assert.deepEqual(ids, [['delivery-0', 'delivery-1', 'delivery-2'], ['delivery-1']]);
  });

  it('are left from the first call on that fails in part', async () => {
    bus.fail('access_denied');
    const failed = await publish(events(12));
    bus.fail(undefined);
    const [code, ...others] = failed.values();
    assert.deepEqual(others, [...Array(9).fill(code), 'NotTried', 'NotTried']);
    assert.equal(code, 'AccessDeniedException');
  });

  it('are left when the time of the function is over', async () => {
    const failed = await publish(events(2), Date.now() + 1_000);
    assert.deepEqual([...failed.values()], ['NotTried', 'NotTried']);
    assert.deepEqual(bus.calls, []);
  });
});
