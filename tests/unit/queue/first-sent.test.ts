import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { firstSentAt } from '../../../lib/queue/first-sent.ts';

describe('firstSentAt', () => {
  for (const [told, first] of [
    [undefined, 1_000],
    ['400', 400],
    ['1600', 1_000], // it gives no longer life
    ['yesterday', 1_000],
  ] as const) {
    it(`of a message sent at 1000 that tells ${told} is ${first}`, () =>
      assert.equal(firstSentAt(1_000, told), first));
  }
});
