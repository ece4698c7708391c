import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { after, afterEach, before, describe, it } from 'node:test';
import { type Clock, systemClock } from '../../../local/clock.ts';
import { type Queues, startQueues } from '../../../local/queue/index.ts';
import { type CommandLine, openCommandLine, type Ran, type Running } from '../../support/cli.ts';

const DEAD = 'smsaero-test-dead-letters';
const COMMANDS = 'smsaero-test-commands';
const FAILURES = 'smsaero-test-cognito-failures';
const HOUR = 3_600_000;

/** That nothing is sent twice or hidden, however a replay ends. */
describe('replay, however it ends', () => {
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
    cli = await openCommandLine({ AWS_ENDPOINT_URL_SQS: queues.url, AWS_MAX_ATTEMPTS: '1' });
  });
  afterEach(() => {
    shift = 0;
    queues.watch(undefined);
    for (const name of [DEAD, COMMANDS, FAILURES]) queues.queue(name).purge();
  });
  after(async () => {
    await cli.close();
    await queues.close();
  });

  /** A command that lives for a week, put aside so long ago. */
  function put(id: string, age = 0, attributes: Record<string, string> = {}) {
    shift = -age;
    const expiresAt = new Date(Date.now() + 168 * HOUR).toISOString();
    const data = { to: '79031234567', payload: { code: '482913' }, expiresAt };
    const body = { specversion: '1.0', id, source: 'https://shop.example', type: 'sms.send.v1', data };
    const messageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    );
    queues.send(DEAD, JSON.stringify(body), { messageAttributes });
    shift = 0;
  }
  const putMany = (number: number) => {
    for (let index = 0; index < number; index += 1) put(String(index), 0, { Reason: 'tries_exhausted' });
  };
  const replay = (...args: string[]) => cli.run(['replay', '--stage', 'test', ...args]);
  const ids = (name: string) => queues.peek(name).map(({ body }) => (JSON.parse(body) as { id: string }).id);
  const hidden = { visible: 0, notVisible: 0, delayed: 0 };

  it('puts back what nothing recognises any more only when it is told to', async () => {
    put('young', 90 * HOUR);
    put('old', 96 * HOUR);
    put('old-and-told', 96 * HOUR, { Reason: 'tries_exhausted', LastReason: 'no_money' });
    const { output } = await replay('--yes');
    assert.deepEqual(ids(COMMANDS), ['young']);
    assert.match(
      output,
      /^gave_up .* old +may have been sent, too long ago to be recognised; --again sends/m,
    );
    await replay('--yes', '--again', '--reason', 'gave_up');
    assert.deepEqual(ids(COMMANDS), ['young', 'old']);
    assert.deepEqual(ids(DEAD), ['old-and-told']);
  });

  it('reckons from the first life of what SQS gave up in a second one', async () => {
    const first = { FirstSentTimestamp: String(Date.now() - 96 * HOUR) };
    put('given-up-twice', HOUR, first); // the function broke, perhaps after it had sent, before and after a replay
    put('not-sent', HOUR, { Reason: 'tries_exhausted', LastReason: 'no_money', ...first }); // the guard was asked an hour ago
    const { output } = await replay('--yes');
    assert.deepEqual(ids(COMMANDS), ['not-sent']);
    assert.match(output, /^gave_up .* given-up-twice +may have been sent, too long ago/m);
    await replay('--yes', '--again');
    assert.deepEqual(ids(COMMANDS), ['not-sent', 'given-up-twice']);
  });

  it("knows for how long Cognito's events are recognised, and which were not sent", async () => {
    for (const errorType of ['WorthAnotherTry', 'Runtime.ExitError']) {
      shift = -HOUR;
      const request = {
        type: 'customSMSSenderRequestV1',
        code: 'AYAD',
        userAttributes: { phone_number: '+79031234567' },
      };
      const requestPayload = {
        triggerSource: 'CustomSMSSender_AdminCreateUser',
        userPoolId: 'eu-central-1_abc',
        request,
      };
      queues.send(FAILURES, JSON.stringify({ requestPayload, responsePayload: { errorType } }));
      shift = 0;
    }
    const { output } = await replay('--queue', 'cognito', '--dry-run');
    assert.match(output, /^Runtime\.ExitError .*--again sends it all the same$/m);
    assert.match(output, /^Dry run: 1 dead letter would go/m);
    const again = await replay('--queue', 'cognito', '--dry-run', '--again');
    assert.match(again.output, /^Dry run: 2 dead letters would go/m);
  });

  it('says what was put back and is still listed', async () => {
    putMany(2);
    queues.watch((operation) => (operation === 'DeleteMessage' ? 'server_error' : undefined));
    const { exitCode, output } = await replay('--yes');
    assert.equal(exitCode, 1);
    assert.match(output, /^1 dead letter put back to smsaero-test-commands\.$/m);
    assert.match(
      output,
      /^The last of them was put back, but is still listed here: https:\/\/shop\.example 0\./m,
    );
    assert.deepEqual(ids(COMMANDS), ['0']);
    assert.deepEqual(queues.queue(DEAD).depth, { ...hidden, visible: 2 });
  });

  it('shows what it took when it cannot take the rest', async () => {
    putMany(15);
    let batches = 0;
    queues.watch((operation) => {
      if (operation === 'ReceiveMessage') batches += 1;
      return operation === 'ReceiveMessage' && batches === 2 ? 'throttle' : undefined;
    });
    const { exitCode } = await replay('--dry-run');
    assert.equal(exitCode, 1);
    assert.deepEqual(queues.queue(DEAD).depth, { ...hidden, visible: 15 });
  });

  /** Runs it, and calls back once, during the first such call to SQS. */
  async function interrupted(at: string, run: () => Promise<Ran>, interrupt: () => void) {
    putMany(3);
    let isInterrupted = false;
    queues.watch((operation) => {
      if (operation === at && !isInterrupted) interrupt();
      isInterrupted ||= operation === at;
      return undefined;
    });
    const { exitCode, problems } = await run();
    assert.equal(exitCode, 1, problems);
    assert.equal(queues.queue(DEAD).depth.notVisible, 0);
    assert.deepEqual([...ids(COMMANDS), ...ids(DEAD)], ['0', '1', '2']);
    assert.equal(queues.depth(COMMANDS), at === 'ReceiveMessage' ? 0 : 1);
  }
  for (const at of ['ReceiveMessage', 'SendMessage'] as const) {
    it(`ends at Ctrl-C during ${at} with nothing hidden, and each letter in one queue`, async () => {
      const signals = new EventEmitter();
      const run = () => cli.run(['replay', '--stage', 'test', '--yes'], {}, { signals });
      await interrupted(at, run, () => signals.emit('SIGINT'));
    });
  }

  it('does so in a process of its own', async () => {
    let running: Running | undefined;
    const run = () => {
      running = cli.start(['replay', '--stage', 'test', '--yes']);
      return running.ended;
    };
    await interrupted('ReceiveMessage', run, () => running?.kill('SIGINT'));
  });

  it('goes on when nobody reads what it prints', async () => {
    putMany(12);
    const running = cli.start(['replay', '--stage', 'test', '--yes']);
    running.stopReading();
    assert.equal((await running.ended).exitCode, 0);
    assert.deepEqual([queues.depth(DEAD), queues.depth(COMMANDS)], [0, 12]);
  });

  it('says when others hide some', async () => {
    putMany(3);
    queues.queue(DEAD).receive(2, 600);
    const { output } = await replay('--dry-run');
    assert.match(output, /^2 dead letters more hidden: another run has them/m);
  });

  it('deletes what can never be sent, and asks before', async () => {
    put('sendable', 0, { Reason: 'tries_exhausted', LastReason: 'no_money' });
    put('blocked', 0, { Reason: 'blacklisted' });
    put('late', 0, { Reason: 'expired' });
    const dry = await replay('--discard', '--dry-run');
    assert.match(dry.output, /^Dry run: 2 dead letters would be deleted\.$/m);
    assert.equal((await replay('--discard')).exitCode, 2);
    assert.equal(queues.depth(DEAD), 3);
    const { output, exitCode } = await replay('--discard', '--yes');
    assert.equal(exitCode, 0);
    assert.match(output, /^2 dead letters deleted\.$/m);
    assert.deepEqual(ids(DEAD), ['sendable']);
    await replay('--discard', '--yes', '--reason', 'no_money');
    assert.deepEqual([queues.depth(DEAD), queues.depth(COMMANDS)], [0, 0]);
  });

  it('prints nothing of a letter that a terminal obeys, and no number', async () => {
    put('a\u001b[2J\nDry run: 0 dead letters', 0, { Reason: 'rejected' });
    put('+7 (903) 123-45-67', 0, { Reason: 'rejected' });
    const { output } = await replay('--dry-run');
    assert.ok(!output.includes('\u001b') && !output.includes('\nDry run: 0'), output);
    assert.doesNotMatch(output, /123-45-67/);
  });
});
