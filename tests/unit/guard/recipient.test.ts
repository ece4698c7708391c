import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
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
      assert.deepEqual(parseRecipient(written, 'RU'), { number: '+79031234567', country: 'RU' });
    });
  }

  for (const [written, number, country] of [
    ['77011234567', '+77011234567', 'KZ'],
    ['8 701 123 45 67', '+77011234567', 'KZ'],
    ['375291234567', '+375291234567', 'BY'],
    ['998901234567', '+998901234567', 'UZ'],
    ['84912345678', '+84912345678', 'VN'],
    ['+1-808-555-5555', '+18085555555', 'US'],
    ['610412345678', '+61412345678', 'AU'],
  ] as const) {
    it(`tells that ${written} is of ${country}`, () => {
      assert.deepEqual(parseRecipient(written, 'RU'), { number, country });
    });
  }

  it("understands another home country's national numbers", () => {
    assert.deepEqual(parseRecipient('029 123-45-67', 'BY'), { number: '+375291234567', country: 'BY' });
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
    ['another script', '+７９０３１２３４５６７'],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.equal(parseRecipient(written, 'RU'), undefined);
    });
  }

  it('never throws, and gives E.164 if anything', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\+?[0-9 ().-]{5,20}$/)), (written) => {
        const recipient = parseRecipient(written, 'RU');
        assert.ok(recipient === undefined || /^\+[1-9]\d{6,14}$/.test(recipient.number));
      }),
      { numRuns: 1_000 },
    );
  });
});
