import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { type Stack, startStack } from '../../support/stack.ts';

const environment = { SMSAERO_GUARD_TIMEOUT_MS: '2000' };

describe('sms-hook with its memory', () => {
  let stack: Stack;
  let numbers = 0;
  before(async () => {
    stack = await startStack({ guard: true, plainHttp: true, gates: 1, environment });
  });
  after(() => stack.close());

  /** A number in a block of its own. */
  const fresh = () => {
    numbers += 1;
    return `7903${String(numbers).padStart(4, '0')}001`;
  };
  const sent = () => stack.account.messages().length;

  it('answers a repeat as the first and sends once', async () => {
    const request = { to: fresh(), payload: { code: '482913' } };
    const before = sent();
    const [first, second] = await Promise.all([stack.logto(request), stack.logto(request)]);
    const third = await stack.logto(request);
    assert.deepEqual([first?.statusCode, second?.statusCode, third.statusCode], [200, 200, 200]);
    assert.deepEqual([second?.body, third.body], [first?.body, first?.body]);
    assert.equal(sent(), before + 1);
  });

  it('answers 429 with Retry-After to a new code within 30 s', async () => {
    const to = fresh();
    await stack.logto({ to, payload: { code: '111111' } });
    const before = sent();
    const reply = await stack.logto({ to, payload: { code: '222222' } });
    assert.deepEqual([reply.statusCode, JSON.parse(reply.body).code], [429, 'rate_exceeded']);
    assert.ok(Number(reply.headers['retry-after']) >= 25 && Number(reply.headers['retry-after']) <= 30);
    assert.equal(sent(), before);
  });

  it("does not take the console's second test for a repeat", async () => {
    const to = fresh();
    const request = { to, type: 'Generic', payload: { code: '000000' } };
    assert.equal((await stack.logto(request)).statusCode, 200);
    assert.equal((await stack.logto(request)).statusCode, 429);
  });

  it('lets one address try only so many numbers that SMS Aero refuses', async () => {
    const before = stack.account.ledger.length;
    const statuses: number[] = [];
    for (let index = 0; index < 25; index += 1) {
      stack.gates[0]?.faults.order({ fault: 'invalid_number' });
      statuses.push((await stack.logto({ to: fresh(), ip: '203.0.113.99' })).statusCode);
    }
    stack.gates[0]?.faults.clear();
    assert.deepEqual(statuses, [...Array(20).fill(400), ...Array(5).fill(429)]);
    assert.equal(stack.account.ledger.length, before + 20);
  });

  it('logs the verdict and the milliseconds of the one round trip, and counts it', async () => {
    const to = fresh();
    await stack.logto({ to, payload: { code: '333333' } });
    await stack.logto({ to, payload: { code: '333333' } });
    await stack.logto({ to, payload: { code: '444444' } });
    const lines = stack.hook.logs().slice(-3);
    assert.deepEqual(
      lines.map(({ outcome, of, reason, limit }) => [outcome, of, reason, limit]),
      [
        ['accepted', undefined, undefined, undefined],
        ['duplicate', 'accepted', undefined, undefined],
        ['refused', undefined, 'rate_exceeded', 'recipient'],
      ],
    );
    for (const { ms } of lines) assert.equal(typeof (ms as Record<string, number>)['guard'], 'number');
    const counted = stack.hook.metrics().filter(({ name }) => /^(Accepted|Duplicate|Refused)$/.test(name));
    assert.deepEqual(counted.slice(-4), [
      { name: 'Accepted', value: 1, reason: undefined },
      { name: 'Duplicate', value: 1, reason: undefined },
      { name: 'Refused', value: 1, reason: undefined },
      { name: 'Refused', value: 1, reason: 'rate_exceeded_recipient' },
    ]);
  });

  it("takes a repeat for one however its number is written, and another person's message for another", async () => {
    const to = fresh();
    const request = { payload: { code: '555555' } };
    await stack.logto({ ...request, to });
    const before = sent();
    for (const written of [`+${to}`, `00${to}`, `8${to.slice(1)}`, `\u200e${to}`, `tel:+${to}`]) {
      assert.equal((await stack.logto({ ...request, to: written })).statusCode, 200);
    }
    assert.equal(sent(), before);
    await stack.logto({ ...request, to: fresh() });
    assert.equal(sent(), before + 1);
  });

  it('counts a client address with a port, brackets, a zone, its proxies, and in the form of RFC 7239', async () => {
    const limited = await startStack({
      guard: true,
      plainHttp: true,
      gates: 1,
      environment: { ...environment, SMSAERO_LIMIT_ADDRESS_HOUR: '2' },
    });
    for (const address of [
      (port: number) => `203.0.113.9:${50_000 + port}`,
      (port: number) => `[2a01:db8::${port}]:4711`,
      (port: number) => `2a01:db8:1::${port}%eth0`,
      (port: number) => `203.0.113.11, 10.0.0.${port}`,
      (port: number) => `for="[2a01:db8:2::5]:${port}";proto=https`,
    ]) {
      const statuses = [];
      for (const port of [1, 2, 3]) {
        statuses.push((await limited.logto({ to: fresh(), ip: address(port) })).statusCode);
      }
      const line = limited.hook.logs().findLast(({ message }) => message === 'sms');
      assert.deepEqual([statuses, line?.['limit']], [[200, 200, 429], 'address'], address(1));
    }
    await limited.close();
  });

  it('says in the log, in a metric and in the table that an address cannot be counted', async () => {
    for (const ip of ['10.0.0.7', '10.0.0.8', 'unknown']) {
      assert.equal((await stack.logto({ to: fresh(), ip })).statusCode, 200);
    }
    const lines = stack.hook.logs().filter(({ message }) => message === 'address unusable');
    assert.deepEqual(
      lines.map(({ level, platform, reason }) => [level, platform, reason]),
      [
        ['WARN', 'logto', 'private'],
        ['WARN', 'logto', 'unparseable'],
      ],
    );
    const counted = stack.hook.metrics().filter(({ name }) => name === 'AddressUnusable');
    assert.deepEqual(
      counted.map(({ value, reason }) => [value, reason]),
      ['private', 'private', 'unparseable'].flatMap((reason) => [
        [1, undefined],
        [1, reason],
      ]),
    );
    assert.doesNotMatch(JSON.stringify(stack.hook.logs()), /10\.0\.0\./);
    const client = new DynamoDBClient({
      endpoint: stack.table.url,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const { Item } = await client.send(
      new GetItemCommand({ TableName: 'smsaero-test', Key: { pk: { S: 'notice#addresses' } } }),
    );
    assert.match(Item?.['logto']?.S ?? '', /^unparseable \d{10}$/);
  });

  it('sends without its table, says so in the log and in a metric, and answers in time', async () => {
    stack.table.choose = () => 'throttle';
    const reply = await stack.logto({ to: fresh() });
    stack.table.choose = undefined;
    assert.equal(reply.statusCode, 200);
    const line = stack.hook.logs().findLast(({ message }) => message === 'sms');
    assert.deepEqual(line?.['guardSkipped'], ['duplicates', 'recipient', 'block', 'total']);
    assert.ok(stack.hook.metrics().some(({ name, value }) => name === 'GuardSkipped' && value === 1));
  });

  for (const guard of [true, false]) {
    it(`sends nothing to a range or a country that is blocked, ${guard ? 'with' : 'without'} a table`, async () => {
      const blocking = await startStack({
        guard,
        plainHttp: true,
        gates: 1,
        environment: {
          ...environment,
          SMSAERO_COUNTRIES: 'RU,KZ',
          SMSAERO_LIMIT_RANGE_HOUR: 'KZ:0,KZ-705:5,RU-977:0',
        },
      });
      try {
        const codes = ['79771234567', '77011234567', '77051234567', '79761234567'].map(async (to) => {
          const { statusCode, headers, body } = await blocking.logto({ to });
          return [statusCode, JSON.parse(body).code, headers['retry-after']];
        });
        assert.deepEqual(await Promise.all(codes), [
          [403, 'range_not_allowed', undefined],
          [403, 'range_not_allowed', undefined],
          [200, undefined, undefined],
          [200, undefined, undefined],
        ]);
        assert.deepEqual(blocking.account.ledger.map(({ number }) => number).toSorted(), [
          '77051234567',
          '79761234567',
        ]);
        const reasons = blocking.hook
          .metrics()
          .flatMap(({ name, reason }) => (name === 'Refused' && reason) || []);
        assert.deepEqual(reasons, ['range_not_allowed', 'range_not_allowed']);
      } finally {
        await blocking.close();
      }
    });
  }

  it('answers 429 until the end of the hour to a range that is full, and names it', async () => {
    const limited = await startStack({
      guard: true,
      plainHttp: true,
      gates: 1,
      environment: { ...environment, SMSAERO_LIMIT_TOTAL_HOUR: '5', SMSAERO_LIMIT_RANGE_HOUR: 'RU-904:2' },
    });
    try {
      const endOfHour = () => 3_600 - (Math.floor(Date.now() / 1_000) % 3_600);
      const ask = async (to: string) => (await limited.logto({ to })).statusCode;
      assert.equal(await ask('79031234567'), 200);
      const before = endOfHour();
      const reply = await limited.logto({ to: '79037654321' });
      assert.deepEqual([reply.statusCode, JSON.parse(reply.body).code], [429, 'rate_exceeded']);
      const retryAfter = Number(reply.headers['retry-after']);
      assert.ok(retryAfter <= before + 1 && retryAfter >= endOfHour(), String(retryAfter));
      const statuses = [await ask('79041234567'), await ask('79042234567'), await ask('79043234567')];
      assert.deepEqual([...statuses, await ask('79051234567')], [200, 200, 429, 200]);
      const [refused] = limited.hook.logs().filter(({ outcome }) => outcome === 'refused');
      assert.deepEqual([refused?.['reason'], refused?.['limit']], ['rate_exceeded', 'range']);
      const reasons = limited.hook
        .metrics()
        .flatMap(({ name, reason }) => (name === 'Refused' && reason) || []);
      assert.deepEqual(reasons, ['rate_exceeded_range', 'rate_exceeded_range']);
    } finally {
      await limited.close();
    }
  });

  it('does not send without its table where the deployment says so', async () => {
    const strict = await startStack({
      guard: true,
      plainHttp: true,
      gates: 1,
      environment: { ...environment, SMSAERO_GUARD_REQUIRED: 'true' },
    });
    strict.table.choose = () => 'throttle';
    const reply = await strict.logto();
    const ledger = strict.account.ledger.length;
    await strict.close();
    assert.deepEqual([reply.statusCode, JSON.parse(reply.body).code, ledger], [503, 'guard_unavailable', 0]);
    assert.ok(reply.headers['retry-after']);
  });

  it('starts and sends although its table hangs', async () => {
    const alone = await startStack({
      plainHttp: true,
      gates: 1,
      environment: { SMSAERO_TABLE: 'smsaero-test', AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9' },
    });
    const reply = await alone.logto();
    await alone.close();
    assert.equal(reply.statusCode, 200);
  });
});
