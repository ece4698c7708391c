import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { telegramCodeOf } from '../../../lib/smsaero/client.ts';

it('a code for Telegram has 4 to 8 digits, and is shown as it came', () => {
  assert.deepEqual(['1000', '482913', '99999999'].map(telegramCodeOf), [1000, 482_913, 99_999_999]);
  for (const code of [
    ...[
      '0123',
      '012345',
      '000000',
      '123',
      '123456789',
      '',
      ' 4829',
      '4829\n',
      '48 29',
      '4829a',
      '+4829',
      '1e5',
    ],
    ...['0x1F40', '48.2', '４８２９１３', '٤٨٢٩١٣', 'P@ssw0rd', 482_913, null, undefined, {}, ['4829']],
  ]) {
    assert.equal(telegramCodeOf(code), undefined, JSON.stringify(code));
  }
  const text = fc.oneof(fc.string(), fc.stringMatching(/^\d{1,10}$/));
  fc.assert(fc.property(text, (code) => [undefined, code].includes(telegramCodeOf(code)?.toString())));
});
