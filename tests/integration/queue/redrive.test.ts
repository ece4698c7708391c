import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { SQS } from '@aws-sdk/client-sqs';
import { arn } from '../../../local/aws-account.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';
import {
  COMMANDS,
  command,
  DEAD_LETTERS,
  type DeliveryStack,
  startDeliveryStack,
} from '../../support/delivery-stack.ts';

useAwsStandIns();

const MINUTE = 60_000;

describe('commands that SQS itself puts back', () => {
  let stack: DeliveryStack;
  let client: SQS;
  before(async () => {
    stack = await startDeliveryStack({ functions: ['sms-queue', 'delivery-events'] });
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    client = new SQS({ endpoint: stack.queues.url, region: 'eu-central-1', credentials });
  });
  after(async () => {
    client.destroy();
    await stack.close();
  });
  afterEach(() => stack.queues.queue(DEAD_LETTERS).purge());

  /** What the console's "Start DLQ redrive" to a custom destination does. */
  const redrive = async () => {
    await client.startMessageMoveTask({
      SourceArn: arn('sqs', DEAD_LETTERS),
      DestinationArn: arn('sqs', COMMANDS),
    });
    await stack.idle();
  };
  const letters = () =>
    stack.queues
      .peek(DEAD_LETTERS)
      .map(({ sentAt, messageAttributes: { Reason, FirstSentTimestamp } }) => [
        Reason?.StringValue,
        Number(FirstSentTimestamp?.StringValue),
        sentAt,
      ]);
  const timeless = (data: Record<string, unknown>) => command({ time: undefined }, data);
  const sentTo = (number: string) =>
    stack.account.ledger.filter((entry) => entry.number === number && entry.outcome === 'accepted').length;
  /** A letter of a command that the queue first took so long ago, in ms. */
  const putAside = (body: object, age: number) =>
    stack.queues.send(DEAD_LETTERS, JSON.stringify(body), {
      messageAttributes: {
        Reason: { DataType: 'String', StringValue: 'rejected' },
        FirstSentTimestamp: { DataType: 'String', StringValue: String(Date.now() - age) },
      },
    });

  it('tell each time when the queue first took them', async () => {
    const to = '79051000001';
    stack.account.blacklist.add(to);
    const { sentAt: first } = stack.queues.send(COMMANDS, JSON.stringify(timeless({ to })));
    stack.clock.advance(1_000);
    await stack.idle();
    assert.deepEqual(letters(), [['blacklisted', first, first + 1_000]]);
    stack.clock.advance(1_000);
    await redrive();
    assert.deepEqual(letters(), [['blacklisted', first, first + 2_000]]);
    stack.account.blacklist.delete(to);
    await redrive();
    assert.deepEqual([letters(), sentTo(to)], [[], 1]);
  });

  it('are not sent when their ten minutes are over, though they tell no time', async () => {
    const [late, young] = [timeless({ to: '79051000002' }), timeless({ to: '79051000003' })];
    putAside(late, 10 * MINUTE);
    putAside(young, 9 * MINUTE);
    await redrive();
    assert.deepEqual(
      [late, young].map(({ data }) => sentTo(String(data.to))),
      [0, 1],
    );
    assert.deepEqual(
      letters().map(([reason]) => reason),
      ['expired'],
    );
  });

  it('and came by bus or topic are as old as these say, also where nobody but SQS touched them', async () => {
    const at = (age: number) => new Date(Date.now() - age).toISOString();
    const by = (to: string, envelope: (body: object) => object) => {
      stack.queues.send(DEAD_LETTERS, JSON.stringify(envelope(timeless({ to }))));
    };
    const bus = (age: number) => (detail: object) => ({
      'detail-type': 'sms.send.v1',
      time: at(age),
      detail,
    });
    const topic = (age: number) => (body: object) => ({
      Type: 'Notification',
      Timestamp: at(age),
      Message: JSON.stringify(body),
    });
    by('79051000005', bus(10 * MINUTE));
    by('79051000006', bus(9 * MINUTE));
    by('79051000007', topic(10 * MINUTE));
    by('79051000008', topic(9 * MINUTE));
    await redrive();
    assert.deepEqual(
      [5, 6, 7, 8].map((last) => sentTo(`7905100000${last}`)),
      [0, 1, 0, 1],
    );
    assert.deepEqual(
      letters().map(([reason]) => reason),
      ['expired', 'expired'],
    );
  });

  it('are sent where they say that they live longer', async () => {
    const expiresAt = new Date(Date.now() + MINUTE).toISOString();
    const long = timeless({ to: '79051000004', expiresAt });
    putAside(long, 60 * MINUTE);
    await redrive();
    assert.equal(sentTo('79051000004'), 1);
  });
});
