import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { checkFile } from '../../../cli/check/check-connector.ts';
import { METRICS } from '../../../lib/observability/metric-names.ts';
import { VERSION } from '../../../lib/version.ts';
import { commandTree } from '../../support/cli.ts';

const root = resolve(import.meta.dirname, '../../..');

const pagesIn = async (folder: string) =>
  (await readdir(join(root, folder), { recursive: true }))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file));
const paths = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'bench/results.md',
  ...(await pagesIn('docs')),
];
const pages = new Map(
  await Promise.all(paths.map(async (path) => [path, await readFile(join(root, path), 'utf8')] as const)),
);
const page = (path: string) => pages.get(path) ?? assert.fail(`there is no ${path}`);

/** All sources below folders, in one text. */
async function sources(...folders: readonly string[]): Promise<string> {
  const files = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true }))
        .filter((file) => file.endsWith('.ts'))
        .map((file) => join(root, folder, file)),
    ),
  );
  return (await Promise.all(files.flat().map((file) => readFile(file, 'utf8')))).join('\n');
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

describe('the samples', () => {
  it('hold no e-mail address or key that config check and config push would take', async () => {
    const samples = await Promise.all(
      ['local/connector.json', 'node_modules/@logto/connector-smsaero/lib/index.js'].map((file) =>
        readFile(join(root, file), 'utf8'),
      ),
    );
    const values = Array.from(
      [...pages.values(), ...samples].join('\n').matchAll(/"(email|apiKey)":\s*"([^"]*)"/g),
      ([, field = '', value = '']) => ({ field, value }),
    );
    // As Logto's form shows them.
    const [, form = ''] = samples;
    for (const [, field = '', value = ''] of form.matchAll(
      /key: "(email|apiKey)",[^}]*?placeholder: "([^"]*)"/g,
    )) {
      values.push({ field, value });
    }
    assert.ok(values.length >= 7, String(values.length));
    assert.ok(
      ['YOUR_API_KEY', 'owner@example.com', '<api-key>'].every((one) =>
        values.some(({ value }) => value === one),
      ),
    );
    const templates = ['Register', 'SignIn', 'ForgotPassword', 'Generic'].map((usageType) => ({
      usageType,
      content: '{{code}}',
    }));
    const mine = { email: 'me@my-shop.ru', apiKey: 'pK3vYxq0Zt7', senderName: 'SMSAero', templates };
    assert.deepEqual(checkFile(mine).problems, []);
    const taken = values.filter(({ field, value }) => {
      const { problems, connector } = checkFile({ ...mine, [field]: value });
      return (
        connector !== undefined || !problems.some(({ level, path }) => level === 'error' && path === field)
      );
    });
    assert.deepEqual(taken, []);
  });
});

describe("Logto's guide to its SMS Aero connector", () => {
  it('is found in the pages, step by step and type by type', async () => {
    const guide = await readFile(join(root, 'node_modules/@logto/connector-smsaero/README.md'), 'utf8');
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
});

describe('the pages', () => {
  it('link to files and headings that there are', async () => {
    const broken: string[] = [];
    let links = 0;
    for (const [path, markdown] of pages) {
      for (const [, link = ''] of withoutCode(markdown).matchAll(/\]\(<?([^)>\s]+)/g)) {
        if (/^https?:/.test(link)) continue;
        links += 1;
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? path : relative(root, resolve(root, dirname(path), file));
        const there = await stat(join(root, target)).catch(() => undefined);
        const found = anchor === undefined || anchorsOf(pages.get(target) ?? '').includes(anchor);
        if (!there || !found) broken.push(`${path}: ${link}`);
      }
    }
    assert.ok(links > 100);
    assert.deepEqual(broken, []);
  });

  it('have every variable of the functions', async () => {
    const code = await sources('lib');
    const names = new Set(code.match(/\b(?:SMSAERO|POWERTOOLS)_[A-Z_0-9]+\b/g));
    assert.ok(names.size > 20);
    const known = page('docs/configuration.md');
    assert.deepEqual(
      [...names].filter((name) => !known.includes(`\`${name}\``)),
      [],
    );
  });

  it('name no variable that nothing reads', async () => {
    const powertools = ['logger/lib/esm/Logger.js', 'metrics/lib/esm/Metrics.js'].map((file) =>
      readFile(join(root, 'node_modules/@aws-lambda-powertools', file), 'utf8'),
    );
    const code = [await sources('lib', 'cli', 'bench', 'tests'), ...(await Promise.all(powertools))].join(
      '\n',
    );
    const current = [...pages].flatMap(([path, text]) => (path === 'CHANGELOG.md' ? [] : [text])); // that has old ones
    const named = new Set(current.join('\n').match(/(?<=`)(?:SMSAERO|POWERTOOLS)_[A-Z_0-9]+\b/g));
    assert.ok(named.size > 20);
    assert.deepEqual(
      [...named].filter((name) => !code.includes(name)),
      [],
    );
  });

  it('have a heading of the changelog for the version that is tagged, and for each before it', () => {
    const headings = Array.from(page('CHANGELOG.md').matchAll(/^## (.*)$/gm), ([, heading = '']) => heading);
    const versions = headings.filter((heading) => heading !== 'Unreleased');
    assert.equal(versions[0], VERSION);
    assert.ok(headings.length - versions.length <= 1 && headings.indexOf('Unreleased') <= 0);
    const numbers = versions.map(
      (version) => /^(\d+)\.(\d+)\.(\d+)$/.exec(version)?.slice(1) ?? assert.fail(version),
    );
    const weights = numbers.map(
      ([major, minor, patch]) => Number(major) * 1e6 + Number(minor) * 1e3 + Number(patch),
    );
    assert.deepEqual(
      weights,
      weights.toSorted((a, b) => b - a),
    );
  });

  it('have every deployment parameter', async () => {
    const stages = await readFile(join(root, 'infra/stages.yml'), 'utf8');
    const names = new Set(Array.from(stages.matchAll(/^ {2}(\w+): /gm), ([, name = '']) => name));
    assert.ok(names.delete('queuesUrl')); // for `npm start` alone
    assert.ok(names.size > 10);
    const known = page('docs/configuration.md');
    assert.deepEqual(
      [...names].filter((name) => !known.includes(`\`${name}\``)),
      [],
    );
  });

  it('have every option of the command line', () => {
    const known = page('docs/cli.md');
    const commands = [...commandTree().values()];
    const options = new Set(commands.flatMap((command) => command.options.map(({ long = '' }) => long)));
    assert.ok(options.size > 15);
    assert.deepEqual(
      [...options].filter((option) => !new RegExp(`${option}(?![\\w-])`).test(known)),
      [],
    );
  });

  it('have every metric', () => {
    const known = page('docs/operations/log-and-metrics.md');
    assert.deepEqual(
      Object.keys(METRICS).filter((name) => !known.includes(`\`${name}\``)),
      [],
    );
  });

  it('have every script of package.json', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const all = [...pages.values()].join('\n');
    const unknown = Object.keys(scripts).filter(
      (name) => !name.startsWith('pre') && !new RegExp(`npm (?:run (?:--silent )?)?${name}\\b`).test(all),
    );
    assert.deepEqual(unknown, []);
    const named = Array.from(all.matchAll(/npm run (?:--silent )?([\w-]+)/g), ([, name = '']) => name);
    assert.ok(named.length > 50);
    assert.deepEqual(
      named.filter((name) => !(name in scripts)),
      [],
    );
  });
});
