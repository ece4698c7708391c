import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mayBeIn, parentsOf, parseLanguages } from '../../../lib/templates/languages.ts';

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
      ['Код {{code}}', 'ru', true],
      ['Код {{code}}', 'uk-UA', true],
      ['Код {{code}}', 'en', false],
      ['Code {{code}}', 'en', true],
      ['Code {{code}}', 'ru', false],
      ['Acme: код {{code}}', 'ru', true],
      ['Acme: код {{code}}', 'en', false],
      ['{{code}}', 'ru', true],
      ['12 {{code}}', 'not a tag', true],
      ['Code {{code}}', '*', true],
      ['Code {{code}}', 'not a tag', false],
      ['Code {{code}}', 'ja', false],
    ] as const) {
      assert.equal(mayBeIn(content, language), expected, `${content} ${language}`);
    }
  });
});
