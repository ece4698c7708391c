import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { telegramCodeOf } from '../../../lib/smsaero/client.ts';

describe('a code for Telegram', () => {
  it('has 4 to 8 digits, and none of them is a leading zero', () => {
    assert.deepEqual(['1000', '482913', '99999999'].map(telegramCodeOf), [1000, 482_913, 99_999_999]);
  });

  it('is none that a number would change, or that SMS Aero does not take', () => {
    const codes = ['0123', '012345', '000000', '123', '123456789', '', ' 4829', '4829\n', '48 29', '4829a'];
    const others = [
      ...['+4829', '1e5', '0x1F40', '48.2', '４８２９１３', '٤٨٢٩١٣', 'ABCD', 'P@ssw0rd'],
      482_913,
      null,
    ];
    for (const code of [...codes, ...others, undefined, {}, ['4829']]) {
      assert.equal(telegramCodeOf(code), undefined, JSON.stringify(code));
    }
  });

  it('is shown as it came, whatever it is', () => {
    const code = fc.oneof(fc.string(), fc.stringMatching(/^\d{1,10}$/));
    fc.assert(
      fc.property(code, (text) => {
        const number = telegramCodeOf(text);
        assert.ok(number === undefined || String(number) === text);
      }),
    );
  });
});
