import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { countSegments } from '../../../local/simulator/segments.ts';

describe('the simulator counts segments', () => {
  it('at the limits of both alphabets', () => {
    const counts: [string, number][] = [
      ['', 1],
      ['a'.repeat(160), 1],
      ['a'.repeat(161), 2],
      ['a'.repeat(306), 2],
      ['a'.repeat(307), 3],
      ['€'.repeat(80), 1],
      ['€'.repeat(81), 2],
      ['я'.repeat(70), 1],
      ['я'.repeat(71), 2],
      ['я'.repeat(134), 2],
      ['я'.repeat(135), 3],
      [`${'a'.repeat(152)}€${'a'.repeat(152)}`, 3],
    ];
    for (const [text, segments] of counts)
      assert.equal(countSegments(text), segments, `${text.length} ${text[0]}`);
  });

  it('as an independent calculator does', () => {
    const letters = fc.constantFrom(...'abcXYZ019 @£$_!?{}[]~\\^|€яЖё«»№中');
    const text = fc.oneof(
      fc.string({ unit: letters, minLength: 1, maxLength: 640 }),
      fc.string({ unit: fc.constantFrom(...'ab1 €{'), minLength: 100, maxLength: 640 }),
    );
    fc.assert(
      fc.property(text, (value) => countSegments(value) === new SegmentedMessage(value).segmentsCount),
    );
  });
});
