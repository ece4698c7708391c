import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  COMMANDS,
  command,
  DEAD_LETTERS,
  type DeliveryStack,
  startDeliveryStack,
} from '../../support/delivery-stack.ts';

describe('commands in the queue', () => {
  let stack: DeliveryStack;
  before(async () => {
    stack = await startDeliveryStack({
      functions: ['sms-queue', 'delivery-events'],
      environment: { SMSAERO_LIMIT_RECIPIENT_DAY: '3', SMSAERO_LIMIT_RANGE_HOUR: 'RU-977:0' },
    });
  });
  after(() => stack.close());
  afterEach(() => {
    stack.gate.faults.clear();
    stack.queues.fail(undefined);
    stack.account.balance = 1_000_000;
  });

  let numbers = 0;
  const fresh = () => {
    numbers += 1;
    return `7905${String(numbers).padStart(7, '0')}`;
  };
  const put = (body: unknown) =>
    stack.queues.send(COMMANDS, typeof body === 'string' ? body : JSON.stringify(body));
  const sentTo = (number: string) => stack.account.ledger.filter((entry) => entry.number === number);
  const newestDead = async (): Promise<Readonly<Record<string, string | undefined>>> => {
    const { body, messageAttributes = {} } = (await stack.queues.peek(DEAD_LETTERS)).at(-1) ?? {};
    const attributes = Object.entries(messageAttributes).map(([name, { StringValue }]) => [
      name,
      StringValue,
    ]);
    return { body, ...Object.fromEntries(attributes) };
  };
  const waiting = () => stack.queues.depth(COMMANDS);
  /** For expired commands: the guard has 100 ms for each, which a busy machine may not have, and then they come back. */
  const untilNoneWaits = async () => {
    for (let tries = 0; (await waiting()) > 0 && tries < 20; tries += 1) {
      await stack.advance(3_600_000);
      await stack.idle();
    }
  };
  /** Events about a command. */
  const told = (id: string) =>
    stack.bus.events.flatMap((event) => {
      const { command: by, reason } = event.detail as { command?: { id: string }; reason?: string };
      return by?.id === id ? [reason ? `${event['detail-type']} ${reason}` : event['detail-type']] : [];
    });
  /** What the log says of the newest command that is retried later. */
  const retried = () =>
    stack
      .fn('sms-queue')
      .logs()
      .filter(({ message }) => message === 'command retried later')
      .at(-1);

  it('may come as an EventBridge event, or from a topic of SNS', async () => {
    const [first, second] = [fresh(), fresh()];
    await put({
      version: '0',
      'detail-type': 'sms.send.v1',
      source: 'shop',
      detail: command({}, { to: first }),
    });
    const Message = JSON.stringify(command({}, { to: second }));
    const publish = {
      Action: 'Publish',
      TopicArn: `arn:aws:sns:eu-central-1:000000000000:${COMMANDS}`,
      Message,
    };
    const published = await fetch(stack.queues.url, { method: 'POST', body: new URLSearchParams(publish) });
    assert.equal(published.status, 200);
    await stack.idle();
    assert.deepEqual([sentTo(first).length, sentTo(second).length], [1, 1]);
  });

  it('that come twice are sent once: source and id name them', async () => {
    const to = fresh();
    const twice = command({}, { to });
    await put(twice);
    await put(twice);
    await stack.idle();
    await put(twice);
    await stack.idle();
    assert.equal(sentTo(to).length, 1);
    await put({ ...twice, source: 'https://another.example' });
    await stack.idle();
    assert.equal(sentTo(to).length, 2, 'another sender may use the same id');
    assert.equal(await waiting(), 0);
  });

  it('that ask for something else under the same name are moved to the dead-letter queue', async () => {
    const to = fresh();
    const first = command({}, { to });
    await put(first);
    await stack.idle();
    await put(command({ id: first.id }, { to, payload: { code: '111111' } }));
    await stack.idle();
    assert.equal(sentTo(to).length, 1);
    assert.equal((await newestDead())['Reason'], 'idempotency_conflict');
  });

  for (const [what, body, fields] of [
    ['no JSON', 'hello', '(body) invalid_json'],
    ['without a code', JSON.stringify(command({}, { payload: {} })), 'data.payload.code invalid_type'],
  ] as const) {
    it(`that are ${what} go to the dead-letter queue as they came, with what is wrong`, async () => {
      await put(body);
      await stack.idle();
      assert.deepEqual(await newestDead(), {
        body,
        Reason: 'invalid_command',
        Tries: '1',
        Fields: fields,
      });
      assert.equal(await waiting(), 0);
    });
  }

  for (const [what, body, reason] of [
    ['leave 2 KiB for attributes', 'x'.repeat(1_048_576 - 2_048), 'invalid_command'],
    ['leave a byte less', 'x'.repeat(1_048_576 - 2_047), undefined],
    ['fill it with letters of two bytes', 'я'.repeat(524_288), undefined],
  ] as const) {
    it(`that ${what} go to the dead-letter queue as they came, ${reason ? 'with' : 'without'} attributes`, async () => {
      const before = await stack.queues.depth(DEAD_LETTERS);
      await put(body);
      await stack.idle();
      const dead = await newestDead();
      assert.deepEqual([await waiting(), await stack.queues.depth(DEAD_LETTERS)], [0, before + 1]);
      assert.ok(dead['body'] === body);
      assert.equal(dead['Reason'], reason);
    });
  }

  for (const [reason, change, prepare] of [
    ['invalid_recipient', { to: '74951234567' }, undefined],
    ['range_not_allowed', { to: '79771234567' }, undefined],
    ['expired', { expiresAt: '2026-01-01T00:00:00Z' }, undefined],
    ['blacklisted', {}, 'blacklisted'],
  ] as const) {
    it(`that can never succeed are moved to the dead-letter queue and told of: ${reason}`, async () => {
      const failing = command({}, { to: fresh(), ...change });
      if (prepare === 'blacklisted') stack.account.blacklist.add(String(failing.data.to));
      await put(failing);
      await stack.idle();
      if (reason === 'expired') await untilNoneWaits();
      assert.equal((await newestDead())['Reason'], reason);
      assert.equal((await newestDead())['body'], JSON.stringify(failing));
      assert.deepEqual(told(failing.id), [`SmsFailed ${reason}`]);
      assert.equal(await waiting(), 0);
    });
  }

  for (const fault of ['no_money', 'rate_limited'] as const) {
    it(`that were not sent for a while come back after a pause that grows: ${fault}`, async () => {
      const to = fresh();
      const late = command({}, { to });
      const before = stack.fn('sms-queue').metrics().length;
      stack.gate.faults.order({ fault, times: 2, method: 'sms/send' });
      await put(late);
      await stack.idle();
      assert.equal(retried()?.['reason'], fault);
      assert.ok(Number(retried()?.['pause']) >= 3 && Number(retried()?.['pause']) <= 5);
      assert.deepEqual([await waiting(), told(late.id)], [1, []], 'no end has come');
      await stack.advance(5_000);
      await stack.idle();
      assert.ok(Number(retried()?.['pause']) >= 11 && Number(retried()?.['pause']) <= 15);
      await stack.advance(15_000);
      await stack.idle();
      assert.deepEqual(
        [sentTo(to).at(-1)?.outcome, await waiting(), told(late.id)],
        ['accepted', 0, ['SmsAccepted']],
      );
      // Alarms judge messages by these: one counts once, as what it ended as, however often it is tried.
      const names = stack
        .fn('sms-queue')
        .metrics()
        .slice(before)
        .map(({ name }) => name)
        .filter((name) => /^(Accepted|Failed|Refused|Command)/.test(name));
      assert.deepEqual(names.toSorted(), ['Accepted', ...Array(4).fill('CommandRetried')]);
    });
  }

  it('wait as long as SMS Aero asks', async () => {
    const to = fresh();
    stack.gate.faults.order({ fault: 'rate_limited', retryAfter: 40 });
    await put(command({}, { to }));
    await stack.idle();
    assert.equal(retried()?.['pause'], 40);
    await stack.advance(39_000);
    await stack.idle();
    assert.equal(sentTo(to).length, 1);
    await stack.advance(1_000);
    await stack.idle();
    assert.deepEqual([sentTo(to).length, await waiting()], [2, 0]);
  });

  it('over a limit wait for it, and are moved to the dead-letter queue where it ends too late', async () => {
    const to = fresh();
    const all = Array.from({ length: 4 }, () => command({}, { to, payload: { code: String(numbers++) } }));
    for (const each of all) await put(each);
    await stack.idle();
    assert.equal(sentTo(to).length, 3, 'three a day');
    assert.deepEqual(
      [(await newestDead())['Reason'], (await newestDead())['LastReason']],
      ['expired', 'rate_exceeded'],
    );
    const refused = all.filter(({ id }) => told(id).includes('SmsFailed rate_exceeded'));
    assert.equal(refused.length, 1);
  });

  it('are not sent after their end, and have a last try before it', async () => {
    const to = fresh();
    stack.gate.faults.order({ fault: 'no_money', times: 20 });
    const short = command({}, { to, expiresAt: new Date(Date.now() + 4_500).toISOString() });
    await put(short);
    await stack.idle();
    assert.ok(Number(retried()?.['pause']) <= 2);
    await sleep(2_600);
    await stack.advance(2_500);
    await stack.idle();
    assert.deepEqual(
      [(await newestDead())['Reason'], (await newestDead())['LastReason'], (await newestDead())['Tries']],
      ['expired', 'no_money', '2'],
    );
    assert.deepEqual([await waiting(), told(short.id)], [0, ['SmsFailed no_money']]);
    stack.gate.faults.clear();
    assert.ok(sentTo(to).every(({ outcome }) => outcome !== 'accepted'));
  });

  it('that have expired have one line, which says so', async () => {
    const expired = command({ time: new Date(Date.now() - 86_400_000).toISOString() }, { to: fresh() });
    await put(expired);
    await stack.idle();
    await untilNoneWaits();
    const lines = stack.fn('sms-queue').logs().slice(-2);
    assert.deepEqual(lines.map(({ message, reason, id }) => [message, reason, id === expired.id]).at(-1), [
      'command moved to dead-letter queue',
      'expired',
      true,
    ]);
    assert.notEqual(lines[0]?.['id'] ?? lines[0]?.['message'], 'sms');
  });

  it('whose outcome is not known are recorded, told of, and never sent again', async () => {
    const to = fresh();
    stack.gate.faults.order({ fault: 'bad_gateway_html' });
    const lost = command({}, { to });
    await put(lost);
    await stack.idle();
    await put(lost);
    await stack.idle();
    assert.deepEqual(
      [sentTo(to).length, await waiting(), told(lost.id)],
      [1, 0, ['SmsUnknown server_error']],
    );
  });

  it('come back when the dead-letter queue cannot be reached', async () => {
    const before = await stack.queues.depth(DEAD_LETTERS);
    stack.queues.fail('server_error');
    await put('hello');
    await stack.idle();
    assert.deepEqual([await waiting(), await stack.queues.depth(DEAD_LETTERS)], [1, before]);
    stack.queues.fail(undefined);
    await stack.advance(180_000);
    await stack.idle();
    assert.deepEqual([await waiting(), await stack.queues.depth(DEAD_LETTERS)], [0, before + 1]);
  });

  it('go back after the queue’s own time where they cannot be hidden', async () => {
    const to = fresh();
    stack.gate.faults.order({ fault: 'no_money' });
    stack.queues.fail('server_error');
    await put(command({}, { to }));
    await stack.idle();
    stack.queues.fail(undefined);
    await stack.advance(179_000);
    await stack.idle();
    assert.equal(sentTo(to).length, 1);
    await stack.advance(1_000);
    await stack.idle();
    assert.deepEqual([sentTo(to).length, await waiting()], [2, 0]);
  });

  it('of one batch do not depend on each other', async () => {
    const [good, bad] = [fresh(), fresh()];
    let failures = 1;
    stack.gate.faults.choose = ({ number }) =>
      number === bad && failures-- > 0 ? { fault: 'no_money' } : undefined;
    for (const each of [command({}, { to: bad }), 'poison', command({}, { to: good })]) await put(each);
    await stack.idle();
    assert.equal(sentTo(good).at(-1)?.outcome, 'accepted');
    assert.deepEqual([(await newestDead())['body'], await waiting()], ['poison', 1]);
    await stack.advance(5_000);
    await stack.idle();
    assert.deepEqual([sentTo(bad).at(-1)?.outcome, await waiting()], ['accepted', 0]);
  });

  it('leave no number and no code in a log or an event', () => {
    assert.doesNotMatch(stack.output() + JSON.stringify(stack.bus.events), /482913|7905\d{7}|Никому/);
  });
});

describe('commands while all is down', () => {
  it('wait: for Parameter Store, then for a gate', async () => {
    const stack = await startDeliveryStack({
      functions: ['sms-queue'],
      environment: { SMSAERO_GATES: 'http://127.0.0.1:9/v2' }, // the discard port: nobody listens
      prepare: ({ parameters }) => parameters.fail('access_denied'),
    });
    try {
      const reasons = () =>
        stack
          .fn('sms-queue')
          .logs()
          .flatMap(({ message, reason }) => (message === 'command retried later' ? [reason] : []));
      await stack.queues.send(COMMANDS, JSON.stringify(command()));
      await stack.idle();
      assert.deepEqual(reasons(), ['configuration_unreadable']);
      stack.parameters.fail(undefined);
      await sleep(1_100); // the function has another clock, and its pause after a failed load is a second
      await stack.advance(5_000);
      await stack.idle();
      assert.deepEqual(reasons(), ['configuration_unreadable', 'unavailable']);
      assert.equal(await stack.queues.depth(COMMANDS), 1);
    } finally {
      await stack.close();
    }
  });
});
