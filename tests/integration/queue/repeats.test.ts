import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { newDeliveryId } from '../../../lib/delivery/delivery-id.ts';
import { keyedHash } from '../../../lib/derived-key.ts';
import { Table } from '../../../lib/dynamodb.ts';
import { Claims } from '../../../lib/guard/claims.ts';
import { LOCAL_HASH_KEY } from '../../../local/parameter-store.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';
import {
  COMMANDS,
  command,
  DEAD_LETTERS,
  type DeliveryStack,
  startDeliveryStack,
} from '../../support/delivery-stack.ts';

describe('commands that come again', () => {
  let stack: DeliveryStack;
  before(async () => {
    stack = await startDeliveryStack({ functions: ['sms-queue', 'delivery-events'] });
  });
  after(() => stack.close());
  afterEach(() => {
    stack.gate.faults.clear();
    stack.table.choose = undefined;
  });

  let numbers = 0;
  const fresh = () => {
    numbers += 1;
    return `7905${String(numbers).padStart(7, '0')}`;
  };
  const put = (body: object) => stack.queues.send(COMMANDS, JSON.stringify(body));
  const sentTo = (number: string) => stack.account.ledger.filter((entry) => entry.number === number).length;
  const waiting = () => stack.queues.depth(COMMANDS);
  const told = (id: string) =>
    stack.bus.events.flatMap((event) => {
      const { command: by, reason } = event.detail as { command?: { id: string }; reason?: string };
      return by?.id === id ? [reason ? `${event['detail-type']} ${reason}` : event['detail-type']] : [];
    });
  const soon = (ms: number) => new Date(Date.now() + ms).toISOString();

  it('after their end are not told to have failed when they were sent', async () => {
    const to = fresh();
    const sent = command({}, { to, expiresAt: soon(1_500) });
    await put(sent);
    await stack.idle();
    await sleep(1_600);
    await put(sent);
    await stack.idle();
    assert.deepEqual([sentTo(to), await waiting(), told(sent.id)], [1, 0, ['SmsAccepted']]);
    assert.equal(await stack.queues.depth(DEAD_LETTERS), 0);
  });

  it('while the first is under way are no unknown outcome', { timeout: 60_000 }, async () => {
    const to = fresh();
    stack.gate.faults.order({ fault: 'late_answer', delayMs: 2_000, method: 'sms/send' });
    const slow = command({}, { to });
    await put(slow);
    while (sentTo(to) === 0) await sleep(10);
    await put({ ...slow, data: { ...slow.data, expiresAt: soon(500) } });
    await stack.idle();
    await stack.advance(10_000);
    await stack.idle();
    assert.deepEqual([sentTo(to), await waiting(), told(slow.id)], [1, 0, ['SmsAccepted']]);
  });

  it('have their answer waited for although they expire meanwhile', async () => {
    const to = fresh();
    stack.gate.faults.order({ fault: 'late_answer', delayMs: 1_500, method: 'sms/send' });
    const late = command({}, { to, expiresAt: soon(1_000) });
    await put(late);
    await stack.idle();
    assert.deepEqual([sentTo(to), told(late.id)], [1, ['SmsAccepted']]);
  });

  it('after the process that sent them was lost are recorded as unknown, under the name that reports have', async () => {
    useAwsStandIns({ AWS_ENDPOINT_URL_DYNAMODB: stack.table.url });
    const to = fresh();
    const lost = command({}, { to });
    const claims = new Claims(new Table('smsaero-test', 5_000));
    const key = keyedHash(LOCAL_HASH_KEY)('message', 'queue', JSON.stringify([lost.source, lost.id]));
    const deliveryId = newDeliveryId(Date.now());
    const claimant = { deliveryId, ttlS: 3_600, fingerprint: '', until: Date.now() - 1, begins: false };
    await claims.claim(key, claimant, Date.now(), AbortSignal.timeout(5_000));
    await put(lost);
    await stack.idle();
    assert.deepEqual([sentTo(to), await waiting(), told(lost.id)], [0, 0, ['SmsUnknown no_answer']]);
    const [event] = stack.bus.events.filter(({ detail }) => (detail as { id: string }).id === deliveryId);
    assert.equal(event?.['detail-type'], 'SmsUnknown');
  });

  for (const [end, fault] of [
    ['SmsUnknown server_error', 'bad_gateway_html'],
    ['SmsAccepted', undefined],
  ] as const) {
    it(`because their record could not be written are recorded then: ${end}`, {
      timeout: 60_000,
    }, async () => {
      const to = fresh();
      if (fault) stack.gate.faults.order({ fault });
      const sent = command({}, { to });
      stack.table.choose = (_, { key }) => (key.startsWith('delivery#') ? 'server_error' : undefined);
      await put(sent);
      await stack.idle();
      assert.deepEqual([sentTo(to), await waiting(), told(sent.id)], [1, 1, []]);
      stack.table.choose = undefined;
      await stack.advance(10_000);
      await stack.idle();
      assert.deepEqual([sentTo(to), await waiting(), told(sent.id)], [1, 0, [end]]);
    });
  }

  it('after a table that was away when they were not sent are sent', { timeout: 60_000 }, async () => {
    const to = fresh();
    stack.gate.faults.order({ fault: 'no_money' });
    // From the moment at which SMS Aero says no, for longer than a short retry.
    const away = Promise.withResolvers<void>();
    const isBack = away.promise
      .then(() => sleep(2_000))
      .then(() => {
        stack.table.choose = undefined;
      });
    stack.table.choose = () => {
      if (sentTo(to) === 0) return undefined;
      away.resolve();
      return 'hang';
    };
    await put(command({}, { to }));
    await stack.idle();
    await isBack;
    assert.deepEqual([sentTo(to), await waiting()], [1, 1]);
    await stack.advance(10_000);
    await stack.idle();
    assert.deepEqual([sentTo(to), await waiting()], [2, 0], 'the second one is accepted');
  });

  it('and may have been sent wait for the table', { timeout: 60_000 }, async () => {
    const to = fresh();
    stack.gate.faults.order({ fault: 'no_money' });
    await put(command({}, { to }));
    await stack.idle();
    stack.table.choose = () => 'server_error';
    await stack.advance(5_000);
    await stack.idle();
    assert.deepEqual(
      [sentTo(to), await waiting()],
      [1, 1],
      'a try before this one may have sent it, for all that is known',
    );
    stack.table.choose = undefined;
    await stack.advance(15_000);
    await stack.idle();
    assert.deepEqual([sentTo(to), await waiting()], [2, 0]);
  });

  it('are known for longer than they live', async () => {
    const to = fresh();
    await put(command({}, { to }));
    await stack.idle();
    const { DynamoDBClient, ScanCommand } = await import('@aws-sdk/client-dynamodb');
    const client = new DynamoDBClient({ endpoint: stack.table.url, region: 'eu-central-1' });
    const { Items = [] } = await client.send(new ScanCommand({ TableName: 'smsaero-test' }));
    const validUntil = Items.filter(({ pk }) => pk?.S?.startsWith('message#')).map((item) =>
      Number(item['validUntil']?.N),
    );
    assert.ok(Math.max(...validUntil) > Date.now() + 2 * 86_400_000 - 60_000);
  });

  it('as deep as a stack is no command', async () => {
    const deep = JSON.stringify(command({}, { to: fresh(), payload: { code: '1', x: 'DEEP' } }));
    await stack.queues.send(COMMANDS, deep.replace('"DEEP"', '['.repeat(20_000) + ']'.repeat(20_000)));
    await stack.idle();
    const dead = (await stack.queues.peek(DEAD_LETTERS)).at(-1)?.messageAttributes;
    assert.deepEqual(
      [await waiting(), dead?.['Reason']?.StringValue, dead?.['Fields']?.StringValue],
      [0, 'invalid_command', 'data.payload custom'],
    );
  });
});

describe('a function without time', () => {
  it('begins nothing, and what it did not begin comes again', async () => {
    const stack = await startDeliveryStack({ functions: ['sms-queue'], remaining: 8_000 });
    try {
      // One that has expired too: it may have been sent, and nobody has been asked yet.
      for (const each of [command(), command({}, { expiresAt: '2026-01-01T00:00:00Z' })]) {
        await stack.queues.send(COMMANDS, JSON.stringify(each));
      }
      await stack.idle();
      const back = stack
        .fn('sms-queue')
        .logs()
        .flatMap(({ message, reason }) => (message === 'command retried later' ? [reason] : []));
      assert.deepEqual(
        [back, stack.account.ledger.length, await stack.queues.depth(COMMANDS)],
        [['no_time', 'no_time'], 0, 2],
      );
    } finally {
      await stack.close();
    }
  });
});
