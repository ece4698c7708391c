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
const withTemplate = (template: object) => withTemplates([...TEMPLATES, template]);

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

  it('takes templates with a locale, a channel, links and of any usage type, and ignores other fields', () => {
    for (const template of [
      { usageType: 'MfaVerification', content: '{{code}}', channel: 'telegram' },
      { usageType: 'Welcome', content: '{{code}} {{link}}', links: true },
      { usageType: 'MfaVerification', content: '{{ code }}', locale: 'pt-BR' },
    ]) {
      assert.deepEqual(parse(withTemplate({ ...template, note: 'x' })).templates.at(-1), template);
    }
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

  it('reads one secret a line, two while rotating', () => {
    const { platforms } = parse({
      'platforms/okta': `${SECRET}\r\n\n  new-secret-new-secret\n`,
      other: 'ignored',
    });
    assert.deepEqual(platforms, { logto: [SECRET], okta: [SECRET, 'new-secret-new-secret'] });
  });

  const USED = ['Register', 'SignIn', 'ForgotPassword', 'Generic'];
  for (const [changes, ...problems] of [
    [{ email: undefined }, 'email is missing'],
    [{ email: 'nobody' }, 'email is not an e-mail address'],
    [{ apiKey: ' \n' }, 'apiKey is empty'],
    [{ hashKey: '' }, 'hashKey is empty'],
    [{ hashKey: 'h'.repeat(31) }, 'hashKey must have at least 32 printable characters'],
    [{ apiKey: 'ключ' }, 'apiKey has characters that an API key cannot have'],
    [{ senderName: 'x'.repeat(65) }, 'senderName is longer than 64 characters'],
    [{ senderNames: '{"KZ": "MyShopKZ"' }, 'senderNames must be a JSON object'],
    [{ senderNames: '{"kz": "MyShopKZ"}' }, 'senderNames.kz is not an ISO 3166 code in capitals (KZ)'],
    [{ senderNames: '{"KZ": " "}' }, 'senderNames.KZ is empty'],
    [{ senderNames: '{"KZ": 1}' }, 'senderNames.KZ must be a JSON string'],
    [withTemplate({ ...TEMPLATES[0], channel: 'viber' }), 'templates.4.channel must be sms or telegram'],
    [{ templates: undefined }, 'templates is missing'],
    [{ templates: '[{"usageType": "482913' }, 'templates must be a JSON array'],
    [{ templates: '[]' }, ...USED.map((type) => `templates have none for ${type}`)],
    [withTemplates(TEMPLATES.slice(1)), 'templates have none for Register'],
    [
      withTemplates(TEMPLATES.map((template) => ({ ...template, locale: 'ru' }))),
      'templates have no Generic one without a locale',
    ],
    [withTemplate({ usageType: 'X', content: '{{code.x}}' }), 'templates.4.content has no {{code}}'],
    [
      withTemplate({ usageType: 'X', content: `{{code}}${'ж'.repeat(641)}` }),
      'templates.4.content is longer than 640 characters',
    ],
    [
      withTemplate({ content: 7, locale: '!', links: 'yes' }),
      'templates.4.usageType must be a JSON string',
      'templates.4.content must be a JSON string',
      'templates.4.locale is not a language tag',
      'templates.4.links must be a JSON boolean',
    ],
    [{ 'platforms/logto': 'Bearer short' }, 'platforms/logto has a line shorter than 16 characters'],
    [
      { 'platforms/logto': `${SECRET}\nключ-ключ-ключ-ключ` },
      'platforms/logto has a line with characters that an HTTP header cannot have',
    ],
    [{ 'platforms/logto': ' \n ' }, 'platforms/logto has no line'],
  ] as [Changes, ...string[]][]) {
    it(`says: ${problems.join('; ')}`, () => {
      const expected = problems.map((problem) => `${PATH}/${problem}`);
      assert.deepEqual(problemsOf(changes), expected);
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
      assert.equal(findSamples({ apiKey })[0]?.path, 'apiKey', apiKey);
    }
    for (const host of ['example.com', 'mail.example.org', 'shop.example', 'localhost.test']) {
      assert.equal(findSamples({ email: `me@${host}` })[0]?.path, 'email', host);
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
