import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mayBeIn, parentsOf, parseLanguages } from '../../../lib/templates/languages.ts';
import { renderTemplate } from '../../../lib/templates/render.ts';
import { MAX_TEXT_CHARACTERS } from '../../../lib/templates/segments.ts';
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
      ['fr de', 'Код'],
      ['de,en-AU', 'Code, mate'],
      ['en;q=0', 'Код'],
      ['en-GB,en;q=0', 'Код'],
      ['en-AU,en;q=0', 'Code, mate'],
      ['en;q=0.5,*', 'Код'],
      ['fr,en,*;q=0.1', 'Code'],
      [['fr', 'en-US,ru;q=0.9'], 'Code'],
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
  });

  it('goes through the whole list for the usage type before it takes Generic', () => {
    assert.equal(choose('Welcome', 'ru de'), 'Hallo {{code}}');
    assert.equal(choose('Welcome', 'fr en'), 'Check: {{code}}');
  });
});

describe('renderTemplate', () => {
  const template = { usageType: 'Generic', content: 'Ваш код: {{code}}' };

  it('gives the text and its segments', () => {
    const rendered = { text: 'Ваш код: 482913', encoding: 'UCS-2', segments: 1 };
    assert.deepEqual(renderTemplate(template, { code: '482913' }), rendered);
  });

  it('refuses one character more than SMS Aero takes, counting an emoji as one', () => {
    const room = MAX_TEXT_CHARACTERS - 'Ваш код: '.length;
    assert.equal(renderTemplate(template, { code: '9'.repeat(room) })?.text.length, MAX_TEXT_CHARACTERS);
    assert.equal(renderTemplate(template, { code: '9'.repeat(room + 1) }), undefined);
    assert.ok(renderTemplate(template, { code: '😀'.repeat(room) }));
  });
});

const read = (list: string | string[]) => {
  const { wanted, excluded } = parseLanguages(list);
  return { wanted, excluded: [...excluded] };
};

describe('a list of languages', () => {
  it('is read in every form', () => {
    assert.deepEqual(read('pt_BR'), { wanted: ['pt_BR'], excluded: [] });
    assert.deepEqual(read(' fr-CA  fr en '), { wanted: ['fr-CA', 'fr', 'en'], excluded: [] });
    assert.deepEqual(read(['ru', 'en;q=0.5,de']), { wanted: ['ru', 'de', 'en'], excluded: [] });
    for (const list of ['', ' , ', []]) assert.deepEqual(read(list), { wanted: [], excluded: [] });
  });

  it('has an order by quality, which may have spaces around it, and refuses what has none', () => {
    assert.deepEqual(read('en ; q = 0.2, de  ;  q  =  0.3, *;Q=0.1, ru, en-GB;q=0'), {
      wanted: ['ru', 'de', 'en', '*'],
      excluded: ['en-gb'],
    });
    assert.deepEqual(read('en;q=0.1, ru;q=1.2.3').wanted, ['ru', 'en'], 'no number counts as 1');
    assert.deepEqual(read('en;q=x, ru').wanted, ['en', 'ru']);
  });

  it('is read up to 16 languages and 1,000 characters of a text', () => {
    const many = Array.from({ length: 20 }, (_, index) => `l${index}`);
    assert.deepEqual(read(many.join()).wanted, many.slice(0, 16));
    assert.deepEqual(read(many).wanted, many.slice(0, 16));
    assert.deepEqual(read(`${' '.repeat(998)}rus`).wanted, ['ru']);
  });
});

describe('a language', () => {
  it('has its parents, in lower case, up to eight subtags', () => {
    assert.deepEqual(parentsOf(' zh_Hant-TW '), ['zh-hant-tw', 'zh-hant', 'zh']);
    assert.deepEqual(parentsOf('ru_RU.UTF-8'), ['ru-ru', 'ru']);
    assert.deepEqual(parentsOf('ca_ES@valencia\nx'), ['ca-es', 'ca']);
    assert.equal(parentsOf('a-'.repeat(100)).length, 8);
  });

  it('may be that of a text in its script', () => {
    for (const [content, language, expected] of [
      ['Code {{code}}', 'en', true],
      ['Code {{code}}', 'ru', false],
      ['Acme: код {{code}}', 'ru', true],
      ['Acme: код {{code}}', 'en', false],
      ['{{code}}', 'ru', true],
      ['12 {{code}}', 'not a tag', true],
      ['Code {{code}}', '*', true],
      ['Code {{code}}', 'ja', false],
    ] as const) {
      assert.equal(mayBeIn(content, language), expected, `${content} ${language}`);
    }
  });
});
