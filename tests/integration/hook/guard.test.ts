import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { keyedHash } from '../../../lib/derived-key.ts';
import { LOCAL_HASH_KEY } from '../../../local/parameter-store.ts';
import { newNumber, startStack } from '../../support/stack.ts';

const limits = { SMSAERO_LIMIT_ADDRESS_HOUR: '2', SMSAERO_GUARD_TIMEOUT_MS: '2000' };
const stack = await startStack({ guard: true, environment: limits });
after(() => stack.close());

describe('sms-hook with its memory', () => {
  const table = stack.table.open();
  const sent = () => stack.account.messages().length;

  it('answers a repeat as the first and sends once, however its number is written', async () => {
    const to = newNumber();
    const before = sent();
    const numbers = [to, to, `+${to}`, `8${to.slice(1)}`];
    const replies = await Promise.all(numbers.map((each) => stack.logto({ to: each })));
    for (const { statusCode, body } of replies) {
      assert.deepEqual([statusCode, body], [200, replies[0]?.body]);
    }
    assert.equal(sent(), before + 1);
    await stack.logto({ to: newNumber() });
    assert.equal(sent(), before + 2, 'another person has another message');
  });

  it('keys what it stores with the hash key, so that repeats are known under a new API key', async () => {
    const to = newNumber();
    await stack.logto({ to });
    assert.ok(await table.get(keyedHash(LOCAL_HASH_KEY)('recipient', `+${to}`)));
  });

  it('answers 429 with Retry-After to a new code within 30 s, and logs and counts each verdict', async () => {
    const to = newNumber();
    for (const code of ['333333', '333333']) await stack.logto({ to, payload: { code } });
    const { statusCode, body, headers } = await stack.logto({ to, payload: { code: '444444' } });
    assert.deepEqual([statusCode, JSON.parse(body).code], [429, 'rate_exceeded']);
    assert.ok(Number(headers['retry-after']) >= 1 && Number(headers['retry-after']) <= 30);
    const lines = stack.hook.logs().slice(-3);
    assert.partialDeepStrictEqual(lines, [
      { outcome: 'accepted' },
      { outcome: 'duplicate', of: 'accepted' },
      { outcome: 'refused', reason: 'rate_exceeded', limit: 'recipient' },
    ]);
    for (const { ms } of lines) assert.equal(typeof (ms as Record<string, number>)['guard'], 'number');
    const counted = stack.hook.metrics().filter(({ name }) => /^(Accepted|Duplicate|Refused)$/.test(name));
    assert.deepEqual(counted.slice(-4), [
      { name: 'Accepted', value: 1, reason: undefined },
      { name: 'Duplicate', value: 1, reason: undefined },
      { name: 'Refused', value: 1, reason: undefined },
      { name: 'Refused', value: 1, reason: 'rate_exceeded_recipient' },
    ]);
  });

  it("does not take the console's second test for a repeat", async () => {
    const request = { to: newNumber(), type: 'Generic', payload: { code: '000000' } };
    assert.equal((await stack.logto(request)).statusCode, 200);
    assert.equal((await stack.logto(request)).statusCode, 429);
  });

  it('lets one address, whatever its port, try only so many numbers that SMS Aero refuses', async () => {
    const before = stack.account.ledger.length;
    const statuses: number[] = [];
    for (const port of [50_001, 50_002, 50_003]) {
      stack.gates[0]?.faults.order({ fault: 'invalid_number' });
      statuses.push((await stack.logto({ to: newNumber(), ip: `203.0.113.99:${port}` })).statusCode);
    }
    stack.gates[0]?.faults.clear();
    assert.deepEqual(statuses, [400, 400, 429]);
    assert.equal(stack.account.ledger.length, before + 2);
  });

  it('says in the log, in a metric and in the table that an address cannot be counted', async () => {
    assert.equal((await stack.logto({ to: newNumber(), ip: '10.0.0.7' })).statusCode, 200);
    const [line = {}, ...others] = stack.hook.logs('address unusable');
    assert.deepEqual([line['level'], line['platform'], line['reason']], ['WARN', 'logto', 'private']);
    assert.deepEqual(others, []);
    const reasons = stack.hook.metrics('AddressUnusable').map(({ reason }) => reason);
    assert.deepEqual(reasons, [undefined, 'private']);
    assert.doesNotMatch(stack.hook.output(), /10\.0\.0\./);
    assert.match((await table.get('notice#addresses'))?.['logto']?.S ?? '', /^private \d{10}$/);
  });

  it('sends without its table, says so in the log and in a metric', async () => {
    stack.table.choose = (_, { key }) => (key.startsWith('message#') ? undefined : 'hang');
    const reply = await stack.logto({ to: newNumber() });
    stack.table.choose = undefined;
    assert.equal(reply.statusCode, 200);
    assert.deepEqual(stack.hook.logs('sms').at(-1)?.['guardSkipped'], ['recipient', 'block', 'total']);
    assert.equal(stack.hook.metrics('GuardSkipped').at(-1)?.value, 1);
  });
});

describe('sms-hook without a table', () => {
  it('sends nothing to a range or a country that is blocked', async () => {
    const stack = await startStack({
      environment: { SMSAERO_COUNTRIES: 'RU,KZ', SMSAERO_LIMIT_RANGE_HOUR: 'KZ:0,KZ-705:5,RU-977:0' },
    });
    const answers: unknown[] = [];
    for (const to of ['79771234567', '77011234567', '77051234567', '79761234567']) {
      const { statusCode, body } = await stack.logto({ to });
      answers.push([statusCode, JSON.parse(body).code]);
    }
    await stack.close();
    assert.deepEqual(answers, [
      [403, 'range_not_allowed'],
      [403, 'range_not_allowed'],
      [200, undefined],
      [200, undefined],
    ]);
    assert.deepEqual(
      stack.account.ledger.map(({ number }) => number),
      ['77051234567', '79761234567'],
    );
    const reasons = stack.hook.metrics('Refused').map(({ reason }) => reason);
    assert.deepEqual(reasons, [undefined, 'range_not_allowed', undefined, 'range_not_allowed']);
  });

  it('that it should have starts, and does not send where the deployment says so', async () => {
    const dead = { SMSAERO_TABLE: 'smsaero-test', AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9' };
    const stack = await startStack({ environment: { ...dead, SMSAERO_GUARD_REQUIRED: 'true' } });
    const reply = await stack.logto();
    await stack.close();
    assert.deepEqual([reply.statusCode, JSON.parse(reply.body).code], [503, 'guard_unavailable']);
    assert.ok(reply.headers['retry-after']);
    assert.equal(stack.account.ledger.length, 0);
  });
});
