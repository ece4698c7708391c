import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { buildArtifacts } from '../../bench/artifacts.ts';
import { startLambda } from '../../bench/lambda/process.ts';
import { start } from '../../bench/measure/start.ts';
import { COGNITO_SUBJECTS, HTTP_SUBJECTS, PEERS, QUEUE_SUBJECTS } from '../../bench/subjects.ts';
import { startWorld } from '../../bench/world.ts';

const artifacts = await buildArtifacts(PEERS);
const hook = artifacts.get('sms-hook') ?? assert.fail();
const world = await startWorld();
after(() => Promise.all([artifacts.close(), world.close()]));

describe('the benchmark', () => {
  for (const subject of [...HTTP_SUBJECTS, ...COGNITO_SUBJECTS, ...QUEUE_SUBJECTS]) {
    it(`has a ${subject.id} that sends: one message, several in a row, several at once`, async () => {
      const running = await start(subject, artifacts, world);
      try {
        const first = await running.send(1);
        assert.ok(first.load <= first.init && first.init <= first.answer);
        assert.equal((await running.send(3)).each?.length, 3);
        await running.send(3, 'at-once');
      } finally {
        await running.close();
      }
    });
  }

  it('measures no subject that logs an error: it may have left out some work', async () => {
    const running = await startLambda(hook, { ...world.environment, SMSAERO_TABLE: 'there-is-none' });
    await assert.rejects(running.invoke({}), /The function logged .*guard table unreachable/);
    await running.close();
  });

  it('hears of a function that does not start', async () => {
    const running = await startLambda(hook, { ...world.environment, SMSAERO_COUNTRIES: 'nowhere' });
    await assert.rejects(running.invoke({}), /does not start.*Bad environment: SMSAERO_COUNTRIES/s);
    await running.close();
  });
});
