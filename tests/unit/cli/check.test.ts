import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkConnector } from '../../../cli/check/check-connector.ts';
import { costOf } from '../../../cli/check/encoding.ts';
import { checkLinks } from '../../../cli/check/links.ts';
import { checkPassword, checkPlaceholders, checkStrangers } from '../../../cli/check/placeholders.ts';
import { checkBoundLine } from '../../../cli/check/web-otp.ts';

describe('costOf', () => {
  it('counts septets, escapes included, and UTF-16 units', () => {
    const gsm = { encoding: 'GSM-7', segments: 1, room: 160, culprits: '', replacements: '' };
    assert.deepEqual(costOf('Code 000000'), { ...gsm, used: 11 });
    assert.deepEqual(costOf('[€]'), { ...gsm, used: 6 });
    const { used, segments } = costOf(`Код ${'😀'.repeat(34)}`);
    assert.deepEqual([used, segments], [72, 2]);
  });

  it('names what is outside of GSM-7, and what to write for what has a look-alike', () => {
    assert.deepEqual(
      [costOf('Код ’ 😀'), costOf('“Code”\u00a0…')].map(({ culprits, replacements }) => [
        culprits,
        replacements,
      ]),
      [
        ['Cyrillic letters, ’ (U+2019), 😀 (U+1F600)', ''],
        [
          '“ (U+201C), ” (U+201D), U+00A0, … (U+2026)',
          '“ (U+201C) as ", ” (U+201D) as ", U+00A0 as a space, … (U+2026) as ...',
        ],
      ],
    );
    assert.equal(costOf('ñandú ç').culprits, 'Latin letters');
  });
});

describe('checkLinks', () => {
  it('finds links with and without a scheme, and shortened ones', () => {
    const found = (text: string) =>
      checkLinks(text).map((said) => [/^has (.*), which /.exec(said)?.[1], /shortened/.test(said)]);
    assert.deepEqual(found('Код 1. https://shop.example/a?b=1, дальше'), [
      ['https://shop.example/a?b=1', false],
    ]);
    assert.deepEqual(found('см. www.shop.ru/x. И bit.ly/abc!'), [
      ['www.shop.ru/x', false],
      ['bit.ly/abc', true],
    ]);
    assert.deepEqual(found('https://T.ME/bot'), [['https://T.ME/bot', true]]);
    assert.deepEqual(found('магазин.рф'), [['магазин.рф', false]]);
  });

  it('takes no sentence, address or line for browsers for a link', () => {
    for (const text of [
      ...['Код: {{code}}.Никому', 'v1.2.3', 'пишите на a@shop.ru', 'Код\n@shop.ru #{{code}}', '10.5 руб.'],
      ...['Служба г.Москва, ООО Ромашка.ру', 'и т.д./т.п. 5.5/мес'],
    ]) {
      assert.deepEqual(checkLinks(text), [], text);
    }
  });
});

describe('checkPlaceholders', () => {
  it('knows what platforms send', () => {
    assert.deepEqual(checkPlaceholders('{{code}} {{ locale }} {{uiLocales}}'), []);
  });

  it('names the others, and what was probably meant', () => {
    assert.deepEqual(checkPlaceholders('{{Code}} {{shop}} {{user}} {{code.x}} {{code-x}} {{}}'), [
      'has {{Code}}, which no platform sends: people would see it unchanged; {{code}} is known',
      'has {{shop}}, which no platform sends: people would see it unchanged',
      'has {{user}}, which is an object: name a field of it, as in {{user.name}}',
      'has {{code.x}}, which is always empty: {{code}} is a text',
      'has "{{code-x}}", which is not a placeholder: write letters, digits, _ and dots; other signs only in a name with a colon, as in {{user.custom:site}}',
      'has "{{}}", which is not a placeholder',
    ]);
    assert.equal(checkPlaceholders('{{code}} {{link}}').length, 1);
  });

  it('finds braces that a person would read', () => {
    const braces = (written: string) => [
      `has "${written}": a person would read the braces around it, so write two on each side`,
    ];
    for (const written of ['{{{code}}}', '{{{{ code }}}}', '{{code}}}', '{{{code}}']) {
      assert.deepEqual(checkPlaceholders(`Код ${written}`), braces(written));
    }
    assert.deepEqual(checkPlaceholders('{{{user.custom:site}}}').slice(1), braces('{{{user.custom:site}}}'));
    assert.deepEqual(checkPlaceholders('{ {{code}} }'), []);
  });
});

