import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseByLibrary, parseRecipient } from '../../../lib/guard/recipient.ts';
import { countryInZoneSeven } from '../../../lib/guard/zone-seven.ts';

const HOMES = [['RU'], ['KZ', 'RU'], ['BY', 'RU'], ['US', 'KZ'], ['RU', 'DE', 'VN', 'MV']];

function holdAgainstLibrary(digits: string, countries: readonly string[]): void {
  for (const written of [digits, `+${digits}`]) {
    const expected = parseByLibrary(written, digits, countries[0] ?? '', countries);
    assert.deepEqual(parseRecipient(written, countries), expected, `${written} at home in ${countries}`);
  }
}

describe('the short cut of the zone +7', () => {
  it('is taken by mobile numbers of Russia and Kazakhstan', () => {
    assert.equal(countryInZoneSeven('79031234567'), 'RU');
    assert.equal(countryInZoneSeven('77011234567'), 'KZ');
    for (const digits of ['74951234567', '78001234567', '7903123456', '790312345678', '375291234567'])
      assert.equal(countryInZoneSeven(digits), undefined, digits);
  });

  it('reads the first number of each of 1,000 codes, the last and one between as libphonenumber does', () => {
    for (let block = 0; block < 1_000; block += 1) {
      const prefix = `7${String(block).padStart(3, '0')}`;
      for (const tail of ['0000000', '9999999', String((block * 7_919_993) % 10_000_000).padStart(7, '0')])
        holdAgainstLibrary(prefix + tail, ['RU']);
    }
  });

  it('reads the blocks that the metadata tells apart by six digits as libphonenumber does', () => {
    for (let block = 0; block < 1_000; block += 1)
      holdAgainstLibrary(`7930${String(block).padStart(3, '0')}${String(block).padStart(4, '1')}`, ['RU']);
  });

  it('reads any digits in any form as libphonenumber does, wherever home is', () => {
    const ours = fc.stringMatching(/^7[97]\d{9}$/);
    const alike = fc.stringMatching(/^[78]\d{8,11}$/);
    fc.assert(fc.property(fc.oneof(ours, alike), fc.constantFrom(...HOMES), holdAgainstLibrary), {
      numRuns: 3_000,
    });
  });
});
