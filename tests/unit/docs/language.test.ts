import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { filesIn, linesOf, type Page, ROOT, readPages } from '../../support/pages.ts';

/** Characters of a line, and columns of a row of a table. */
const MAX_LINE = 120;
const MAX_ROW = 110;

/** `npm run bench` writes the other one, with a wide table. */
const isHeld = (path: string) => path !== 'bench/results.md';

/** What was released stays as it was. */
const current = (page: Page): Page =>
  page.path === 'CHANGELOG.md' ? { ...page, text: page.text.replace(/\n## \d[\s\S]*/, '') } : page;

/** Words that a newcomer reads twice, and what says the same. */
const BANNED: readonly (readonly [RegExp, string])[] = [
  [/doors?/, 'handler, middleware'],
  [/(?:hand|hands|handed|handing)(?: \w+)? over/, 'send, pass'],
  [/mend(?:s|ed|ing)?/, 'fix'],
  [/hear(?:s|d|ing)? of/, 'be notified'],
  [/(?:come|comes|came|coming) to nothing/, 'fail'],
  [/(?:became|become|becomes) of/, 'the status of'],
  [/(?:is|are) no(?! longer\b)/, 'is not a'],
  [/alone/, 'only'],
  [/unless told/, 'by default'],
  [/but for/, 'except'],
  [/letters?/, 'dead letter'],
  [/puts? aside|putting aside/, 'move to the dead-letter queue'],
  [/(?:go|goes|going|went) back/, 'retry later'],
  [/fates?/, 'result'],
  [/places?|placed/, 'slot; instead of; position'],
  [/(?:give|gives|giving|given|gave) back/, 'release'],
  [/settle[sd]?|settling/, 'complete'],
  [/may pass/, 'retryable'],
  [/worth another try/, 'retryable'],
  [/blind(?:ly)?/, 'say what it does'],
  [/fresh(?:ly)?/, 'say what it does'],
  [/own/, 'leave it out, or name whose'],
  [/spare[sd]?/, 'say what it does'],
];

/** What of it is meant as everybody means it. */
const ALLOWED: readonly RegExp[] = [
  /there (?:is|are|was) no\b/gi, // "is no" only where it stands for "is not a"
  /dead[- ]letters?/gi,
  // Of an alphabet.
  /letters? of (?:an|the) alphabet/gi,
  /(?:…|capital|Latin|Cyrillic|single|first|four|small|two) letters?|two-letter/gi,
  /letters?, digits|with a letter|more letters/gi,
];

/** Constants that say nothing without what they are measured in. */
const VAGUE_CONSTANT = /\b(?!\w+_(?:MS|S)\b)\w*(?:MARGIN|PATIENCE|REMEMBER)\w*/g;

const banned = new RegExp(`(?<![\\w-])(?:${BANNED.map(([{ source }]) => source).join('|')})(?![\\w-])`, 'gi');

/** Banned words of a text. */
function bannedIn(text: string): string[] {
  const rest = ALLOWED.reduce((shorter, allowed) => shorter.replaceAll(allowed, ''), text);
  return rest.match(banned) ?? [];
}

describe('the words of the project', () => {
  it('are found where they are banned, and only there', () => {
    const wrong = 'The door, handed it over. That is no number of its own. What became of a letter?';
    const words = ['door', 'handed it over', 'is no', 'own', 'became of', 'letter'];
    assert.deepEqual(bannedIn(wrong), words);
    const right =
      'There is no parameter; it is no longer there. Latin letters, digits, an indoor dead-letter queue';
    assert.deepEqual(bannedIn(right), []);
  });

  it('are those of every page', async () => {
    const pages = (await readPages()).filter(({ path }) => isHeld(path) && !path.endsWith('.ru.md'));
    assert.ok(pages.length > 15);
    const found = pages.flatMap((page) => {
      return linesOf(current(page)).flatMap((line) =>
        bannedIn(line.kind === 'code' ? commentOf(line.text) : withoutCode(line.text)).map(
          (word) => `${line.at}: ${word}: ${line.text}`,
        ),
      );
    });
    assert.deepEqual(found, []);
  });

  it('are those of comments, logs, errors and texts of the command line', async () => {
    const endings = ['.ts', '.js', '.cjs', '.yml', '.html'];
    const folders = ['lib', 'functions', 'cli', 'infra', 'local', 'tools', 'bench'];
    const files = (await Promise.all(folders.map((folder) => filesIn(folder, endings)))).flat();
    assert.ok(files.length > 200);
    const found = await Promise.all(
      [...files, 'serverless.yml', 'stages.local.example.yml'].map(async (path) => {
        const source = await readFile(join(ROOT, path), 'utf8');
        const words = wordsOf(path, source).flatMap(({ text, line }) =>
          bannedIn(text).map((word) => `${path}:${line}: ${word}: ${text.trim().slice(0, 150)}`),
        );
        const names = source.match(VAGUE_CONSTANT) ?? [];
        return [...words, ...names.map((name) => `${path}: ${name} has no unit`)];
      }),
    );
    assert.deepEqual(found.flat(), []);
  });
});

it('the pages have lines and rows that fit a screen', async () => {
  const pages = (await readPages()).filter(({ path }) => isHeld(path));
  const long = pages.flatMap((page) =>
    linesOf(current(page)).filter(
      ({ kind, text }) =>
        kind !== 'code' && [...text].length > (kind === 'table' ? MAX_ROW : MAX_LINE) && !isUnbreakable(text),
    ),
  );
  const problems = long.map(({ at, text }) => `${at}: ${[...text].length} characters`);
  assert.deepEqual(problems, []);
});

/** A line of one link, perhaps of a list: it cannot be broken. */
const isUnbreakable = (line: string): boolean => /^\s*(?:[-*>]\s+|\d+\.\s+|\[[^\]]+\]:\s+)?\S+$/.test(line);

/** A line of Markdown as people read it: without code in it, and without the targets of links. */
const withoutCode = (line: string): string => line.replace(/`[^`]*`/g, '``').replace(/\]\([^)]*\)/g, ']');

/** The comment behind a command; what a command prints is held where it is printed. */
const commentOf = (line: string): string => /(?:^|\s)#\s.*/.exec(line)?.[0] ?? '';

/** Comments, strings, and regular expressions so that a quote in one does not begin a string. */
const SCRIPT =
  /(?<comment>\/\*[\s\S]*?\*\/|(?<![:\\'"`])\/\/[^\n]*)|(?<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|(?<=[=(,:!&|?;[]\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//g;

/** What of a source file people read, line by line: comments, and strings that have a space; not names of the code. */
function wordsOf(path: string, source: string): { text: string; line: number }[] {
  const whole = /\.(?:yml|html)$/.test(path)
    ? [
        {
          text: source.replace(/<style>[\s\S]*?<\/style>/g, (style) => style.replace(/[^\n]/g, '')),
          index: 0,
        },
      ]
    : Array.from(source.matchAll(SCRIPT), ({ 0: text, index, groups = {} }) => ({ text, index, groups }))
        .filter(({ text, groups }) => groups['comment'] ?? (groups['string'] && text.includes(' ')))
        .map(({ text, index }) => ({ text: text.replace(/\$\{[^}]*\}/g, '…'), index }));
  return whole.flatMap(({ text, index }) => {
    const first = source.slice(0, index).split('\n').length;
    return text.split('\n').map((line, offset) => ({ text: line, line: first + offset }));
  });
}
