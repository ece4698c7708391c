import assert from 'node:assert/strict';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, describe, it } from 'node:test';
import { type Clock, systemClock } from '../../../local/clock.ts';
import { listen } from '../../../local/loopback.ts';
import { type Queues, startQueues } from '../../../local/queue/index.ts';
import { type CommandLine, openCommandLine } from '../../support/cli.ts';

const DEAD = 'smsaero-test-dead-letters';
const COMMANDS = 'smsaero-test-commands';
const FAILURES = 'smsaero-test-cognito-failures';
const MINUTE = 60_000;

describe('replay', () => {
  let queues: Queues;
  let cli: CommandLine;
  /** How far the queues' clock is from the machine's, in ms. */
  let shift = 0;
  const clock: Clock = {
    now: () => Date.now() + shift,
    // An empty queue says so at once: nobody sends anything while a command waits for a second.
    at: (time, callback) => systemClock.at(time <= clock.now() + 1_000 ? Date.now() : time - shift, callback),
  };
  before(async () => {
    queues = await startQueues({ names: [DEAD, COMMANDS, FAILURES], clock });
    cli = await openCommandLine({ AWS_ENDPOINT_URL_SQS: queues.url });
  });
  afterEach(() => {
    shift = 0;
    for (const name of [DEAD, COMMANDS, FAILURES]) queues.queue(name).purge();
  });
  after(async () => {
    await cli.close();
    await queues.close();
  });

  const command = (id: string, data: object = {}, more: object = {}) => ({
    specversion: '1.0',
    id,
    source: 'https://shop.example',
    type: 'sms.send.v1',
    data: { to: '79031234567', type: 'SignIn', payload: { code: '482913' }, ...data },
    ...more,
  });
  const put = (body: unknown, attributes: Record<string, string> = {}) => {
    const messageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    );
    queues.send(DEAD, typeof body === 'string' ? body : JSON.stringify(body), { messageAttributes });
  };
  const soon = () => new Date(Date.now() + 5 * MINUTE).toISOString();
  const past = () => new Date(Date.now() - MINUTE).toISOString();
  const replay = (...args: string[]) => cli.run(['replay', '--stage', 'test', ...args]);
  /** Ages differ from run to run. */
  const lines = (output: string) =>
    output
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/).map((cell) => cell.replace(/^\d+ (s|min)$/, 'AGE')));
  const bodies = (name: string) => queues.peek(name).map(({ body }) => JSON.parse(body) as unknown);

  /** One that may be sent, in an envelope of EventBridge's, one that has expired, one that is none. */
  function putThree(): void {
    const envelope = {
      'detail-type': 'sms.send.v1',
      detail: command('order 79031234567', { expiresAt: soon() }),
    };
    put(envelope, { Reason: 'tries_exhausted', Tries: '10', LastReason: 'no_money' });
    put(command('late', { expiresAt: past() }), { Reason: 'expired', Tries: '4', LastReason: 'unavailable' });
    put('{"code":"482913"}', { Reason: 'invalid_command', Tries: '1', Fields: 'specversion invalid_value' });
  }
  const LISTED = [
    [`${DEAD}: 3 dead letters: tries_exhausted (no_money) 1, expired (unavailable) 1, invalid_command 1`],
    ['reason', 'age', 'recipient', 'message'],
    ['tries_exhausted (no_money)', 'AGE', '+7903•••4567', 'https://shop.example order +7903•••4567'],
    [
      'expired (unavailable)',
      'AGE',
      '+7903•••4567',
      'https://shop.example late',
      'has expired; --extend 10m gives it time',
    ],
  ];

  it('lists without a number or a code, and a dry run changes nothing', async () => {
    putThree();
    const { exitCode, output, problems } = await replay('--dry-run');
    assert.deepEqual([exitCode, problems], [0, '']);
    assert.deepEqual(lines(output).slice(0, 4), LISTED);
    assert.match(lines(output)[4]?.at(-1) ?? '', /^is no command: specversion /);
    assert.deepEqual(lines(output).slice(5), [[`Dry run: 1 dead letter would go to ${COMMANDS}.`]]);
    assert.doesNotMatch(output, /79031234567|482913/);
    assert.deepEqual(queues.queue(DEAD).depth, { visible: 3, notVisible: 0, delayed: 0 });
    assert.equal(queues.depth(COMMANDS), 0);
  });

  it('puts back what may be sent, as it came, and leaves the others in sight', async () => {
    putThree();
    const [first] = bodies(DEAD);
    const { exitCode, output } = await replay('--yes');
    assert.equal(exitCode, 0);
    assert.deepEqual(lines(output).at(-1), [`1 dead letter put back to ${COMMANDS}.`]);
    assert.deepEqual(bodies(COMMANDS), [first]);
    assert.deepEqual(queues.queue(DEAD).depth, { visible: 2, notVisible: 0, delayed: 0 });
  });

  it('gives expired ones more time where it is told to', async () => {
    putThree();
    const begun = Date.now();
    const { output } = await replay('--yes', '--extend', '10m', '--reason', 'expired');
    assert.deepEqual(lines(output).at(-1), [`1 dead letter put back to ${COMMANDS}.`]);
    const [sent] = bodies(COMMANDS) as [ReturnType<typeof command> & { data: { expiresAt: string } }];
    const { expiresAt, ...data } = sent.data;
    assert.deepEqual({ ...sent, data }, command('late'));
    assert.ok(Date.parse(expiresAt) >= begun + 10 * MINUTE, expiresAt);
    assert.equal(queues.depth(DEAD), 2);
  });

  it('does not give a command that tells no time a second life', async () => {
    put(command('timeless'), { Reason: 'expired', Tries: '3' });
    put(command('fresh'), { Reason: 'rejected', Tries: '1' });
    await replay('--yes');
    assert.deepEqual(
      (bodies(COMMANDS) as { id: string }[]).map(({ id }) => id),
      ['fresh'],
    );
  });

  it('reckons the life of a command from when the queue first took it, and tells the queue', async () => {
    const ago = (ms: number) => ({ FirstSentTimestamp: String(Date.now() - ms) });
    const young = ago(9 * MINUTE);
    put(command('late'), { Reason: 'rejected', Tries: '1', ...ago(10 * MINUTE) });
    put(command('young'), { Reason: 'rejected', Tries: '1', ...young });
    put(command('given up by SQS'));
    const time = new Date(Date.now() - 10 * MINUTE).toISOString();
    put({ 'detail-type': 'sms.send.v1', time, detail: command('late on the bus') });
    const [, , { sentAt }] = queues.peek(DEAD) as [unknown, unknown, { sentAt: number }];
    await replay('--yes');
    assert.deepEqual(
      queues
        .peek(COMMANDS)
        .map(({ body, messageAttributes }) => [
          (JSON.parse(body) as { id: string }).id,
          Object.entries(messageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
        ]),
      [
        ['young', [['FirstSentTimestamp', young.FirstSentTimestamp]]],
        ['given up by SQS', [['FirstSentTimestamp', String(sentAt)]]],
      ],
    );
  });

  it('leaves what would come back, unless its reason is named', async () => {
    const final = ['invalid_command', 'idempotency_conflict', 'invalid_recipient', 'blacklisted'];
    for (const Reason of [...final, 'no_money']) put(command(Reason), { Reason, Tries: '1' });
    const listed = await replay('--dry-run');
    assert.deepEqual(
      lines(listed.output)
        .slice(2, 6)
        .map((cells) => cells.at(-1)),
      final.map((reason) => `would come back; --reason ${reason} puts it back, --discard deletes it`),
    );
    await replay('--yes');
    await replay('--yes', '--reason', 'blacklisted');
    assert.deepEqual(
      (bodies(COMMANDS) as { id: string }[]).map(({ id }) => id),
      ['no_money', 'blacklisted'],
    );
    assert.equal(queues.queue(DEAD).depth.visible, 3);
  });

  it('takes one reason, and the oldest', async () => {
    for (const [index, reason] of ['no_money', 'rejected', 'no_money', 'no_money'].entries()) {
      put(command(String(index), { expiresAt: soon() }), { Reason: reason, Tries: '1' });
      shift += 1;
    }
    await replay('--yes', '--reason', 'no_money', '--max', '2');
    assert.deepEqual(
      (bodies(COMMANDS) as { id: string }[]).map(({ id }) => id),
      ['0', '2'],
    );
    const none = await replay('--yes', '--reason', 'expired');
    assert.deepEqual(lines(none.output), [
      [`${DEAD}: 2 dead letters: rejected 1, no_money 1`],
      ['There is none to put back.'],
    ]);
    assert.deepEqual(queues.queue(DEAD).depth, { visible: 2, notVisible: 0, delayed: 0 });
  });

  it('reads more than one batch', async () => {
    for (let index = 0; index < 23; index += 1) put(command(String(index), { expiresAt: soon() }));
    const { output } = await replay('--yes');
    assert.deepEqual(lines(output)[0], [`${DEAD}: 23 dead letters: gave_up 23`]);
    assert.deepEqual([queues.depth(COMMANDS), queues.depth(DEAD)], [23, 0]);
  });

  it('asks at a terminal, and puts nothing back after a no', async () => {
    putThree();
    const answered = (answer: string) => cli.run(['replay', '--stage', 'test'], {}, { answer });
    const refused = await answered('n\n');
    assert.equal(refused.exitCode, 1, refused.problems);
    assert.match(refused.output, /Put 1 dead letter back to .*\? \[y\/N\] .*Nothing was put back\.\n$/s);
    assert.deepEqual([queues.depth(COMMANDS), queues.queue(DEAD).depth.visible], [0, 3]);
    assert.equal((await answered('yes\n')).exitCode, 0);
    assert.deepEqual([queues.depth(COMMANDS), queues.queue(DEAD).depth.visible], [1, 2]);
  });

  it('asks nobody who is not there, and says what is missing', async () => {
    putThree();
    const { exitCode, problems } = await replay();
    assert.deepEqual(
      [exitCode, problems],
      [
        2,
        'error: Nothing was changed: there is no terminal to ask on, so say --yes\nHelp: npm run smsaero -- replay --help\n',
      ],
    );
    assert.equal(queues.queue(DEAD).depth.visible, 3);
    const nowhere = await cli.run(['replay', '--stage', 'none']);
    assert.deepEqual(
      [nowhere.exitCode, nowhere.problems],
      [1, 'There is no queue smsaero-none-dead-letters: is the stage deployed, and in this region?\n'],
    );
    for (const args of [
      ['--max', '0'],
      ['--extend', 'x'],
      ['--queue', 'x'],
      ['--queue', 'cognito', '--extend', '1m'],
      ['--discard', '--again'],
    ]) {
      assert.equal((await replay(...args)).exitCode, 2, args.join(' '));
    }
  });

  it("gives Cognito's events to their function again", async () => {
    const invoked: [string | undefined, string | string[] | undefined, unknown][] = [];
    const server = http.createServer(async (request, response) => {
      const type = request.headers['x-amz-invocation-type'];
      invoked.push([request.url, type, JSON.parse(await text(request))]);
      response.writeHead(202).end();
    });
    const { authority, close } = await listen(server);
    const event = (trigger: string) => ({
      triggerSource: `CustomSMSSender_${trigger}`,
      userPoolId: 'eu-central-1_abc',
      request: {
        type: 'customSMSSenderRequestV1',
        code: 'AYAD',
        userAttributes: { phone_number: '+79031234567' },
      },
    });
    const fail = (trigger: string) =>
      queues.send(
        FAILURES,
        JSON.stringify({ requestPayload: event(trigger), responsePayload: { errorType: 'WorthAnotherTry' } }),
      );
    shift = -120 * MINUTE;
    for (const trigger of ['AdminCreateUser', 'Authentication']) fail(trigger);
    shift = 0;
    const { exitCode, output } = await cli.run(['replay', '--stage', 'test', '--queue', 'cognito', '--yes'], {
      AWS_ENDPOINT_URL_LAMBDA: `http://${authority}`,
    });
    await close();
    assert.equal(exitCode, 0);
    assert.deepEqual(
      lines(output).map((cells) => cells.filter((_, index) => index !== 1)),
      [
        [`${FAILURES}: 2 dead letters: WorthAnotherTry 2`],
        ['reason', 'recipient', 'message'],
        ['WorthAnotherTry', '+7903•••4567', 'AdminCreateUser'],
        ['WorthAnotherTry', '+7903•••4567', 'Authentication', 'holds a code that Cognito takes no longer'],
        ['1 dead letter put back to smsaero-test-cognito-sms-sender.'],
      ],
    );
    assert.deepEqual(invoked, [
      [
        '/2015-03-31/functions/smsaero-test-cognito-sms-sender/invocations',
        'Event',
        event('AdminCreateUser'),
      ],
    ]);
    assert.equal(queues.depth(FAILURES), 1);
  });
});
