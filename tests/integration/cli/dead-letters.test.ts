import assert from 'node:assert/strict';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { after, afterEach, describe, it, mock } from 'node:test';
import { listen } from '../../../local/loopback.ts';
import { startQueues } from '../../../local/queues.ts';
import { assertFails, linesOf, openCommandLine, TARGET, withoutWaiting } from '../../support/cli.ts';
import { senderEvent } from '../../support/cognito.ts';
import { COMMANDS, DEAD_LETTERS as DEAD, command as makeCommand } from '../../support/delivery-stack.ts';

const FAILURES = 'smsaero-test-cognito-failures';
const MINUTE = 60_000;

describe('dead-letters', async () => {
  const queues = await startQueues({ names: [DEAD, COMMANDS, FAILURES], edit: withoutWaiting });
  const cli = await openCommandLine({ AWS_ENDPOINT_URL_SQS: queues.url });
  afterEach(async () => {
    for (const name of [DEAD, COMMANDS, FAILURES]) {
      await queues.call('PurgeQueue', { QueueUrl: queues.queueUrl(name) });
    }
  });
  after(async () => {
    await cli.close();
    await queues.close();
  });

  const command = (id: string, data = {}) => makeCommand({ id, source: 'https://shop.example' }, data);
  /** Sends so many ms later than now: what is sent first is listed first. */
  async function send(name: string, body: unknown, attributes: Record<string, string> = {}, later = 0) {
    mock.timers.enable({ apis: ['Date'], now: Date.now() + later });
    await queues.send(name, typeof body === 'string' ? body : JSON.stringify(body), attributes);
    mock.timers.reset();
  }
  const put = (body: unknown, attributes: Record<string, string> = {}, later = 0) =>
    send(DEAD, body, attributes, later);
  const past = () => new Date(Date.now() - MINUTE).toISOString();
  const run = (...args: string[]) => cli.run(['dead-letters', ...args, '--stage', 'test']);
  /** Ages differ from run to run. */
  const rows = (output: string) =>
    linesOf(output).map((line) => line.split(/ {2,}/).map((cell) => cell.replace(/^\d+ (s|min)$/, 'AGE')));
  const bodies = async (name: string) =>
    (await queues.peek(name)).map(({ body }) => JSON.parse(body) as unknown);
  const ids = async (name: string) => ((await bodies(name)) as { id: string }[]).map(({ id }) => id);
  /** How many dead letters can be received, and how many are hidden. */
  const dead = async () => {
    const { ready, hidden } = await queues.content(DEAD);
    return [ready.length, hidden.length];
  };

  /** One that can still be sent, in an envelope of EventBridge, one that has expired, one that is not a command. */
  async function putThree(): Promise<void> {
    await put(
      { 'detail-type': 'sms.send.v1', detail: command('order 79031234567') },
      { Reason: 'expired', Tries: '3', LastReason: 'rate_exceeded' },
    );
    const late = { Reason: 'expired', Tries: '4', LastReason: 'unavailable' };
    await put(command('late', { expiresAt: past() }), late, 10);
    const invalid = { Reason: 'invalid_command', Tries: '1', Fields: 'specversion invalid_value' };
    await put('{"code":"482913"}', invalid, 20);
  }

  it('are listed without a number or a code, and nothing changes', async () => {
    await putThree();
    const { exitCode, output, problems } = await run('list');
    assert.deepEqual([exitCode, problems], [0, '']);
    assert.deepEqual(rows(output).slice(0, 4), [
      [`${DEAD}: 3 dead letters: expired (rate_exceeded) 1, expired (unavailable) 1, invalid_command 1`],
      ['reason', 'age', 'recipient', 'message'],
      ['expired (rate_exceeded)', 'AGE', '+7903•••4567', 'https://shop.example order +7903•••4567'],
      ['expired (unavailable)', 'AGE', '+7903•••4567', 'https://shop.example late', 'has expired'],
    ]);
    assert.match(rows(output)[4]?.at(-1) ?? '', /^not a command: specversion /);
    assert.equal(rows(output).length, 5);
    assert.doesNotMatch(output, /79031234567|482913/);
    assert.deepEqual(await dead(), [3, 0]);
    assert.equal(await queues.depth(COMMANDS), 0);
  });

  it('are listed for scripts', async () => {
    await putThree();
    const [, late] = await queues.peek(DEAD);
    const listed = async (...args: string[]) => JSON.parse((await run('list', '--json', ...args)).output);
    assert.deepEqual(await listed('--reason', 'unavailable'), {
      queue: DEAD,
      deadLetters: [
        {
          ...{ reason: 'expired', lastReason: 'unavailable', obstacle: 'has expired' },
          sentAt: new Date(late?.sentTimestamp ?? 0).toISOString(),
          ...{ recipient: '+7903•••4567', message: 'https://shop.example late' },
        },
      ],
    });
    const { deadLetters } = await listed('--max', '1');
    assert.deepEqual([deadLetters.length, deadLetters[0].lastReason], [1, 'rate_exceeded']);
  });

  it('are resent as they came while they are alive; the others stay in sight', async () => {
    await putThree();
    const [first] = await bodies(DEAD);
    const { exitCode, output } = await run('resend', '--yes');
    assert.equal(exitCode, 0);
    assert.deepEqual(rows(output).at(-1), [`1 dead letter resent to ${COMMANDS}.`]);
    const [sent] = await queues.peek(COMMANDS);
    assert.deepEqual([await bodies(COMMANDS), sent?.messageAttributes], [[first], {}]);
    assert.deepEqual(await dead(), [2, 0]);
  });

  it('stay if they would fail again, unless their reason is named', async () => {
    const lasting = ['invalid_command', 'idempotency_conflict', 'invalid_recipient', 'blacklisted'];
    for (const [index, Reason] of [...lasting, 'rejected'].entries()) {
      await put(command(Reason), { Reason, Tries: '1' }, index);
    }
    const obstacles = rows((await run('list')).output).flatMap((cells) => cells[4] ?? []);
    assert.deepEqual(
      obstacles,
      lasting.map((reason) => `would fail again; resend --reason ${reason} tries it`),
    );
    await run('resend', '--yes');
    await run('resend', '--yes', '--reason', 'blacklisted');
    assert.deepEqual(await ids(COMMANDS), ['rejected', 'blacklisted']);
    assert.deepEqual(await dead(), [3, 0]);
  });

  it('are chosen by reason, the oldest first', async () => {
    for (const [index, Reason] of ['unavailable', 'rejected', 'unavailable', 'unavailable'].entries()) {
      await put(command(String(index)), { Reason, Tries: '1' }, index * 10);
    }
    await put(command('of EventBridge'), { ERROR_CODE: 'NO_PERMISSIONS' }, 50);
    await put(command('of SQS'), {}, 60);
    await run('resend', '--yes', '--reason', 'unavailable', '--max', '2');
    assert.deepEqual(await ids(COMMANDS), ['0', '2']);
    const none = await run('resend', '--yes', '--reason', 'expired');
    const reasons = 'rejected 1, unavailable 1, NO_PERMISSIONS 1, gave_up 1';
    assert.deepEqual(linesOf(none.output), [`${DEAD}: 4 dead letters: ${reasons}`, 'Nothing to resend.']);
  });

  it('are deleted if resend leaves them, or all of a reason', async () => {
    await put(command('alive'), { Reason: 'rejected' });
    await put(command('blocked'), { Reason: 'blacklisted' });
    await put(command('late', { expiresAt: past() }), { Reason: 'expired' });
    const { output, exitCode } = await run('discard', '--yes');
    assert.equal(exitCode, 0);
    assert.match(output, /^2 dead letters deleted\.$/m);
    assert.deepEqual(await ids(DEAD), ['alive']);
    assert.match((await run('discard', '--yes')).output, /^Nothing to delete\.$/m);
    await run('discard', '--yes', '--reason', 'rejected');
    assert.deepEqual([await queues.depth(DEAD), await queues.depth(COMMANDS)], [0, 0]);
  });

  it('say in JSON what was resent or deleted', async () => {
    await putThree();
    const done = async (name: string) => JSON.parse((await run(name, '--yes', '--json')).output);
    assert.deepEqual(await done('resend'), { queue: DEAD, target: COMMANDS, resent: 1 });
    assert.deepEqual(await done('resend'), { queue: DEAD, target: COMMANDS, resent: 0 });
    assert.deepEqual(await done('discard'), { queue: DEAD, deleted: 2 });
    assert.deepEqual(await done('discard'), { queue: DEAD, deleted: 0 });
  });

  for (const [name, question, left] of [
    ['resend', `Resend 1 dead letter to ${COMMANDS}\\?`, [1, 2]],
    ['discard', 'Delete 2 dead letters for good\\?', [0, 1]],
  ] as const) {
    it(`${name} asks at a terminal, and does nothing after a no`, async () => {
      await putThree();
      const answered = (answer: string) => cli.run(['dead-letters', name, '--stage', 'test'], {}, { answer });
      const refused = await answered('n\n');
      assert.equal(refused.exitCode, 1, refused.problems);
      assert.match(
        refused.output,
        new RegExp(`^${TARGET('test')}\n.*${question} \\[y/N\\] .*Nothing was changed\\.\n$`, 'ms'),
      );
      assert.deepEqual([await queues.depth(COMMANDS), ...(await dead())], [0, 3, 0]);
      assert.equal((await answered('yes\n')).exitCode, 0);
      assert.deepEqual([await queues.depth(COMMANDS), ...(await dead())], [...left, 0]);
    });
  }

  it('need --yes where nobody can be asked, a queue of the stage, and options that are right', async () => {
    await putThree();
    for (const name of ['resend', 'discard']) {
      const { exitCode, problems } = await run(name);
      assert.equal(exitCode, 2);
      const help = `Help: npm run smsaero -- dead-letters ${name} --help\n`;
      assert.equal(
        problems,
        `error: Nothing was changed: there is no terminal to ask on, so say --yes\n${help}`,
      );
    }
    assert.deepEqual(await dead(), [3, 0]);
    await assertFails(
      cli.run(['dead-letters', 'list', '--stage', 'none']),
      1,
      'The queue smsaero-none-dead-letters does not exist: is the stage deployed, and in this region?\n',
    );
    await assertFails(run('list', '--max', '0'), 2, /Write a whole number, 1 or more\./);
    await assertFails(run('list', '--yes'), 2, /unknown option '--yes'/);
    await assertFails(
      run('list', '--reason', 'no_mony'),
      2,
      /^error: --reason "no_mony" is not a reason \(.*\): did you mean no_money\?\n/,
    );
    assert.equal((await run('list', '--reason', 'no_money')).exitCode, 0);
  });

  /** A failed event of Cognito, so many minutes old. */
  async function fail(trigger: string, errorType: string, minutes: number): Promise<object> {
    const event = senderEvent({ triggerSource: `CustomSMSSender_${trigger}`, code: 'AYAD' });
    const failure = { requestPayload: event, responsePayload: { errorType } };
    await send(FAILURES, failure, {}, -minutes * MINUTE);
    return event;
  }

  it('of Cognito are given to their function again', async () => {
    const invoked: [string | undefined, string | string[] | undefined, unknown][] = [];
    const server = http.createServer(async (request, response) => {
      const type = request.headers['x-amz-invocation-type'];
      invoked.push([request.url, type, JSON.parse(await text(request))]);
      response.writeHead(202).end();
    });
    const { authority, close } = await listen(server);
    const event = await fail('AdminCreateUser', 'RetryableError', 120);
    await fail('Authentication', 'RetryableError', 110);
    await send(FAILURES, '{}');
    const { exitCode, output } = await cli.run(
      ['dead-letters', 'resend', '--stage', 'test', '--queue', 'cognito', '--yes'],
      { AWS_ENDPOINT_URL_LAMBDA: `http://${authority}` },
    );
    await close();
    assert.equal(exitCode, 0);
    assert.deepEqual(
      rows(output).map((cells) => cells.filter((_, index) => index !== 1)),
      [
        [`${FAILURES}: 3 dead letters: RetryableError 2, unknown 1`],
        ['reason', 'recipient', 'message'],
        ['RetryableError', '+7903•••4567', 'AdminCreateUser'],
        ['RetryableError', '+7903•••4567', 'Authentication', 'has expired'],
        ['unknown', '-', '-', 'not an event of Cognito'],
        [TARGET('test')],
        ['1 dead letter resent to smsaero-test-cognito-sms-sender.'],
      ],
    );
    const path = '/2015-03-31/functions/smsaero-test-cognito-sms-sender/invocations';
    assert.deepEqual(invoked, [[path, 'Event', event]]);
    assert.equal(await queues.depth(FAILURES), 2);
  });

  it('of Cognito that may have been sent are resent while the guard recognises them', async () => {
    await fail('AdminCreateUser', 'Runtime.ExitError', 46);
    await fail('SignUp', 'Runtime.ExitError', 44);
    await fail('ResendCode', 'CodeDecryptionError', 46);
    await fail('UpdateUserAttribute', 'WorthAnotherTry', 46); // as version 0.1.0 says it
    const { output } = await run('list', '--queue', 'cognito');
    const notes = new Map(rows(output).map((cells) => [cells[3], cells[4]]));
    assert.deepEqual(
      ['AdminCreateUser', 'SignUp', 'ResendCode', 'UpdateUserAttribute'].map((trigger) => notes.get(trigger)),
      ['may have been sent, too long ago to be recognised', undefined, undefined, undefined],
    );
    await run('discard', '--queue', 'cognito', '--yes');
    assert.equal(await queues.depth(FAILURES), 3);
  });
});
