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
const choose = (usageType: string, locale?: string) => chooseTemplate(templates, usageType, locale)?.content;

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
