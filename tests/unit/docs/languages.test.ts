import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from '../../support/pages.ts';

const read = (path: string) => readFile(join(ROOT, path), 'utf8');

/** The code of a page that a reader copies: everything but pictures, whose words are translated. */
const codeOf = (page: string) =>
  (page.match(/^ *```\w*\n[\s\S]*?^ *```$/gm) ?? []).filter((block) => !block.includes('```mermaid'));

/** What the rows of a page's tables have in common in all languages: links, code and prices. */
const rowsOf = (page: string) =>
  page
    .split('\n')
    .filter((line) => /^ *\|/.test(line))
    .map((row) =>
      (row.match(/\]\([^)]+\)|`[^`]+`|\$[\d.]+/g) ?? []).filter((part) => part !== '](README.md)'),
    );

/** Targets of links, without the language of the page that they lead to. */
const linksOf = (page: string) =>
  Array.from(page.matchAll(/\]\(([^)]+)\)/g), ([, link = '']) => link)
    .filter((link) => !link.startsWith('#') && !/^(README|getting-started)(\.ru)?\.md$/.test(link))
    .map((link) => link.replace('.ru.md', '.md').replace(/#2-.*/, '#2'));

describe('the pages in two languages', () => {
  for (const [english, russian] of [
    ['README.md', 'README.ru.md'],
    ['docs/getting-started.md', 'docs/getting-started.ru.md'],
  ] as const) {
    it(`${english} and ${russian} have the same commands, tables and links`, async () => {
      const [one, other] = [await read(english), await read(russian)];
      assert.ok(codeOf(one).length > 3);
      assert.deepEqual(codeOf(other), codeOf(one));
      assert.deepEqual(rowsOf(other), rowsOf(one));
      assert.deepEqual(linksOf(other), linksOf(one));
      const headings = (page: string) => page.match(/^#+ /gm);
      assert.deepEqual(headings(other), headings(one));
    });
  }

  it('have a README of 130 lines at most', async () => {
    assert.ok((await read('README.md')).trimEnd().split('\n').length <= 130);
  });
});
