import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { plainText } from '../../lib/plain-text.ts';

describe('plainText', () => {
  it('leaves ASCII as it is, control characters too', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
        assert.equal(plainText(text), text);
      }),
    );
  });

  it('reads the digits of every numbering system that ICU counts in', () => {
    let systems = 0;
    for (const system of Intl.supportedValuesOf('numberingSystem')) {
      const numbers = new Intl.NumberFormat(`en-u-nu-${system}`, { useGrouping: false });
      const digits = Array.from({ length: 10 }, (_, digit) => numbers.format(digit));
      if (!digits.every((digit) => /^\p{Nd}$/u.test(digit))) continue; // no decimal digits, as in hanidec
      systems += 1;
      assert.equal(plainText(digits.join('')), '0123456789', system);
    }
    assert.ok(systems > 60, String(systems));
  });

  it('takes out every format character and every one that is ignored where it has no glyph', () => {
    const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/u;
    let characters = 0;
    for (let code = 0x80; code < 0x11_0000; code += 1) {
      const character = code >= 0xd800 && code < 0xe000 ? '' : String.fromCodePoint(code);
      if (!invisible.test(character)) continue;
      characters += 1;
      assert.equal(plainText(`7${character}9`), '79', `U+${code.toString(16)}`);
    }
    assert.ok(characters > 4_000, String(characters));
  });

  it('writes what is wide or unusual as everybody does, but makes no digits of superscripts and circled numbers', () => {
    assert.equal(plainText('＋７（９０３）\u00a01\u20112\u202f3'), '+7(903) 1\u20102 3');
    assert.equal(plainText('79²①½Ⅷ'), '79²①½Ⅷ');
  });
});
