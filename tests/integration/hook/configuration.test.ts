import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startFunction } from '../../support/function.ts';
import { type Stack, type StackOptions, startStack } from '../../support/stack.ts';

const PATH = '/smsaero/test';

describe('sms-hook and Parameter Store', () => {
  let stack: Stack;
  const start = async (options: StackOptions = {}) => {
    stack = await startStack({ plainHttp: true, gates: 1, ...options });
  };
  afterEach(() => stack.close());

  const statusOf = async (...request: Parameters<Stack['logto']>) =>
    (await stack.logto(...request)).statusCode;

  /** Asks until the pause after a failure is over: a second. */
  const recovers = async () => {
    let status = await statusOf();
    for (let tries = 1; status === 503 && tries < 100; tries += 1) {
      await sleep(50);
      status = await statusOf();
    }
    assert.equal(status, 200);
  };

  it('reads the whole path while it starts, decrypted, and not again for the requests', async () => {
    await start();
    assert.deepEqual(
      stack.parameters.calls.map(({ operation, input }) => [
        operation,
        input['Path'],
        input['Recursive'],
        input['WithDecryption'],
      ]),
      [['GetParametersByPath', PATH, true, true]],
    );
    assert.deepEqual(await Promise.all([statusOf(), statusOf(), statusOf()]), [200, 200, 200]);
    assert.equal(stack.parameters.calls.length, 1);
  });

  it('takes a rotated key at once: one refetch, one message', async () => {
    await start();
    assert.equal(await statusOf(), 200);
    stack.account.apiKey = 'rotatedKey_0123456789_rotatedKey';
    stack.parameters.put(`${PATH}/apiKey`, stack.account.apiKey);
    assert.deepEqual(await Promise.all([statusOf(), statusOf()]), [200, 200]);
    assert.equal(stack.parameters.calls.length, 2);
    assert.equal(stack.account.messages().length, 3);
  });

  it('refetches once when a wrong key stays wrong, and does not ask SMS Aero a second time', async () => {
    await start();
    stack.account.apiKey = 'anotherKey_0123456789_anotherKey';
    assert.deepEqual([await statusOf(), await statusOf()], [502, 502]);
    assert.equal(stack.parameters.calls.length, 2);
    assert.equal(stack.account.ledger.length, 2);
  });

  it('answers 503 while there is no configuration, and recovers by itself', async () => {
    await start({ prepare: (parameters) => parameters.fail('access_denied') });
    const reply = await stack.logto();
    assert.deepEqual([reply.statusCode, JSON.parse(reply.body).code], [503, 'configuration_unavailable']);
    assert.equal(reply.headers['retry-after'], '5');
    const line = stack.hook.logs().find(({ message }) => message === 'configuration unavailable');
    assert.match(JSON.stringify(line), /AccessDenied/);
    stack.parameters.fail(undefined);
    await recovers();
  });

  for (const [mode, times] of [
    ['throttle', 6],
    ['reset', 1],
  ] as const) {
    it(`survives ${times} ${mode} in a row while it starts`, async () => {
      await start({ prepare: (parameters) => parameters.fail(mode, times) });
      assert.equal(stack.parameters.calls.length, times + 1);
      assert.equal(await statusOf(), 200);
      assert.equal(stack.parameters.calls.length, times + 1);
    });
  }

  it('tries again for as long as its time lasts, and no longer', async () => {
    await start({ prepare: (parameters) => parameters.fail('throttle') });
    const whileStarting = stack.parameters.calls.length;
    assert.ok(whileStarting > 6 && whileStarting <= 11, `${whileStarting} calls`);
    assert.equal(await statusOf(), 503);
    stack.parameters.fail(undefined);
    await recovers();
  });

  it('asks once for strangers who come one after another while there is no configuration', async () => {
    await start({ prepare: (parameters) => parameters.fail('access_denied') });
    const whileStarting = stack.parameters.calls.length;
    const stranger = () => statusOf({}, { authorization: 'Bearer of-a-stranger-0123456789' });
    assert.deepEqual([await stranger(), await stranger()], [503, 503]);
    assert.equal(stack.parameters.calls.length, whileStarting + 1);
    stack.parameters.fail(undefined);
    await recovers();
  });

  for (const mode of ['hang', 'stall'] as const) {
    it(`does not wait for ever when Parameter Store does ${mode}, and recovers`, async () => {
      await start({ prepare: (parameters) => parameters.fail(mode) });
      assert.equal(await statusOf(), 503);
      const line = stack.hook.logs().find(({ message }) => message === 'configuration unavailable');
      assert.match(JSON.stringify(line), /could not be read at \/smsaero\/test: TimeoutError/);
      stack.parameters.fail(undefined);
      await recovers();
    });
  }

  it('counts the wait for the configuration towards the deadline, and writes nothing that it cannot wait for', async () => {
    await start({
      environment: { SMSAERO_DEADLINE_MS: '800' },
      prepare: (parameters) => parameters.fail('access_denied'),
    });
    stack.parameters.fail('hang', 1); // given up after 700 ms, then tried again
    const reply = await stack.logto();
    assert.deepEqual([reply.statusCode, JSON.parse(reply.body).code], [503, 'gateway_unavailable']);
    assert.deepEqual(stack.account.ledger, []);
  });

  it('takes sender name and e-mail of the renewed configuration along with the key', async () => {
    await start();
    stack.account.email = 'new@example.com';
    stack.account.senderNames = ['NewName'];
    stack.parameters.put(`${PATH}/email`, 'new@example.com');
    stack.parameters.put(`${PATH}/senderName`, 'NewName');
    assert.equal(await statusOf(), 200);
    assert.equal(stack.account.messages()[0]?.from, 'NewName');
  });

  it('turns a platform off whose secrets cannot be used, and leaves the others on', async () => {
    await start({
      prepare: (parameters) => {
        parameters.put(`${PATH}/platforms/okta`, 'ТАЙНА');
        parameters.put(`${PATH}/platforms/logto/old`, 'x');
      },
    });
    assert.equal(await statusOf(), 200);
    const problems = stack.hook.logs().filter(({ message }) => message === 'platform off');
    assert.deepEqual(
      problems.map(({ problem }) => problem),
      [
        `${PATH}/platforms/logto/old has a line shorter than 16 characters`,
        `${PATH}/platforms/okta has a line shorter than 16 characters, has a line that cannot stand in an HTTP header`,
      ],
    );
    assert.doesNotMatch(stack.hook.output(), /ТАЙНА/);
  });

  it('does not start in a bad environment', async () => {
    await start();
    await assert.rejects(
      startFunction('sms-hook', { SMSAERO_CONFIG_PATH: PATH, SMSAERO_GATES: 'http://gate.smsaero.ru/v2' }),
      /SMSAERO_GATES must be an https:\/\/ URL/,
    );
    await assert.rejects(
      startFunction('sms-hook', { SMSAERO_CONFIG_PATH: PATH, SMSAERO_LIMIT_RANGE_HOUR: 'KZ:20,UK-740:0' }),
      /SMSAERO_LIMIT_RANGE_HOUR must have ISO 3166 codes/,
    );
  });
});
