import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { firstSentAt, firstSentAtOf } from '../../../lib/queue/first-sent.ts';

const SENT = Date.UTC(2026, 10, 24, 12);

describe('firstSentAt', () => {
  const earlier = SENT - 600_000;
  it('is what the message tells', () => assert.equal(firstSentAt(SENT, String(earlier)), earlier));

  for (const told of [
    undefined,
    String(SENT + 600_000), // it gives no longer life
    String(Math.floor(SENT / 1000)), // in seconds it would be a day of 1970
    String(earlier + 0.5),
    ` ${earlier}`,
    `${earlier}0`,
    '-1795521600000',
    '0',
    '', // bytes, as the command line reads them
    ' ',
    'yesterday',
    '2026-11-24T11:50:00Z',
    '-Infinity',
    'NaN',
    '9'.repeat(400),
  ]) {
    it(`is when this message was sent where it tells ${told?.slice(0, 20)}`, () =>
      assert.equal(firstSentAt(SENT, told), SENT));
  }
});

describe('firstSentAtOf', () => {
  const message = (messageAttributes?: Record<string, { stringValue?: string }>) => ({
    messageId: '1',
    receiptHandle: '1',
    body: '',
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(SENT) },
    ...(messageAttributes ? { messageAttributes } : {}),
  });

  it('reads the attribute, and does without attributes or a text', () => {
    assert.equal(firstSentAtOf(message({ FirstSentTimestamp: { stringValue: String(SENT - 1) } })), SENT - 1);
    assert.equal(firstSentAtOf(message({ FirstSentTimestamp: {} })), SENT);
    assert.equal(firstSentAtOf(message()), SENT); // an event that a person wrote, to try the function
  });
});