describe('checkStrangers', () => {
  const told = (names: string) =>
    `has ${names}, which whoever signs up can write: it is sent as one line of up to 64 characters, and left out if it contains a link ("links": true allows links)`;

  it('names the placeholders that whoever signs up can fill', () => {
    assert.deepEqual(checkStrangers('{{code}} {{ locale }}', false), []);
    for (const name of [
      ...['user.name', 'username', 'clientMetadata.shop', 'application.name', 'uiLocales', 'shop'],
    ]) {
      assert.deepEqual(checkStrangers(`{{code}} {{${name}}}`, false), [told(`{{${name}}}`)]);
    }
    assert.deepEqual(checkStrangers('{{user.a}} {{username}} {{code}} {{ user.a }}', false), [
      told('{{user.a}}, {{username}}'),
    ]);
  });

  it('says what "links" allows them', () => {
    assert.deepEqual(checkStrangers('{{code}}', true), []);
    assert.deepEqual(checkStrangers('{{code}} {{user.name}}', true), [
      'has {{user.name}} and "links": true: whoever signs up can send links under your sender name',
    ]);
  });
});

describe('checkPassword', () => {
  it('finds what touches a temporary password', () => {
    const next = (signs: string) =>
      `has ${signs} next to {{code}}, which is a password here: a person cannot tell whether it belongs to it, so put a space or a line break between`;
    for (const [content, signs] of [
      ['Пароль: {{code}}. Смените', '"."'],
      ['Пароль «{{ code }}»', '"«" and "»"'],
      ['Пароль:{{code}}', '":"'],
      ['{{code}}{{user.name}}', '"{"'],
    ] as const) {
      assert.deepEqual(checkPassword(content, 'AdminCreateUser'), [next(signs)]);
      assert.deepEqual(checkPassword(content, 'SignIn'), []);
    }
    for (const content of ['{{code}}', 'Пароль: {{code}}\nСмените', 'Пароль {{code}} временный']) {
      assert.deepEqual(checkPassword(content, 'AdminCreateUser'), []);
    }
  });
});

describe('checkBoundLine', () => {
  for (const content of [
    ...['Код {{code}}', 'Код {{code}}\n@shop.example.com #{{code}}', '@shop.ru #{{ code }}'],
    ...['x\n@shop.ru #{{code}} @frame.example.com', 'x\n@shop.ru #{{code}} %pay.example.net'],
    ...['x\n@shop.ru #{{code}} $future', 'x\n@shop.ru #{{code}} %pay.example.net and more'],
    ...['x\n@shop.ru #{{code}} Спасибо', 'Пишите @shop в телеграм, код {{code}}'],
  ]) {
    it(`takes ${JSON.stringify(content)}`, () => assert.deepEqual(checkBoundLine(content), []));
  }

  const no = (name: string, hint: string) =>
    `has a last line with "${name}", which is not a host name${hint}`;
  const notLast =
    'has a line for browsers (@host #{{code}}) that is not the last one, and nothing may come after it';
  for (const [content, problem] of [
    ['@shop.ru #{{code}}\nСпасибо', notLast],
    ['@shop.ru #{{code}}\n', notLast],
    ['@shop.ru  #{{code}}', 'has a last line that no browser reads: it must be @host, one space, #{{code}}'],
    ['@shop.ru #{{code}}.', 'has a last line with #{{code}}., where #{{code}} must stand'],
    ['@shop.ru #{{code}} %https://pay.ru', no('https://pay.ru', ': write pay.ru')],
    ['@shop.ru #123456', 'has a last line with #123456, where #{{code}} must stand'],
    ['@https://shop.ru/in #{{code}}', no('https://shop.ru/in', ': write shop.ru')],
    ['@shop.ru:443 #{{code}}', no('shop.ru:443', ': write shop.ru')],
    ['@магазин.рф #{{code}}', no('магазин.рф', ': write xn--80aairftm.xn--p1ai')],
    ['@shop #{{code}}', no('shop', ' (without https://, port and path)')],
    ['@127.0.0.1 #{{code}}', no('127.0.0.1', ' (without https://, port and path)')],
  ] as const) {
    it(`refuses ${JSON.stringify(content)}`, () => assert.deepEqual(checkBoundLine(content), [problem]));
  }
});

