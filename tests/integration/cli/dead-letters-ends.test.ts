import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { after, afterEach, describe, it } from 'node:test';
import { startQueues } from '../../../local/queues.ts';
import { openCommandLine, withoutWaiting } from '../../support/cli.ts';
import { COMMANDS, command, DEAD_LETTERS as DEAD } from '../../support/delivery-stack.ts';

/** That nothing is sent twice or stays hidden, however a run ends. */
describe('dead-letters, however it ends', async () => {
  const queues = await startQueues({ names: [DEAD, COMMANDS], edit: withoutWaiting });
  const cli = await openCommandLine({ AWS_ENDPOINT_URL_SQS: queues.url, AWS_MAX_ATTEMPTS: '1' });
  afterEach(async () => {
    queues.watch(undefined);
    for (const name of [DEAD, COMMANDS]) await queues.call('PurgeQueue', { QueueUrl: queues.queueUrl(name) });
  });
  after(async () => {
    await cli.close();
    await queues.close();
  });

  const putMany = async (number: number) => {
    for (let index = 0; index < number; index += 1) {
      await queues.send(DEAD, JSON.stringify(command({ id: String(index) })), { Reason: 'rejected' });
    }
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
      /^The last of them was resent, but is still in .*: https:\/\/shop\.example\/orders 0\. If you resend it within two days, /m,
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

  for (const [at, where, least, most] of [
    ['ReceiveMessage', 'in this process', 0, 0],
    ['SendMessage', 'in this process', 1, 1],
    // A signal waits for the other process to look at it, which may send another one before.
    ['SendMessage', 'in one whose output nobody reads', 1, 11],
  ] as const) {
    it(`ends at Ctrl-C during ${at} with nothing hidden, and each dead letter in one queue, ${where}`, async () => {
      await putMany(12);
      const signals = new EventEmitter();
      const running = where === 'in this process' ? undefined : cli.start(resend);
      running?.stopReading();
      queues.watch((operation) => {
        if (operation !== at) return undefined;
        queues.watch(undefined);
        if (running) running.kill('SIGINT');
        else signals.emit('SIGINT');
        return undefined;
      });
      const { exitCode, problems } = await (running?.ended ?? cli.run(resend, {}, { signals }));
      assert.equal(exitCode, 1, problems);
      assert.equal(await hidden(), 0);
      assert.equal(new Set([...(await ids(COMMANDS)), ...(await ids(DEAD))]).size, 12);
      assert.equal((await queues.depth(COMMANDS)) + (await queues.depth(DEAD)), 12);
      const sent = await queues.depth(COMMANDS);
      assert.ok(sent >= least && sent <= most, String(sent));
    });
  }

  it('takes more than one batch', async () => {
    await putMany(12);
    assert.equal((await cli.run(resend)).exitCode, 0);
    assert.deepEqual([await queues.depth(DEAD), await queues.depth(COMMANDS)], [0, 12]);
  });

  it('says when others hide some', async () => {
    await putMany(3);
    await queues.call('ReceiveMessage', { QueueUrl: queues.queueUrl(DEAD), MaxNumberOfMessages: 2 });
    const { problems } = await cli.run(list);
    assert.match(problems, /^2 dead letters more hidden, for 15 minutes at most: another run has them/m);
  });
});
