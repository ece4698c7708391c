import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventBus, queueEnvironment } from '../../lib/door-environment.ts';

const QUEUES = {
  SMSAERO_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/111122223333/smsaero-prod-commands',
  SMSAERO_DEAD_LETTER_QUEUE_URL:
    'https://sqs.eu-central-1.amazonaws.com/111122223333/smsaero-prod-dead-letters',
};

describe('queueEnvironment', () => {
  it('reads the queues, and sends five messages at a time unless told', () => {
    assert.deepEqual(queueEnvironment(QUEUES), {
      queueUrl: QUEUES.SMSAERO_QUEUE_URL,
      deadLetterQueueUrl: QUEUES.SMSAERO_DEAD_LETTER_QUEUE_URL,
      concurrency: 5,
    });
    assert.equal(queueEnvironment({ ...QUEUES, SMSAERO_QUEUE_CONCURRENCY: '' }).concurrency, 5);
    assert.equal(queueEnvironment({ ...QUEUES, SMSAERO_QUEUE_CONCURRENCY: '20' }).concurrency, 20);
  });

  for (const [name, value] of [
    ['SMSAERO_QUEUE_URL', ''],
    ['SMSAERO_DEAD_LETTER_QUEUE_URL', 'smsaero-prod-dead-letters'],
    ['SMSAERO_QUEUE_CONCURRENCY', '0'],
    ['SMSAERO_QUEUE_CONCURRENCY', '101'],
    ['SMSAERO_QUEUE_CONCURRENCY', 'many'],
  ] as const) {
    it(`refuses ${name}=${value} by its name, without its value`, () => {
      assert.throws(() => queueEnvironment({ ...QUEUES, [name]: value }), {
        message: `Bad environment: ${name} missing or not valid`,
      });
    });
  }
});

describe('eventBus', () => {
  it('is one, or none', () => {
    assert.equal(eventBus({ SMSAERO_EVENT_BUS: ' smsaero-prod ' }), 'smsaero-prod');
    assert.equal(eventBus({ SMSAERO_EVENT_BUS: '' }), undefined);
    assert.equal(eventBus({}), undefined);
  });
});
