import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { getCountries, getExampleNumber } from 'libphonenumber-js/mobile';
import examples from 'libphonenumber-js/mobile/examples';
import { parseRecipient } from '../../../lib/guard/recipient.ts';

describe('parseRecipient', () => {
  for (const written of [
    '+79031234567',
    '79031234567',
    '89031234567',
    '9031234567',
    '+7 903 123-45-67',
    '8 (903) 123-45-67',
    '+7\u00a0903\u2011123\u201145\u201167',
    ' +7.903.123.45.67 ',
  ]) {
    it(`reads ${written}`, () => {
      assert.deepEqual(parseRecipient(written, ['RU']), { number: '+79031234567', country: 'RU' });
    });
  }

  for (const [written, number, country] of [
    ['77011234567', '+77011234567', 'KZ'],
    ['8 701 123 45 67', '+77011234567', 'KZ'],
    ['375291234567', '+375291234567', 'BY'],
    ['998901234567', '+998901234567', 'UZ'],
    ['841234567890', undefined, undefined],
    ['8613812345678', '+8613812345678', 'CN'],
    ['+1-808-555-5555', '+18085555555', 'US'],
    ['610412345678', '+61412345678', 'AU'],
  ] as const) {
    it(`tells that ${written} is of ${country}`, () => {
      assert.deepEqual(parseRecipient(written, ['RU']), number && { number, country });
    });
  }

  it("understands another home country's national numbers", () => {
    assert.deepEqual(parseRecipient('029 123-45-67', ['BY']), { number: '+375291234567', country: 'BY' });
  });

  for (const [written, countries, number] of [
    ['8 (495) 123-45-67', ['RU', 'VN'], undefined], // a landline in Moscow; +84 951 234 567 is a mobile in Vietnam
    ['84951234567', ['VN', 'RU'], '+84951234567'],
    ['6592345678', ['US'], '+16592345678'], // Alabama, or Singapore
    ['6592345678', ['US', 'SG'], undefined],
    ['6582345678', ['US'], '+6582345678'], // Jamaica, or Singapore: neither is allowed, so it is read as it stands
    ['960 712-34-56', ['RU'], '+79607123456'], // +960 is the Maldives
    ['960 712-34-56', ['RU', 'MV'], undefined],
    ['9607123456', ['MV'], '+9607123456'],
    ['+9607123456', ['RU', 'MV'], '+9607123456'],
    ['79607123456', ['RU', 'MV'], '+79607123456'],
  ] as const) {
    it(`reads ${written} as ${number} where messages may go to ${countries}`, () => {
      assert.equal(parseRecipient(written, countries)?.number, number);
    });
  }

  it("reads every country's own digits as what they are, wherever home is", () => {
    for (const home of ['RU', 'KZ', 'BY', 'UZ', 'DE', 'US', 'VN', 'IN']) {
      for (const country of getCountries()) {
        const example = getExampleNumber(country, examples);
        if (!example || !parseRecipient(example.number, [home])) continue; // no mobile number
        const digits = example.number.slice(1);
        const read = parseRecipient(digits, [home, country]);
        assert.ok(read === undefined || read.number === example.number, `${digits} at home in ${home}`);
      }
    }
  });

  for (const [what, written] of [
    ['a landline', '+74951234567'],
    ['a toll-free number', '88001234567'],
    ['a premium number', '+78091234567'],
    ['a short number', '112'],
    ['a placeholder of the documentation', '70000000000'],
    ['a number that is too short', '+7903123456'],
    ['a number that is too long', '+790312345678'],
    ['a plus with a national number', '+89031234567'],
    ['a satellite number', '+881612345678'],
    ['an extension', '+79031234567 ext. 5'],
    ['two numbers', '+79031234567, +79031234568'],
    ['a word', 'phone'],
    ['nothing', ''],
    ['a landline at home', '8 (495) 123-45-67'],
    ['an extension without a word', '+79031234567#5'],
    ['another script', '+７９０３１２３４５６７'],
    ['a number with a word', 'тел. +79031234567'],
    ['a number in a URL', 'tel:+79031234567'],
    ['two pluses', '++79031234567'],
    ['a plus in the middle', '7+9031234567'],
    ['a number in a markup', '<b>79031234567</b>'],
    ['a zero byte', '79031234567\u0000'],
    ['a number among 41 characters', `79031234567${' '.repeat(30)}`],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.equal(parseRecipient(written, ['RU']), undefined);
    });
  }

  it('never throws, and gives E.164 if anything', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\+?[0-9 ().-]{5,20}$/)), (written) => {
        const recipient = parseRecipient(written, ['RU']);
        assert.ok(recipient === undefined || /^\+[1-9]\d{6,14}$/.test(recipient.number));
      }),
      { numRuns: 1_000 },
    );
  });
});
