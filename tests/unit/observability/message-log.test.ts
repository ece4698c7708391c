import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import type { LogFields } from '../../../lib/observability/logger.ts';
import { MessageLog } from '../../../lib/observability/message-log.ts';

const REQUEST = {
  platform: 'logto',
  recipient: '+79031234567',
  usageType: 'SignIn',
  variables: { code: '482913' },
  deadline: 0,
};

describe('MessageLog', () => {
  let clock: number;
  let lines: LogFields[];
  const note = (_: string, fields: LogFields = {}) => void lines.push(fields);
  const log = { info: note, warn: note, error: () => assert.fail('there is no error') };
  const metrics = { count: () => undefined };

  beforeEach(() => {
    clock = 0;
    lines = [];
    mock.method(performance, 'now', () => clock);
  });
  afterEach(() => mock.restoreAll());

  it('adds up the times of a step that runs twice, also one that failed, and gives back what it gives', async () => {
    const line = new MessageLog(REQUEST);
    const later = await line.time('gateway', async () => {
      clock += 30;
      return 'later';
    });
    const now = line.timeSync('template', () => {
      clock += 0.25;
      return 'now';
    });
    assert.deepEqual([later, now], ['later', 'now']);
    await assert.rejects(
      line.time('gateway', async () => {
        clock += 12.5;
        throw new Error('broken');
      }),
    );
    line.write(log, metrics, { status: 'failed', reason: 'unavailable' }, true);
    assert.deepEqual(lines[0]?.['ms'], { gateway: 42.5, template: 0.3, total: 42.8 });
  });
});
