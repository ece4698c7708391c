import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startFunction } from '../../support/function.ts';
import { type Stack, startStack } from '../../support/stack.ts';

const PATH = '/smsaero/test';

describe('sms-hook and Parameter Store', async () => {
  const stack = await startStack({
    prepare: (parameters) => {
      parameters.put(`${PATH}/platforms/okta`, 'ТАЙНА');
      parameters.put(`${PATH}/platforms/logto/old`, 'x');
    },
  });
  after(() => stack.close());
  const statusOf = async () => (await stack.logto()).statusCode;

  it('reads the whole path while it starts, decrypted, and not again for the requests', async () => {
    const input = { Path: PATH, Recursive: true, WithDecryption: true };
    assert.partialDeepStrictEqual(stack.parameters.calls, [{ operation: 'GetParametersByPath', input }]);
    assert.deepEqual(await Promise.all([statusOf(), statusOf(), statusOf()]), [200, 200, 200]);
    assert.equal(stack.parameters.calls.length, 1);
  });

  it('turns a platform off whose secrets cannot be used, and leaves the others on', () => {
    assert.deepEqual(
      stack.hook.logs('platform off').map(({ problem }) => problem),
      [
        `${PATH}/platforms/logto/old has a line shorter than 16 characters`,
        `${PATH}/platforms/okta has a line shorter than 16 characters, has a line with characters that an HTTP header cannot have`,
      ],
    );
    assert.doesNotMatch(stack.hook.output(), /ТАЙНА/);
  });

  it('takes a rotated key at once, with e-mail and sender name: one refetch, one message', async () => {
    stack.account.apiKey = 'rotatedKey_0123456789_rotatedKey';
    stack.account.email = 'new@example.com';
    stack.account.senderNames = ['NewName'];
    stack.parameters.put(`${PATH}/apiKey`, stack.account.apiKey);
    stack.parameters.put(`${PATH}/email`, stack.account.email);
    stack.parameters.put(`${PATH}/senderName`, 'NewName');
    const before = stack.account.messages().length;
    assert.deepEqual(await Promise.all([statusOf(), statusOf()]), [200, 200]);
    assert.equal(stack.parameters.calls.length, 2);
    assert.equal(stack.account.messages().length, before + 2);
    assert.equal(stack.account.messages()[0]?.from, 'NewName');
  });
});

describe('sms-hook and a Parameter Store that fails', () => {
  let stack: Stack;
  const start = async (failure: Parameters<Stack['parameters']['fail']>, environment = {}) => {
    stack = await startStack({ environment, prepare: (parameters) => parameters.fail(...failure) });
  };
  afterEach(() => stack.close());

  const statusOf = async (...request: Parameters<Stack['logto']>) =>
    (await stack.logto(...request)).statusCode;
  const unavailable = () => JSON.stringify(stack.hook.logs('configuration unavailable'));

  /** Lets Parameter Store answer, and asks until the pause after a failure is over: a second. */
  const recovers = async () => {
    stack.parameters.fail(undefined);
    while ((await statusOf()) === 503) await sleep(50);
    assert.equal(await statusOf(), 200);
  };

  it('answers 503 while there is no configuration, asks once for strangers, and recovers by itself', async () => {
    await start(['access_denied']);
    const whileStarting = stack.parameters.calls.length;
    const stranger = () => statusOf({}, { authorization: 'Bearer of-a-stranger-0123456789' });
    assert.deepEqual([await stranger(), await stranger()], [503, 503]);
    assert.equal(stack.parameters.calls.length, whileStarting + 1);
    const reply = await stack.logto();
    assert.deepEqual([reply.statusCode, JSON.parse(reply.body).code], [503, 'configuration_unavailable']);
    assert.equal(reply.headers['retry-after'], '5');
    assert.match(unavailable(), /AccessDenied/);
    await recovers();
  });

  it('survives throttling while it starts', async () => {
    await start(['throttle', 6]);
    assert.ok(stack.parameters.calls.length > 1, 'asked once');
    assert.equal(await statusOf(), 200);
    assert.equal(stack.parameters.calls.length, 7);
  });

  it('tries again for as long as its time lasts, and no longer', async () => {
    await start(['throttle']);
    const whileStarting = stack.parameters.calls.length;
    assert.ok(whileStarting > 1 && whileStarting <= 11, `${whileStarting} calls`);
    assert.equal(await statusOf(), 503);
    await recovers();
  });

  for (const mode of ['hang', 'stall'] as const) {
    it(`does not wait for ever when Parameter Store does ${mode}, and recovers`, async () => {
      await start([mode]);
      assert.equal(await statusOf(), 503);
      assert.match(unavailable(), /could not be read at \/smsaero\/test: TimeoutError/);
      await recovers();
    });
  }

  it('counts the wait for the configuration towards the deadline, and writes nothing that it cannot wait for', async () => {
    await start(['access_denied'], { SMSAERO_DEADLINE_MS: '800' });
    stack.parameters.fail('hang', 1); // given up after 700 ms, then tried again
    const reply = await stack.logto();
    assert.deepEqual([reply.statusCode, JSON.parse(reply.body).code], [503, 'gateway_unavailable']);
    assert.deepEqual(stack.account.ledger, []);
  });
});

for (const [name, value, problem] of [
  ['SMSAERO_LIMIT_RANGE_HOUR', 'KZ:20,UK-740:0', 'must have ISO 3166 codes'],
  ['SMSAERO_PLATFORM_TEXT', 'okat', 'must be names of platforms'],
] as const) {
  it(`sms-hook does not start with ${name}=${value}`, async () => {
    const started = startFunction('sms-hook', { SMSAERO_CONFIG_PATH: PATH, [name]: value });
    await assert.rejects(started, ({ message }: Error) => message.includes(`${name} ${problem}`));
  });
}
