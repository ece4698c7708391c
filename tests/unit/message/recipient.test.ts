import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type CountryCode,
  getCountries,
  getExampleNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { assertCountries, parseRecipient } from '../../../lib/message/recipient.ts';
import { MAX_WRITTEN_NUMBER } from '../../../lib/message/sms-request.ts';

const HOMES = ['RU', 'KZ', 'DE', 'US', 'VN', 'MM'] as const;

/** A mobile number of every country, as libphonenumber has it: E.164. */
const MOBILES = new Map(
  getCountries().flatMap((country) => {
    const example = getExampleNumber(country, examples);
    return example ? [[country, example.number] as const] : [];
  }),
);

/** Digits of which the first few are those of a country's example, so that many are valid numbers. */
const likeExamples = fc
  .tuple(fc.constantFrom(...MOBILES.values()), fc.nat(8), fc.stringMatching(/^\d{15}$/))
  .map(([example, kept, digits]) => {
    const whole = example.slice(1);
    return whole.slice(0, 3 + kept) + digits.slice(0, Math.max(0, whole.length - 3 - kept));
  });

const isMobile = (type: string | undefined) => type === 'MOBILE' || type === 'FIXED_LINE_OR_MOBILE';

describe('parseRecipient', () => {
  for (const written of [
    ...['+79031234567', '79031234567', '89031234567', '9031234567', '0079031234567'],
    ...['00 7 (903) 123-45-67', '+7 903 123-45-67', '8 (903) 123-45-67', '(+7) 903 123 45 67'],
    ...['+7\u00a0903\u2011123\u201145\u201167', ' +7.903.123.45.67 ', '+7 903–123—45－67'],
    '+7\u2009903\u2212123\u221245\u221267', // thin space, minus sign
    '\u202d+7 (903) 123-45-67\u202c', // left-to-right override, as Apple's contacts have it
    ...['79031234567\u200b', '7903\u00ad123\u00ad4567', '+7\ufe0d-903-123-4567', '+7\u2060 903 123 45 67'],
    ...['＋７９０３１２３４５６７', '+٧٩٠٣١٢٣٤٥٦٧', '➕7 903 123 45 67', '\ufeff79031234567'],
    ...['tel:+7-903-123-45-67', 'TEL:+79031234567', 'tel:%2B7%20903%20123-45-67', 'tel:89031234567'],
    'tel:9031234567;phone-context=+7',
    'tel:903-123-45-67;Phone-Context=+7;verstat=TN-Validation-Passed',
  ]) {
    it(`reads ${JSON.stringify(written)}`, () => {
      const expected = { number: '+79031234567', country: 'RU', range: 'RU-903' };
      assert.deepEqual(parseRecipient(written, ['RU']), expected);
    });
  }

  for (const [written, countries, number, country] of [
    ['77011234567', ['RU'], '+77011234567', 'KZ'],
    ['8 701 123 45 67', ['RU'], '+77011234567', 'KZ'],
    ['029 123-45-67', ['BY'], '+375291234567', 'BY'],
    ['841234567890', ['RU'], undefined, undefined],
    ['+1-808-555-5555', ['RU'], '+18085555555', 'US'],
    ['610412345678', ['RU'], '+61412345678', 'AU'],
    ['9613123456', ['RU'], '+9613123456', 'LB'], // read as a national number it would be +7 961 312-34-56
    ['810 961 3 123 456', ['RU'], '+9613123456', 'LB'], // as one dials it in Russia
    ['84951234567', ['RU'], '+84951234567', 'VN'], // read as national, a landline in Moscow
    ['6592345678', ['US'], '+6592345678', 'SG'], // read as national, Alabama
    ['960 712-34-56', ['RU'], '+9607123456', 'MV'],
    ['+9607123456', ['RU', 'MV'], '+9607123456', 'MV'],
    ['79607123456', ['RU', 'MV'], '+79607123456', 'RU'],
    ['8 960 712-34-56', ['RU', 'MV'], '+79607123456', 'RU'],
    ['9671234567', ['RU'], undefined, undefined], // a landline in Yemen must not become +7 967 123-45-67
    ['9501234567', ['RU'], '+79501234567', 'RU'], // in Myanmar it would have a trunk prefix in it
  ] as const) {
    it(`reads ${written} as ${number} of ${country} where messages may go to ${countries}`, () => {
      const read = parseRecipient(written, countries);
      assert.deepEqual([read?.number, read?.country], [number, country]);
    });
  }

  it('reads digits with a country code as the number that they are, wherever home is, and refuses none that is allowed', () => {
    assert.ok(MOBILES.size > 240);
    for (const home of HOMES) {
      for (const [country, number] of MOBILES) {
        const digits = number.slice(1);
        assert.equal(parseRecipient(digits, [home])?.number, number, `${digits} at home in ${home}`);
        const read = parseRecipient(digits, [home, country]);
        assert.equal(read?.number, number);
        assert.ok([home, country].includes(read.country as CountryCode), `${digits} is of ${read.country}`);
      }
    }
  });

  it('never makes another number of digits that are a valid international one, whatever its type', () => {
    let valid = 0;
    fc.assert(
      fc.property(likeExamples, fc.constantFrom(...HOMES), (digits, home) => {
        const meant = parsePhoneNumberFromString(`+${digits}`, { extract: false });
        if (!meant?.isValid() || meant.number !== `+${digits}`) return;
        valid += 1;
        const expected = isMobile(meant.getType()) ? meant.number : undefined;
        assert.equal(parseRecipient(digits, [home])?.number, expected, `${digits} at home in ${home}`);
      }),
      { numRuns: 1_500 },
    );
    assert.ok(valid > 150, String(valid));
  });

  it('reads 8 and ten digits of any Russian or Kazakh mobile number as people write it at home', () => {
    let mobiles = 0;
    for (let code = 300; code < 1_000; code += 1) {
      for (const line of ['0000000', '9999999']) {
        const number = parsePhoneNumberFromString(`+7${code}${line}`);
        if (!number?.isValid() || number.getType() !== 'MOBILE') continue;
        if ([940, 954].includes(code)) continue; // Abkhazia, satellites
        mobiles += 1;
        for (const home of ['RU', 'KZ'])
          assert.equal(parseRecipient(`8${code}${line}`, [home])?.number, number.number);
      }
    }
    assert.ok(mobiles > 170, String(mobiles));
  });

  it('names the country that is allowed where two share a code and its mobile numbers, and only then', () => {
    assert.equal(parseRecipient('+358412345678', ['RU', 'AX'])?.country, 'AX');
    assert.equal(parseRecipient('+358412345678', ['AX', 'FI'])?.country, 'FI');
    assert.equal(parseRecipient('+358412345678', ['RU'])?.country, 'FI');
    assert.equal(parseRecipient('+77011234567', ['RU'])?.country, 'KZ');
    assert.equal(parseRecipient('+79031234567', ['KZ'])?.country, 'RU');
    assert.equal(parseRecipient('+12025550123', ['CA'])?.country, 'US');
  });

  it('reads a number the same with anything invisible, any separators and any digits', () => {
    const invisible = ['\u200b', '\u00ad', '\u2066', '\ufe0f', '\u2212', '\u202f'];
    const noise = fc.constantFrom('', '', ' ', '-', ...invisible);
    const scripts = fc.constantFrom(0x30, 0x660, 0x6f0, 0x966, 0xff10);
    fc.assert(
      fc.property(
        fc.constantFrom(...MOBILES.values()),
        fc.constantFrom('+', '', '00', '\u200e+', 'tel:+'),
        fc.array(noise, { minLength: 20, maxLength: 20 }),
        scripts,
        (number, prefix, between, zero) => {
          const digits = Array.from(
            number.slice(1),
            (digit, index) => String.fromCodePoint(zero + Number(digit)) + between[index],
          );
          const written = prefix + digits.join('');
          assert.equal(parseRecipient(written, ['RU'])?.number, number, JSON.stringify(written));
        },
      ),
      { numRuns: 500 },
    );
  });

  for (const [what, ...numbers] of [
    ['a landline', '+74951234567'],
    ['a toll-free, premium or short number', '88001234567', '+78091234567', '112'],
    ['a placeholder of the documentation', '70000000000'],
    ['a number that is too short or too long', '+7903123456', '+790312345678'],
    ['a plus, or 00, with a national number', '+89031234567', '0089031234567'],
    ['a satellite number', '+881612345678', '+79541234567', '8 (954) 123-45-67'],
    ['a number of Abkhazia', '+79401234567', '8 940 712-34-56', '9407123456'],
    ['an extension', '+79031234567 ext. 5', '+79031234567#5', 'tel:+79031234567;ext=5'],
    ['two numbers', '+79031234567, +79031234568', '+79031234567 / +79031234568'],
    ['words', 'phone', 'тел. +79031234567', 'mailto:79031234567', '<b>79031234567</b>'],
    ['nothing', '', '\u200b\u00a0'],
    [
      'a URI that leads past the phone',
      'tel:+79031234567;isub=5',
      'tel:+79031234567;PostD=5',
      'tel:+79031234567;m-x=5',
    ],
    ['a URI that is local to a domain', 'tel:9031234567;Phone-Context=example.com'],
    ['a URI that is global and local', 'tel:+79031234567;phone-context=+1'],
    ['a URI with a stray percent sign', 'tel:+7903123456%7'],
    ['a plus where none can be', '++79031234567', '7+9031234567'],
    ['a zero byte or the mark of a footnote', '79031234567\u0000', '+7903123456²'],
    ['a number in a line of 65', `7903123456${'-'.repeat(54)}7`],
    ['a number among more than is read', `79031234567${'\u200b'.repeat(MAX_WRITTEN_NUMBER - 10)}`],
  ] as const) {
    it(`refuses ${what}`, () => {
      for (const written of numbers) assert.equal(parseRecipient(written, ['RU']), undefined, written);
    });
  }

  for (const [written, countries, range] of [
    ['+79161234567', ['RU', 'KZ'], 'RU-916'],
    ['+77011234567', ['RU', 'KZ'], 'KZ-701'], // the same country code
    ['8 (705) 123-45-67', ['KZ'], 'KZ-705'],
    ['+447400123456', ['GB'], 'GB-740'],
    ['07400 123456', ['GB'], 'GB-740'], // without the trunk prefix
    ['+358457123456', ['FI'], 'FI-457'],
    ['+358457123456', ['AX'], 'AX-457'],
  ] as const) {
    it(`counts ${written} in ${countries} by ${range}`, () => {
      assert.equal(parseRecipient(written, countries)?.range, range);
    });
  }

  it('never throws, and gives E.164 if anything', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: MAX_WRITTEN_NUMBER }),
      fc.stringMatching(/^\+?[0-9 ().-]{5,20}$/),
      fc.string().map((text) => `tel:+7903${text}`),
    );
    fc.assert(
      fc.property(texts, fc.constantFrom(...HOMES), (written, home) => {
        const recipient = parseRecipient(written, [home]);
        assert.ok(recipient === undefined || /^\+[1-9]\d{6,14}$/.test(recipient.number));
      }),
      { numRuns: 500 },
    );
  });
});

it('the allowed countries are those that have phone numbers', () => {
  assertCountries(['RU', 'KZ', 'GB']);
  for (const country of ['UK', 'ru']) {
    assert.throws(
      () => assertCountries(['RU', country]),
      /^Error: Bad environment: SMSAERO_COUNTRIES must have/,
    );
  }
});
