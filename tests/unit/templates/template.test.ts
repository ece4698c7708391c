import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_TEXT_CHARACTERS, renderTemplate } from '../../../lib/templates/render.ts';
import { chooseTemplate } from '../../../lib/templates/template.ts';

const templates = [
  { usageType: 'SignIn', content: 'Код: {{code}}' },
  { usageType: 'SignIn', content: 'Code: {{code}}', locale: 'en' },
  { usageType: 'SignIn', content: 'Code, mate: {{code}}', locale: 'en_AU' },
  { usageType: 'Generic', content: 'Проверка: {{code}}' },
  { usageType: 'Generic', content: 'Check: {{code}}', locale: 'en' },
  { usageType: 'Welcome', content: 'Hallo {{code}}', locale: 'de' },
];
const choose = (usageType: string, locale?: string | string[]) =>
  chooseTemplate(templates, usageType, locale)?.content;

describe('chooseTemplate', () => {
  it('takes the exact locale, then its parents, then the template without one', () => {
    assert.equal(choose('SignIn', 'en-AU'), 'Code, mate: {{code}}');
    assert.equal(choose('SignIn', 'en-GB'), 'Code: {{code}}');
    assert.equal(choose('SignIn', 'EN_gb-oed'), 'Code: {{code}}');
    assert.equal(choose('SignIn', ' en_AU\n'), 'Code, mate: {{code}}');
    assert.equal(choose('SignIn', 'ru-RU'), 'Код: {{code}}');
    assert.equal(choose('SignIn'), 'Код: {{code}}');
  });

  it('falls back to Generic in the same way, for an unknown type or one without a fitting locale', () => {
    assert.equal(choose('Test', 'en-US'), 'Check: {{code}}');
    assert.equal(choose('NoSuchType'), 'Проверка: {{code}}');
    assert.equal(choose('Welcome', 'de-AT'), 'Hallo {{code}}');
    assert.equal(choose('Welcome', 'en'), 'Check: {{code}}');
  });

  it('goes through a list, the best first, until a template fits', () => {
    for (const [list, expected] of [
      ['fr-CA en ru', 'Code'],
      ['fr-CA,en;q=0.8,ru;q=0.5', 'Code'],
      ['ru;q=0.5, fr-CA , en ; q = 0.8', 'Code'],
      ['en;q=0.5,ru', 'Код'],
      ['fr de', 'Код'],
      ['en-AU;q=0.9,en-GB', 'Code'],
      ['de,en-AU', 'Code, mate'],
      ['en;q=0', 'Код'],
      ['en-GB,en;q=0', 'Код'],
      ['en-AU,en;q=0', 'Code, mate'],
      ['fr,en;q=0.000,en-AU;q=0.1', 'Code, mate'],
      ['*', 'Код'],
      ['en;q=0.5,*', 'Код'],
      ['fr,en,*;q=0.1', 'Code'],
      ['en;q=high', 'Code'],
      ['en_US.UTF-8', 'Code'],
      [', ;q=1,en', 'Code'],
      [['fr', 'en-US,ru;q=0.9'], 'Code'],
      [['ru', 'en'], 'Код'],
      [[], 'Код'],
      ['fr-Qaag -- en', 'Code'],
    ] as const) {
      assert.equal(choose('SignIn', [...[list].flat()]), `${expected}: {{code}}`, String(list));
    }
  });

  it('takes a text without a locale for one in any language of its script, before a second choice', () => {
    for (const list of ['ru en', 'ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7', 'uk,en;q=0.5', 'kk en']) {
      assert.equal(choose('SignIn', list), 'Код: {{code}}', list);
    }
    for (const list of ['fr en', 'hy,en', 'x-klingon en'])
      assert.equal(choose('SignIn', list), 'Code: {{code}}');
    const english = [
      { usageType: 'Generic', content: 'Your code is {{code}}' },
      { usageType: 'Generic', content: 'Ваш код: {{code}} (Example)', locale: 'ru' },
    ];
    assert.equal(chooseTemplate(english, 'SignIn', 'en-US,en;q=0.9,ru;q=0.8'), english[0]);
    assert.equal(chooseTemplate(english, 'SignIn', 'uk,ru;q=0.8'), english[1]);
    const bare = [{ usageType: 'Generic', content: '{{ code }}' }, ...english.slice(1)];
    assert.equal(chooseTemplate(bare, 'SignIn', 'fr ru'), bare[0], 'a bare code is in every language');
    const named = [
      { ...english[1], locale: undefined },
      { ...english[0], locale: 'en' },
    ] as typeof english;
    assert.equal(
      chooseTemplate(named, 'SignIn', 'fr en'),
      named[1],
      'a Latin name does not make a Latin text',
    );
  });

  it('goes through the whole list for the usage type before it takes Generic', () => {
    assert.equal(choose('Welcome', 'ru de'), 'Hallo {{code}}');
    assert.equal(choose('Welcome', 'fr en'), 'Check: {{code}}');
  });

  it('looks at the beginning of an absurdly long list', () => {
    assert.equal(choose('SignIn', ' '.repeat(1_000_000)), 'Код: {{code}}');
    assert.equal(choose('SignIn', 'fr,'.repeat(1_000_000)), 'Код: {{code}}');
    assert.equal(choose('SignIn', Array(1_000_000).fill('fr')), 'Код: {{code}}');
  });

  it('looks at the first subtags of an absurdly long locale, and ends', () => {
    assert.equal(choose('SignIn', `en-${'a-'.repeat(100_000)}`), 'Code: {{code}}');
  });

  it('is not led astray by names of built-in properties', () => {
    assert.equal(choose('constructor', '__proto__'), 'Проверка: {{code}}');
  });
});

describe('renderTemplate', () => {
  const template = { usageType: 'Generic', content: 'Ваш код: {{code}}' };

  it('gives the text and its segments', () => {
    assert.deepEqual(renderTemplate(template, { code: '482913' }), {
      text: 'Ваш код: 482913',
      encoding: 'UCS-2',
      segments: 1,
    });
  });

  it('refuses one character more than SMS Aero takes, counting an emoji as one', () => {
    const room = MAX_TEXT_CHARACTERS - 'Ваш код: '.length;
    assert.equal(renderTemplate(template, { code: '9'.repeat(room) })?.text.length, MAX_TEXT_CHARACTERS);
    assert.equal(renderTemplate(template, { code: '9'.repeat(room + 1) }), undefined);
    assert.ok(renderTemplate(template, { code: '😀'.repeat(room) }));
  });
});
