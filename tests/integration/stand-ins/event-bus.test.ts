import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { EventBridge, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { type EventBus, startEventBus } from '../../../local/event-bus.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';

useAwsStandIns();

let bus: EventBus;
let client: EventBridge;

beforeEach(async () => {
  bus = await startEventBus();
  client = new EventBridge({ endpoint: bus.url, maxAttempts: 1 });
});
afterEach(async () => {
  client.destroy();
  await bus.close();
});

const entry = (changes: PutEventsRequestEntry = {}): PutEventsRequestEntry => ({
  Source: 'com.example.shop',
  DetailType: 'sms.send.v1',
  Detail: '{"to":"79031234567"}',
  ...changes,
});
const put = (...Entries: PutEventsRequestEntry[]) => client.putEvents({ Entries });

describe('the event bus', () => {
  it("has an event in EventBridge's envelope", async () => {
    const { Entries, FailedEntryCount } = await put(entry({ Time: new Date('2026-01-01T00:00:00.500Z') }));
    assert.equal(FailedEntryCount, 0);
    assert.deepEqual(bus.events, [
      {
        version: '0',
        id: Entries?.[0]?.EventId,
        'detail-type': 'sms.send.v1',
        source: 'com.example.shop',
        account: '000000000000',
        time: '2026-01-01T00:00:00Z',
        region: 'eu-central-1',
        resources: [],
        detail: { to: '79031234567' },
      },
    ]);
  });

  it('refuses a bad entry and takes the others', async () => {
    const bad = [entry({ Source: undefined }), entry({ Detail: '{"to":' }), entry({ Detail: '["7903"]' })];
    const { Entries, FailedEntryCount } = await put(...bad, entry());
    assert.equal(FailedEntryCount, 3);
    const codes = Entries?.map(({ ErrorCode }) => ErrorCode);
    assert.deepEqual(codes, ['InvalidArgument', 'MalformedDetail', 'MalformedDetail', undefined]);
    assert.equal(bus.events.length, 1);
  });

  it('refuses a call with no entry, and with more than 10', async () => {
    for (const length of [0, 11]) {
      await assert.rejects(put(...Array.from({ length }, () => entry())), { name: 'ValidationException' });
    }
  });
});
