import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { after, afterEach, before, describe, it } from 'node:test';
import { type Queues, startQueues } from '../../../local/queues.ts';
import {
  type CommandLine,
  openCommandLine,
  type Ran,
  type Running,
  withoutWaiting,
} from '../../support/cli.ts';

const DEAD = 'smsaero-test-dead-letters';
const COMMANDS = 'smsaero-test-commands';

/** That nothing is sent twice or stays hidden, however a run ends. */
describe('dead-letters, however it ends', () => {
  let queues: Queues;
  let cli: CommandLine;
  before(async () => {
    queues = await startQueues({ names: [DEAD, COMMANDS], edit: withoutWaiting });
    cli = await openCommandLine({ AWS_ENDPOINT_URL_SQS: queues.url, AWS_MAX_ATTEMPTS: '1' });
  });
  afterEach(async () => {
    queues.watch(undefined);
    for (const name of [DEAD, COMMANDS]) await queues.call('PurgeQueue', { QueueUrl: queues.queueUrl(name) });
  });
  after(async () => {
    await cli.close();
    await queues.close();
  });

  function put(id: string): Promise<void> {
    const data = { to: '79031234567', payload: { code: '482913' } };
    const time = new Date().toISOString();
    const body = { specversion: '1.0', id, source: 'https://shop.example', type: 'sms.send.v1', time, data };
    return queues.send(DEAD, JSON.stringify(body), { Reason: 'rejected' });
  }
  const putMany = async (number: number) => {
    for (let index = 0; index < number; index += 1) await put(String(index));
  };
  const resend = ['dead-letters', 'resend', '--stage', 'test', '--yes'];
  const list = ['dead-letters', 'list', '--stage', 'test'];
  const ids = async (name: string) =>
    (await queues.peek(name)).map(({ body }) => (JSON.parse(body) as { id: string }).id).sort();
  const hidden = async () => (await queues.content(DEAD)).hidden.length;

  it('says what was resent and is still there', async () => {
    await putMany(2);
    queues.watch((operation) => (operation === 'DeleteMessage' ? 'server_error' : undefined));
    const { exitCode, output } = await cli.run(resend);
    assert.equal(exitCode, 1);
    assert.match(output, /^1 dead letter resent to smsaero-test-commands\.$/m);
    assert.match(
      output,
      /^The last of them was resent, but is still in .*: https:\/\/shop\.example 0\. If you resend it within two days, /m,
    );
    assert.deepEqual(await ids(COMMANDS), ['0']);
    assert.deepEqual([await queues.depth(DEAD), await hidden()], [2, 0]);
  });

  it('shows what it took when it cannot take the rest', async () => {
    await putMany(15);
    let batches = 0;
    queues.watch((operation) => {
      if (operation === 'ReceiveMessage') batches += 1;
      return operation === 'ReceiveMessage' && batches === 2 ? 'throttle' : undefined;
    });
    const { exitCode } = await cli.run(list);
    assert.equal(exitCode, 1);
    assert.deepEqual([await queues.depth(DEAD), await hidden()], [15, 0]);
  });

  /** Runs it, and calls back once, during the first such call to SQS. */
  async function interrupted(at: string, run: () => Promise<Ran>, interrupt: () => void) {
    await putMany(3);
    let isInterrupted = false;
    queues.watch((operation) => {
      if (operation === at && !isInterrupted) interrupt();
      isInterrupted ||= operation === at;
      return undefined;
    });
    const { exitCode, problems } = await run();
    assert.equal(exitCode, 1, problems);
    assert.equal(await hidden(), 0);
    assert.deepEqual([...(await ids(COMMANDS)), ...(await ids(DEAD))], ['0', '1', '2']);
    assert.equal(await queues.depth(COMMANDS), at === 'ReceiveMessage' ? 0 : 1);
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
    await putMany(12);
    const running = cli.start(resend);
    running.stopReading();
    assert.equal((await running.ended).exitCode, 0);
    assert.deepEqual([await queues.depth(DEAD), await queues.depth(COMMANDS)], [0, 12]);
  });

  it('says when others hide some', async () => {
    await putMany(3);
    await queues.call('ReceiveMessage', { QueueUrl: queues.queueUrl(DEAD), MaxNumberOfMessages: 2 });
    const { problems } = await cli.run(list);
    assert.match(problems, /^2 dead letters more hidden, for 15 minutes at most: another run has them/m);
  });

  it('prints nothing that a terminal obeys, and no number', async () => {
    await put('a\u001b[2J\n0 dead letters');
    await put('+7 (903) 123-45-67');
    const { output } = await cli.run(list);
    assert.ok(!output.includes('\u001b') && !output.includes('\n0 dead'), output);
    assert.doesNotMatch(output, /123-45-67/);
  });
});
