import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { after, afterEach, before, describe, it } from 'node:test';
import { type Clock, systemClock } from '../../../local/clock.ts';
import { type Queues, startQueues } from '../../../local/queue/index.ts';
import { type CommandLine, openCommandLine, type Ran, type Running } from '../../support/cli.ts';

const DEAD = 'smsaero-test-dead-letters';
const COMMANDS = 'smsaero-test-commands';

/** That nothing is sent twice or stays hidden, however a run ends. */
describe('dead-letters, however it ends', () => {
  let queues: Queues;
  let cli: CommandLine;
  const clock: Clock = {
    now: () => Date.now(),
    // An empty queue says so at once: nobody sends anything while a command waits for a second.
    at: (time, callback) => systemClock.at(time <= Date.now() + 1_000 ? Date.now() : time, callback),
  };
  before(async () => {
    queues = await startQueues({ names: [DEAD, COMMANDS], clock });
    cli = await openCommandLine({ AWS_ENDPOINT_URL_SQS: queues.url, AWS_MAX_ATTEMPTS: '1' });
  });
  afterEach(() => {
    queues.watch(undefined);
    for (const name of [DEAD, COMMANDS]) queues.queue(name).purge();
  });
  after(async () => {
    await cli.close();
    await queues.close();
  });

  function put(id: string): void {
    const data = { to: '79031234567', payload: { code: '482913' } };
    const time = new Date().toISOString();
    const body = { specversion: '1.0', id, source: 'https://shop.example', type: 'sms.send.v1', time, data };
    const messageAttributes = { Reason: { DataType: 'String', StringValue: 'rejected' } };
    queues.send(DEAD, JSON.stringify(body), { messageAttributes });
  }
  const putMany = (number: number) => {
    for (let index = 0; index < number; index += 1) put(String(index));
  };
  const resend = ['dead-letters', 'resend', '--stage', 'test', '--yes'];
  const list = ['dead-letters', 'list', '--stage', 'test'];
  const ids = (name: string) => queues.peek(name).map(({ body }) => (JSON.parse(body) as { id: string }).id);
  const hidden = { visible: 0, notVisible: 0, delayed: 0 };

  it('says what was resent and is still there', async () => {
    putMany(2);
    queues.watch((operation) => (operation === 'DeleteMessage' ? 'server_error' : undefined));
    const { exitCode, output } = await cli.run(resend);
    assert.equal(exitCode, 1);
    assert.match(output, /^1 dead letter resent to smsaero-test-commands\.$/m);
    assert.match(
      output,
      /^The last of them was resent, but is still in .*: https:\/\/shop\.example 0\. Resent again within two days, /m,
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
    const { exitCode } = await cli.run(list);
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
    it(`ends at Ctrl-C during ${at} with nothing hidden, and each dead letter in one queue`, async () => {
      const signals = new EventEmitter();
      const run = () => cli.run(resend, {}, { signals });
      await interrupted(at, run, () => signals.emit('SIGINT'));
    });
  }

  it('does so as a process', async () => {
    let running: Running | undefined;
    const run = () => {
      running = cli.start(resend);
      return running.ended;
    };
    await interrupted('ReceiveMessage', run, () => running?.kill('SIGINT'));
  });

  it('goes on when nobody reads what it prints', async () => {
    putMany(12);
    const running = cli.start(resend);
    running.stopReading();
    assert.equal((await running.ended).exitCode, 0);
    assert.deepEqual([queues.depth(DEAD), queues.depth(COMMANDS)], [0, 12]);
  });

  it('says when others hide some', async () => {
    putMany(3);
    queues.queue(DEAD).receive(2, 600);
    const { problems } = await cli.run(list);
    assert.match(problems, /^2 dead letters more hidden: another run has them/m);
  });

  it('prints nothing that a terminal obeys, and no number', async () => {
    put('a\u001b[2J\n0 dead letters');
    put('+7 (903) 123-45-67');
    const { output } = await cli.run(list);
    assert.ok(!output.includes('\u001b') && !output.includes('\n0 dead'), output);
    assert.doesNotMatch(output, /123-45-67/);
  });
});
