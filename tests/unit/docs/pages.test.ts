import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { checkFile } from '../../../cli/check/check-connector.ts';
import { METRICS } from '../../../lib/observability/metric-names.ts';
import { VERSION } from '../../../lib/version.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { commandTree } from '../../support/cli.ts';
import { CONNECTOR } from '../../support/connector.ts';
import { filesIn, ROOT, readPages } from '../../support/pages.ts';

const read = (path: string) => readFile(join(ROOT, path), 'utf8');
const pages = new Map((await readPages()).map(({ path, text }) => [path, text]));
const page = (path: string) => pages.get(path) ?? assert.fail(`there is no ${path}`);

/** All sources below folders, in one text. */
async function sources(...folders: readonly string[]): Promise<string> {
  const files = await Promise.all(folders.map((folder) => filesIn(folder, ['.ts'])));
  return (await Promise.all(files.flat().map(read))).join('\n');
}

const withoutCode = (markdown: string) => markdown.replace(/^ *```[\s\S]*?^ *```/gm, '');

/** Anchors as GitHub makes them of headings. */
const anchorsOf = (markdown: string) =>
  Array.from(withoutCode(markdown).matchAll(/^#+ (.*)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

it('the samples hold no e-mail address or key that config check and config push would take', async () => {
  const files = ['local/connector.json', 'node_modules/@logto/connector-smsaero/lib/index.js'];
  const samples = await Promise.all(files.map(read));
  // In JSON, and as Logto's form shows them.
  const forms = [/"(email|apiKey)":\s*"([^"]*)"/g, /key: "(email|apiKey)",[^}]*?placeholder: "([^"]*)"/g];
  const text = [...pages.values(), ...samples].join('\n');
  const values = forms.flatMap((form) =>
    Array.from(text.matchAll(form), ([, field = '', value = '']) => ({ field, value })),
  );
  assert.ok(values.length >= 7, String(values.length));
  assert.ok(
    ['YOUR_API_KEY', 'owner@example.com', '<api-key>'].every((one) =>
      values.some(({ value }) => value === one),
    ),
  );
  assert.deepEqual(checkFile(CONNECTOR).problems, []);
  const taken = values.filter(({ field, value }) => {
    const { problems, connector } = checkFile({ ...CONNECTOR, [field]: value });
    return (
      connector !== undefined || !problems.some(({ level, path }) => level === 'error' && path === field)
    );
  });
  assert.deepEqual(taken, []);
});

it("Logto's guide to its SMS Aero connector is found in the pages, step by step and type by type", async () => {
  const guide = await read('node_modules/@logto/connector-smsaero/README.md');
  for (const path of ['docs/getting-started.md', 'docs/migrate-from-logto-connector.md']) {
    const text = page(path);
    for (const step of [
      'https://smsaero.ru/cabinet/settings/apikey/',
      'https://smsaero.ru/integration/documentation/api/',
      '`SMSAero`',
      '{{code}}',
      '"Send"',
      '"Save and Done"',
      'Sign-in & account',
      'Sign-up and',
      'Logto 1.35',
      'CAPTCHA',
      'Console → Security',
    ]) {
      assert.ok(text.includes(step), `${path} lacks ${step}`);
    }
  }
  const all = [
    page('docs/getting-started.md'),
    page('docs/configuration.md'),
    page('docs/migrate-from-logto-connector.md'),
  ].join('\n');
  const links = Array.from(guide.matchAll(/https:\/\/smsaero\.ru[^)\s]*/g), ([link]) => link);
  const rows = Array.from(guide.matchAll(/^\| (\w+) +\| ([\w[\] ]+?) +\|/gm)).filter(
    ([, name]) => name !== 'Name',
  );
  assert.deepEqual([links.length, rows.length], [3, 6]);
  for (const link of links) assert.ok(all.includes(link), link);
  for (const [, name = '', type = ''] of rows) {
    const row = new RegExp(`^\\| \`${name}\` \\| ${type.replace(/[[\]]/g, '\\$&')} \\|`, 'm');
    assert.match(page('docs/migrate-from-logto-connector.md'), row);
  }
  const usageTypes = /usageType +\| enum string \| (.*) \|/.exec(guide)?.[1]?.match(/\w+/g) ?? [];
  assert.deepEqual(usageTypes, ['Register', 'SignIn', 'ForgotPassword', 'Generic']);
  for (const type of usageTypes) assert.ok(all.includes(`\`${type}\``), type);
});

describe('the pages', async () => {
  it('link to files and headings that there are', async () => {
    const broken: string[] = [];
    let links = 0;
    for (const [path, markdown] of pages) {
      for (const [, link = ''] of withoutCode(markdown).matchAll(/\]\(<?([^)>\s]+)/g)) {
        if (/^https?:/.test(link)) continue;
        links += 1;
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? path : relative(ROOT, resolve(ROOT, dirname(path), file));
        const there = await stat(join(ROOT, target)).catch(() => undefined);
        const found = anchor === undefined || anchorsOf(pages.get(target) ?? '').includes(anchor);
        if (!there || !found) broken.push(`${path}: ${link}`);
      }
    }
    assert.ok(links > 100);
    assert.deepEqual(broken, []);
  });

  const stages = Array.from((await read('infra/stages.yml')).matchAll(/^ {2}(\w+): /gm));
  const options = [...commandTree().values()].flatMap((command) => command.options.map(({ long }) => long));
  for (const [what, path, least, names] of [
    [
      'variable of the functions',
      'docs/configuration.md',
      20,
      (await sources('lib')).match(/\b(?:SMSAERO|POWERTOOLS)_[A-Z_0-9]+\b/g) ?? [],
    ],
    [
      'deployment parameter',
      'docs/configuration.md',
      10,
      stages.map(([, name]) => name).filter((name) => name !== 'queuesUrl'), // that is for `npm start`
    ],
    ['option of the command line', 'docs/cli.md', 15, options],
    ['metric', 'docs/operations/log-and-metrics.md', 20, Object.keys(METRICS)],
  ] as const) {
    it(`have every ${what}`, () => {
      const known = page(path);
      const all = new Set(names);
      assert.ok(all.size > least, String(all.size));
      const unknown = [...all].filter((name) => !new RegExp(`[\`\\s]${name}(?![\\w-])`).test(known));
      assert.deepEqual(unknown, []);
    });
  }

  it('name no variable that nothing reads', async () => {
    const powertools = ['logger/lib/esm/Logger.js', 'metrics/lib/esm/Metrics.js'].map((file) =>
      read(`node_modules/@aws-lambda-powertools/${file}`),
    );
    const texts = [sources('lib', 'cli', 'bench', 'tests'), ...powertools];
    const code = (await Promise.all(texts)).join('\n');
    const current = [...pages].flatMap(([path, text]) => (path === 'CHANGELOG.md' ? [] : [text])); // that has old ones
    const named = new Set(current.join('\n').match(/(?<=`)(?:SMSAERO|POWERTOOLS)_[A-Z_0-9]+\b/g));
    assert.ok(named.size > 20);
    const unread = [...named].filter((name) => !code.includes(name));
    assert.deepEqual(unread, []);
  });

  it('have a heading of the changelog for the version that is tagged, and for each before it', () => {
    const headings = Array.from(page('CHANGELOG.md').matchAll(/^## (.*)$/gm), ([, heading = '']) => heading);
    const versions = headings.filter((heading) => heading !== 'Unreleased');
    assert.deepEqual([versions[0], packageJson.version], [VERSION, VERSION]);
    assert.ok(headings.length - versions.length <= 1 && headings.indexOf('Unreleased') <= 0);
    for (const version of versions) assert.match(version, /^\d+\.\d+\.\d+$/);
    const inOrder = versions.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }));
    assert.deepEqual(versions, inOrder);
  });

  it('have every script of package.json, and no other', () => {
    const all = [...pages.values()].join('\n');
    const scripts = Object.keys(packageJson.scripts);
    const isNamed = (name: string) => new RegExp(`npm (?:run (?:--silent )?)?${name}\\b`).test(all);
    const unnamed = scripts.filter((name) => !isNamed(name));
    assert.deepEqual(unnamed, []);
    const named = Array.from(all.matchAll(/npm run (?:--silent )?([\w-]+)/g), ([, name = '']) => name);
    assert.ok(named.length > 50);
    const unknown = named.filter((name) => !scripts.includes(name));
    assert.deepEqual(unknown, []);
  });
});

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
    it(`${english} and ${russian} have the same commands, tables and links`, () => {
      const [one, other] = [page(english), page(russian)];
      assert.ok(codeOf(one).length > 3);
      assert.deepEqual(codeOf(other), codeOf(one));
      assert.deepEqual(rowsOf(other), rowsOf(one));
      assert.deepEqual(linksOf(other), linksOf(one));
      const headings = (text: string) => text.match(/^#+ /gm);
      assert.deepEqual(headings(other), headings(one));
    });
  }

  it('have a README of 130 lines at most', () => {
    assert.ok(page('README.md').trimEnd().split('\n').length <= 130);
  });
});
