import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { countSegments } from '../../../lib/templates/segments.ts';

const gsm = fc.constantFrom(...'@£$¥èΔ_ΦΓ !"#¤%&09AZaz§ÄÖÑÜ¿äöñüà\n\r^{}\\[~]|€');
const ucs2 = fc.constantFrom(...'абвгдЁёЖ«»—…', '😀', '🇷🇺', '漢', 'ẞ', '`', '\t', 'ç');

describe('countSegments', () => {
  const oracle = (text: string) => {
    const message = new SegmentedMessage(text);
    return { encoding: message.encodingName, segments: Math.max(1, message.segmentsCount) };
  };

  it('agrees with sms-segments-calculator on mixed texts of any length', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(gsm, ucs2), { minLength: 1, maxLength: 300 }), (characters) => {
        const text = characters.join('');
        assert.deepEqual(countSegments(text), oracle(text));
      }),
      { numRuns: 200 },
    );
  });

  it('counts as GSM 03.40 says', () => {
    for (const [text, encoding, segments] of [
      ['a'.repeat(160), 'GSM-7', 1],
      ['a'.repeat(161), 'GSM-7', 2],
      ['a'.repeat(306), 'GSM-7', 2],
      ['a'.repeat(307), 'GSM-7', 3],
      ['€'.repeat(80), 'GSM-7', 1],
      ['€'.repeat(81), 'GSM-7', 2],
      [`${'a'.repeat(152)}€${'a'.repeat(152)}`, 'GSM-7', 3], // an extension character may not be split
      ['я'.repeat(70), 'UCS-2', 1],
      ['я'.repeat(71), 'UCS-2', 2],
      ['я'.repeat(134), 'UCS-2', 2],
      ['я'.repeat(135), 'UCS-2', 3],
      [`${'я'.repeat(66)}😀${'я'.repeat(66)}`, 'UCS-2', 3], // nor a surrogate pair
      [`${'a'.repeat(80)}ё`, 'UCS-2', 2],
    ] as const) {
      assert.deepEqual(countSegments(text), { encoding, segments }, text);
    }
  });
});
