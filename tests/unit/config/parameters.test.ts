import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { senderNameFor } from '../../../lib/config/configuration.ts';
import { ConfigurationError, findSamples, parseParameters } from '../../../lib/config/parameters.ts';

const PATH = '/smsaero/test';
const SECRET = 'Bearer 0123456789abcdef';
const TEMPLATES = ['Register', 'SignIn', 'ForgotPassword', 'Generic'].map((usageType) => ({
  usageType,
  content: 'Код: {{code}}',
}));
const GOOD: Record<string, string> = {
  email: 'owner@example.com',
  apiKey: 'k0-9_AZaz_k0-9_AZaz_k0-9_AZaz_32',
  senderName: 'SMSAero',
  templates: JSON.stringify(TEMPLATES),
  'platforms/logto': SECRET,
};

type Changes = Readonly<Record<string, string | undefined>>;

/** Parses the good parameters with some changed, or removed (undefined); `off` takes the platforms that cannot be used. */
function parse(changes: Changes = {}, off: string[] = []) {
  const entries = Object.entries({ ...GOOD, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return parseParameters(PATH, new Map(entries), (problem) => off.push(problem));
}

function problemsOf(changes: Changes): string[] {
  const off: string[] = [];
  try {
    parse(changes, off);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    assert.equal(error.code, 'configuration_invalid');
    return error.message.replace('Bad configuration: ', '').split('; ');
  }
  return off;
}

const withTemplates = (templates: unknown) => ({ templates: JSON.stringify(templates) });

describe('parseParameters', () => {
  it('takes what a user of the Logto connector has', () => {
    assert.deepEqual(parse({ 'platforms/logto': undefined }), {
      email: GOOD['email'],
      apiKey: GOOD['apiKey'],
      senderName: 'SMSAero',
      templates: TEMPLATES,
      hashKey: GOOD['apiKey'],
      platforms: {},
    });
  });

  it('takes the key of the hashes, which outlives the API key', () => {
    const hashKey = 'h'.repeat(43);
    assert.equal(parse({ hashKey: `${hashKey}\n` }).hashKey, hashKey);
  });

  it('reads the sender names of countries, and takes an absent list for none', () => {
    const senderNames = '{"KZ": " MyShopKZ ", "BY": "MyShop"}';
    assert.deepEqual(parse({ senderNames }).senderNames, { KZ: 'MyShopKZ', BY: 'MyShop' });
    assert.deepEqual(parse({ senderNames: '{}' }).senderNames, {});
    assert.equal('senderNames' in parse(), false);
  });

  it('gives a message the sender name of its country, and every other one the usual name', () => {
    const configuration = parse({ senderNames: '{"KZ": "MyShopKZ"}' });
    const names = ['KZ', 'RU', 'BY'].map((country) => senderNameFor(configuration, country));
    assert.deepEqual(names, ['MyShopKZ', 'SMSAero', 'SMSAero']);
    assert.equal(senderNameFor(parse(), 'KZ'), 'SMSAero');
  });

  it('reads the channel of a template', () => {
    const telegram = [{ usageType: 'MfaVerification', content: '{{code}}', channel: 'telegram' }];
    assert.deepEqual(parse(withTemplates([...TEMPLATES, ...telegram])).templates.at(-1), telegram[0]);
  });

  it('reads a template whose values may have links', () => {
    const links = [{ usageType: 'Welcome', content: '{{code}} {{link}}', links: true }];
    assert.deepEqual(parse(withTemplates([...TEMPLATES, ...links])).templates.at(-1), links[0]);
  });

  it('reads every parameter with a byte order mark before it', () => {
    const good = {
      ...GOOD,
      senderNames: '{"KZ":"MyShopKZ"}',
      hashKey: 'h'.repeat(43),
      'platforms/direct': `${SECRET}\n\ufeff${SECRET}2`,
    };
    const marked = Object.fromEntries(Object.entries(good).map(([name, value]) => [name, `\ufeff${value}`]));
    assert.deepEqual(parse(marked), parse(good));
    assert.deepEqual(parse(marked).platforms, { logto: [SECRET], direct: [SECRET, `${SECRET}2`] });
  });

  it('takes templates with a locale and of any further usage type, and ignores fields it does not know', () => {
    const extra = [{ usageType: 'MfaVerification', content: '{{ code }}', locale: 'pt-BR', note: 'x' }];
    assert.deepEqual(parse(withTemplates([...TEMPLATES, ...extra])).templates.at(-1), {
      usageType: 'MfaVerification',
      content: '{{ code }}',
      locale: 'pt-BR',
    });
  });

  it('drops the line break that a value pushed from a file ends with', () => {
    const { email, apiKey, senderName } = parse({
      email: 'a@b.ru\n',
      apiKey: `${GOOD['apiKey']}\r\n`,
      senderName: 'SMSAero\n',
    });
    assert.deepEqual([email, apiKey, senderName], ['a@b.ru', GOOD['apiKey'], 'SMSAero']);
  });

  it('reads one secret a line, two while rotating', () => {
    const { platforms } = parse({
      'platforms/okta': `${SECRET}\r\n\n  new-secret-new-secret\n`,
      other: 'ignored',
    });
    assert.deepEqual(platforms, { logto: [SECRET], okta: [SECRET, 'new-secret-new-secret'] });
  });

  for (const [changes, problems] of [
    [{ email: undefined }, [`${PATH}/email is missing`]],
    [{ email: 'nobody' }, [`${PATH}/email is not an e-mail address`]],
    [{ apiKey: ' \n' }, [`${PATH}/apiKey is empty`]],
    [{ hashKey: '' }, [`${PATH}/hashKey is empty`]],
    [{ hashKey: 'h'.repeat(31) }, [`${PATH}/hashKey must have at least 32 printable characters`]],
    [{ apiKey: 'ключ' }, [`${PATH}/apiKey has characters that no API key has`]],
    [{ senderName: 'x'.repeat(65) }, [`${PATH}/senderName is longer than 64 characters`]],
    [{ senderNames: '{"KZ": "MyShopKZ"' }, [`${PATH}/senderNames must be a JSON object`]],
    [{ senderNames: 'null' }, [`${PATH}/senderNames must be a JSON object`]],
    [{ senderNames: '["KZ"]' }, [`${PATH}/senderNames must be a JSON object`]],
    [
      { senderNames: '{"kz": "MyShopKZ"}' },
      [`${PATH}/senderNames.kz is not an ISO 3166 code in capitals (KZ)`],
    ],
    [{ senderNames: '{"KZ": " "}' }, [`${PATH}/senderNames.KZ is empty`]],
    [{ senderNames: '{"KZ": 1}' }, [`${PATH}/senderNames.KZ must be a JSON string`]],
    [
      withTemplates([...TEMPLATES, { ...TEMPLATES[0], channel: 'viber' }]),
      [`${PATH}/templates.4.channel must be sms or telegram`],
    ],
    [{ templates: undefined }, [`${PATH}/templates is missing`]],
    [{ templates: '[{"usageType": "482913' }, [`${PATH}/templates must be a JSON array`]],
    [{ templates: '{}' }, [`${PATH}/templates must be a JSON array`]],
    [
      { templates: '[]' },
      ['Register', 'SignIn', 'ForgotPassword', 'Generic'].map(
        (type) => `${PATH}/templates have none for ${type}`,
      ),
    ],
    [withTemplates(TEMPLATES.slice(1)), [`${PATH}/templates have none for Register`]],
    [
      withTemplates(TEMPLATES.map((template) => ({ ...template, locale: 'ru' }))),
      [`${PATH}/templates have no Generic one without a locale`],
    ],
    [
      withTemplates([...TEMPLATES, { usageType: 'Welcome', content: 'Привет {{name}}' }]),
      [`${PATH}/templates.4.content has no {{code}}`],
    ],
    [
      withTemplates([...TEMPLATES, { usageType: 'Welcome', content: '{{code.x}}' }]),
      [`${PATH}/templates.4.content has no {{code}}`],
    ],
    [
      withTemplates([...TEMPLATES, { usageType: 'Long', content: `{{code}}${'ж'.repeat(641)}` }]),
      [`${PATH}/templates.4.content is longer than 640 characters`],
    ],
    [
      withTemplates([...TEMPLATES, { content: 7, locale: '!', links: 'yes' }]),
      [
        `${PATH}/templates.4.usageType must be a JSON string`,
        `${PATH}/templates.4.content must be a JSON string`,
        `${PATH}/templates.4.locale is not a language tag`,
        `${PATH}/templates.4.links must be a JSON boolean`,
      ],
    ],
    [
      { 'platforms/logto': 'Bearer short' },
      [`${PATH}/platforms/logto has a line shorter than 16 characters`],
    ],
    [
      { 'platforms/logto': `${SECRET}\nключ-ключ-ключ-ключ` },
      [`${PATH}/platforms/logto has a line that cannot stand in an HTTP header`],
    ],
    [{ 'platforms/logto': ' \n ' }, [`${PATH}/platforms/logto has no line`]],
    [{ email: undefined, apiKey: undefined }, [`${PATH}/email is missing`, `${PATH}/apiKey is missing`]],
  ] as const) {
    it(`says: ${problems.join('; ')}`, () => {
      assert.deepEqual(problemsOf(changes), problems);
    });
  }

  it('turns off a platform whose secrets cannot be used, and no other', () => {
    const { platforms } = parse({ 'platforms/okta': 'short', 'platforms/constructor': SECRET });
    assert.deepEqual(platforms, { logto: [SECRET], constructor: [SECRET] });
  });

  it('never quotes a value', () => {
    const secret = 'ТАЙНА-7391';
    for (const name of Object.keys(GOOD)) {
      for (const value of [
        secret,
        `"${secret}"`,
        `[{"usageType":"${secret}","content":"${secret}","locale":"${secret}"}]`,
      ]) {
        const problems = problemsOf({ [name]: value }).join();
        assert.ok(!problems.includes('ТАЙНА') && !problems.includes('7391'), problems);
      }
    }
  });
});

describe('findSamples', () => {
  it('finds placeholders that nobody replaced', () => {
    for (const apiKey of [
      ...['YOUR_API_KEY', 'your-api-key', '<api-key>', '<your-smsaero-api-key>', 'API_KEY', ' my_api_key\n'],
      ...['xxxxxxxx', '...', 'local-development-not-a-real-key'],
    ]) {
      assert.deepEqual(
        findSamples({ apiKey }).map(({ path }) => path),
        ['apiKey'],
        apiKey,
      );
    }
    for (const email of [
      'owner@example.com',
      'you@mail.example.org',
      'me@shop.example',
      'me@localhost.test',
    ]) {
      assert.deepEqual(
        findSamples({ email }).map(({ path }) => path),
        ['email'],
        email,
      );
    }
  });

  it('takes what an account may have', () => {
    for (const apiKey of ['pK3vYxq0Zt7', 'testKey_0123456789_testKey_01234', 'apikeyapikey1', '-key_01']) {
      assert.deepEqual(findSamples({ apiKey, email: 'me@my-shop.ru' }), []);
    }
    for (const email of ['owner@myexample.com', 'me@example.ru', 'example.com@mail.ru', 'test@mail.ru']) {
      assert.deepEqual(findSamples({ email, apiKey: 5 }), []);
    }
  });
});