describe('checkConnector', () => {
  const template = (usageType: string, more: object = {}) => ({ usageType, content: '{{code}}', ...more });
  const rest = ['Register', 'ForgotPassword', 'Generic'].map((usageType) => template(usageType));
  const sound = { email: 'me@my-shop.ru', apiKey: 'key', senderName: 'SMSAero' };
  const withTemplates = (...some: object[]) => ({ ...sound, templates: [...some, ...rest] });
  const signIn = template('SignIn');
  const long = ['en', 'de', 'fr', 'es', 'it', 'pt', 'pl', 'cs', 'sk', 'tr', 'kk', 'be', 'uz', 'ky'].map(
    (locale) => template('SignIn', { locale, content: `${'Ж'.repeat(300)} {{code}}` }),
  );

  for (const [name, json, expected] of [
    ['takes a sound one', withTemplates(signIn), []],
    ['takes sender names of countries', { ...withTemplates(signIn), senderNames: { KZ: 'MyShopKZ' } }, []],
    [
      'refuses sender names of what is not a country, and empty ones',
      { ...withTemplates(signIn), senderNames: { UK: 'MyShop', kz: 'x', BY: '' } },
      [
        'error senderNames.kz is not an ISO 3166 code in capitals (KZ)',
        'error senderNames.BY is empty',
        'error senderNames.UK is not a country of ISO 3166 (GB, not UK): no message would use this name',
      ],
    ],
    [
      'says of a field of another type only that',
      { ...withTemplates(signIn), senderNames: ['KZ'], senderName: [] },
      ['error senderName must be a JSON string', 'error senderNames must be a JSON object'],
    ],
    [
      'finds everything at once, errors first',
      {
        ...{ email: 'nobody', sender: 'x' },
        templates: [
          template('SignIn', { content: '{{code}} bit.ly/x' }),
          template('SignIn', { content: 'Code', locale: 'english!' }),
          template('Register', { content: '{{code}}\n@shop #{{code}}' }),
          { usageType: 'Generic', content: 5 },
        ],
      },
      [
        'error email is not an e-mail address',
        'error apiKey is missing',
        'error senderName is missing',
        'error templates.1.content has no {{code}}',
        'error templates.1.locale is not a language tag',
        'error templates.3.content must be a JSON string',
        'error templates have none for ForgotPassword',
        'error templates.2.content has a last line',
        'warning templates.0.content has bit.ly/x',
        'warning sender is not read',
      ],
    ],
    [
      'suggests what was meant by fields and usage types in another writing',
      {
        ...{ email: sound.email, senderName: 'SMSAero', apikey: 'key' },
        templates: [
          ...[template('signin', { Locale: 'ru' }), ...rest],
          ...[template('mfa_verification'), template('Promo')],
        ],
      },
      [
        'error apiKey is missing',
        'error templates have none for SignIn',
        'error apikey is not read: did you mean apiKey?',
        'error templates.0.Locale is not read: did you mean locale?',
        'warning templates.0.usageType is "signin": did you mean SignIn?',
        'warning templates.4.usageType is "mfa_verification": did you mean MfaVerification?',
      ],
    ],
    [
      'warns of a second template for the same type and language',
      withTemplates(template('SignIn', { locale: 'pt_BR' }), template('SignIn', { locale: 'pt-br' }), signIn),
      ['warning templates.1 is never used: templates.0 is for the same usage type and locale'],
    ],
    [
      'warns of what AWS bills',
      withTemplates(signIn, ...long.slice(0, 7)),
      ['warning templates takes 4856 bytes: over 4096 AWS bills'],
    ],
    [
      'refuses what Parameter Store does not hold',
      withTemplates(signIn, ...long),
      ['error templates takes 9504 bytes as it is stored, and Parameter Store holds 8192 at most'],
    ],
  ] as const) {
    it(name, () => {
      const { problems, connector } = checkConnector(json);
      const found = problems.map(({ level, path, text }) => `${level} ${path} ${text}`);
      const costs = (problem: string) => problem.includes(' costs '); // of the long ones
      assert.deepEqual(
        found.filter((one) => !costs(one)).map((one, index) => one.slice(0, expected[index]?.length)),
        expected,
      );
      assert.equal(
        connector === undefined,
        found.some((one) => one.startsWith('error')),
      );
    });
  }
});
