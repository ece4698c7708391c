import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { EventBridge, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { AwsFailure } from '../../../local/aws-json.ts';
import { ManualClock } from '../../../local/clock.ts';
import { type Envelope, type EventBus, startEventBus } from '../../../local/event-bus/index.ts';
import { type Queues, startQueues } from '../../../local/queue/index.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';

useAwsStandIns();

const COMMANDS = 'smsaero-local-commands';

let queues: Queues;
let bus: EventBus;
let client: EventBridge;
let heard: Envelope[];

beforeEach(async () => {
  heard = [];
  queues = await startQueues({ names: [COMMANDS] });
  bus = await startEventBus({
    clock: new ManualClock(),
    onEvent: (envelope) => heard.push(envelope),
    rules: [
      {
        detailType: 'sms.send.v1',
        deliver: (envelope) => void queues.send(COMMANDS, JSON.stringify(envelope)),
      },
    ],
  });
  client = new EventBridge({
    endpoint: bus.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await bus.close();
  await queues.close();
});

const entry = (changes: PutEventsRequestEntry = {}): PutEventsRequestEntry => ({
  Source: 'com.example.shop',
  DetailType: 'sms.send.v1',
  Detail: '{"to":"79031234567"}',
  ...changes,
});
const put = (...Entries: PutEventsRequestEntry[]) => client.putEvents({ Entries });
const delivered = () => queues.peek(COMMANDS).map(({ body }) => JSON.parse(body) as Envelope);

describe('an event', () => {
  it("goes to its rule's target in EventBridge's envelope", async () => {
    const { Entries, FailedEntryCount } = await put(entry({ Resources: ['arn:aws:s3:::bucket'] }));
    assert.equal(FailedEntryCount, 0);
    assert.deepEqual(delivered(), [
      {
        version: '0',
        id: Entries?.[0]?.EventId,
        'detail-type': 'sms.send.v1',
        source: 'com.example.shop',
        account: '000000000000',
        time: '2026-01-01T00:00:00Z',
        region: 'eu-central-1',
        resources: ['arn:aws:s3:::bucket'],
        detail: { to: '79031234567' },
      },
    ]);
    assert.deepEqual(bus.events, delivered());
    assert.deepEqual(heard, delivered());
  });

  it('has the time that its sender tells', async () => {
    await put(entry({ Time: new Date('2025-06-01T12:00:00.500Z') }));
    assert.equal(bus.events[0]?.time, '2025-06-01T12:00:00Z');
  });

  it('goes nowhere when its type has no rule, or its bus is another one', async () => {
    const { FailedEntryCount } = await put(
      entry({ DetailType: 'sms.sent.v1' }),
      entry({ EventBusName: 'other' }),
      entry({ EventBusName: 'arn:aws:events:eu-central-1:000000000000:event-bus/default' }),
    );
    assert.equal(FailedEntryCount, 0);
    assert.equal(bus.events.length, 3);
    assert.equal(delivered().length, 1);
  });
});

describe('an entry', () => {
  it('is refused alone when something of it is missing or its detail is no JSON object', async () => {
    const { Entries, FailedEntryCount } = await put(
      entry({ Source: undefined }),
      entry({ DetailType: undefined }),
      entry({ Detail: undefined }),
      entry({ Detail: '{"to":' }),
      entry({ Detail: '["79031234567"]' }),
      entry({ Source: 'aws.events' }),
      entry(),
    );
    const required = (name: string) =>
      `Parameter ${name} is not valid. Reason: ${name} is a required argument.`;
    assert.equal(FailedEntryCount, 6);
    assert.deepEqual(
      Entries?.map(({ ErrorCode, ErrorMessage }) => ErrorCode && [ErrorCode, ErrorMessage]),
      [
        ['InvalidArgument', required('Source')],
        ['InvalidArgument', required('DetailType')],
        ['InvalidArgument', required('Detail')],
        ['MalformedDetail', 'Detail is malformed.'],
        ['MalformedDetail', 'Detail is malformed.'],
        ['NotAuthorizedForSourceException', 'Not authorized for the source.'],
        undefined,
      ],
    );
    assert.equal(delivered().length, 1);
  });

  it('fails when told, while the others are taken', async () => {
    bus.choose = ({ Detail }) =>
      Detail === '{"n":2}' ? 'ThrottlingException' : Detail === '{"n":3}' ? 'InternalFailure' : undefined;
    const entries = [1, 2, 3, 4].map((n) => entry({ Detail: JSON.stringify({ n }) }));
    const { Entries, FailedEntryCount } = await put(...entries);
    assert.equal(FailedEntryCount, 2);
    assert.deepEqual(
      Entries?.map(({ ErrorCode }) => ErrorCode),
      [undefined, 'ThrottlingException', 'InternalFailure', undefined],
    );
    assert.deepEqual(
      delivered().map(({ detail }) => detail),
      [{ n: 1 }, { n: 4 }],
    );
  });
});

describe('a call', () => {
  it('is refused as a whole with no entry, with more than 10, and when it is too large', async () => {
    await assert.rejects(put(), { name: 'ValidationException', message: /greater than or equal to 1$/ });
    await assert.rejects(put(...Array.from({ length: 11 }, () => entry())), {
      name: 'ValidationException',
      message: /less than or equal to 10$/,
    });
    const sized = (bytes: number) =>
      entry({ Source: 's', DetailType: 'd', Detail: `{"a":"${'x'.repeat(bytes - 10)}"}` });
    await put(sized(262_144));
    await assert.rejects(put(sized(262_145)), {
      name: 'ValidationException',
      message: 'Total size of the entries in the request is over the limit.',
    });
    await assert.rejects(put(sized(131_072), sized(131_073)), { name: 'ValidationException' });
    assert.equal(bus.events.length, 1);
  });

  const errors: [AwsFailure, string][] = [
    ['throttle', 'ThrottlingException'],
    ['access_denied', 'AccessDeniedException'],
    ['server_error', 'InternalException'],
  ];
  for (const [mode, name] of errors) {
    it(`fails with ${name} when told`, async () => {
      bus.fail(mode, 1);
      await assert.rejects(put(entry()), { name });
      await put(entry());
      assert.equal(bus.events.length, 1);
    });
  }
});
