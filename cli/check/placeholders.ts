import { placeholdersOf, replacePlaceholders } from '../../lib/templates/placeholders.ts';
import { CODE } from '../../lib/templates/render.ts';
import { makesLink } from '../../lib/templates/values.ts';
import { nearest } from '../usage.ts';

/** What the identity platforms send as texts: `{{code}}`. */
const TEXTS = ['code', 'locale', 'uiLocales', 'link', 'username'];

/** What they send as objects: `{{user.name}}`. */
const OBJECTS = ['application', 'organization', 'user', 'clientMetadata'];

/** What Logto does not send with an SMS: it builds the context for e-mails only (`verification-code-helpers.ts` of its core). */
const NOT_FROM_LOGTO = ['application', 'organization', 'user', 'clientMetadata', 'username'];

const KNOWN = [...TEXTS, ...OBJECTS];

/** What the operator's pages decide, and nobody else. */
const TRUSTED = [CODE, 'locale'];

/** A placeholder with a brace too many on one of its sides or both. */
const MORE_BRACES = /\{+\{\{\s*[^\s{}]+\s*\}\}\}*|\{\{\s*[^\s{}]+\s*\}\}\}+/g;

/** The usage type whose code is a password, in which a sign more or less is another one. */
const PASSWORD_TYPE = 'AdminCreateUser';

const BRACES = /\{\{([^{}]*)\}\}/g;

/** What is wrong with the placeholders of a template: each as the rest of a sentence. `{{code}}` itself is the schema's matter. */
export function checkPlaceholders(content: string): string[] {
  const paths = new Set(placeholdersOf(content));
  const problems: string[] = [];
  for (const path of paths) {
    const [root = '', ...rest] = path.split('.');
    if (!KNOWN.includes(root)) {
      const close = nearest(root, KNOWN);
      problems.push(
        `has {{${path}}}, which no platform sends: people would see it unchanged${close ? `; {{${[close, ...rest].join('.')}}} is known` : ''}`,
      );
    } else if (OBJECTS.includes(root) && rest.length === 0) {
      problems.push(`has {{${path}}}, which is an object: name a field of it, as in {{${path}.name}}`);
    } else if (TEXTS.includes(root) && rest.length > 0) {
      problems.push(`has {{${path}}}, which is always empty: {{${root}}} is a text`);
    } else if (NOT_FROM_LOGTO.includes(root)) {
      problems.push(
        `has {{${path}}}, which Logto does not send with an SMS: with Logto people would see it unchanged`,
      );
    } else if (root === 'link') {
      problems.push(
        'has {{link}}: a link beside a code looks like phishing, and operators hold the message back',
      );
    }
  }
  for (const [written] of content.matchAll(MORE_BRACES)) {
    problems.push(`has "${written}": a person would read the braces around it, so write two on each side`);
  }
  for (const [written, inner = ''] of content.matchAll(BRACES)) {
    if (placeholdersOf(written).length === 0) {
      problems.push(
        `has "${written}", which is not a placeholder${/^\s*$/.test(inner) ? '' : ': write letters, digits, _ and dots; other signs only in a name with a colon, as in {{user.custom:site}}'}`,
      );
    }
  }
  return problems;
}

/** What strangers can do by the placeholders of a template: whoever signs up writes all values except the code. */
export function checkStrangers(content: string, links: boolean): string[] {
  const paths = new Set(
    placeholdersOf(content).filter((path) => {
      const [root = ''] = path.split('.');
      const isMistake = !KNOWN.includes(root) && nearest(root, KNOWN) !== undefined; // it stays as it is written
      return !TRUSTED.includes(path) && !isMistake;
    }),
  );
  if (paths.size === 0) {
    return [];
  }
  const names = Array.from(paths, (path) => `{{${path}}}`).join(', ');
  if (links) {
    return [`has ${names} and "links": true: whoever signs up can send links under your sender name`];
  }
  const roots = Object.fromEntries(placeholdersOf(content).map((path) => [path.split('.')[0] ?? '', '']));
  const shownAs = (value: string) =>
    replacePlaceholders(content, roots, (shown, path) => (path === CODE ? shown : value));
  return [
    `has ${names}, which whoever signs up can write: it is sent as one line of up to 64 characters, and left out if it contains a link ("links": true allows links)`,
    ...(makesLink(shownAs('x'), shownAs(''))
      ? [
          'has a placeholder that makes a link together with the text that touches it, so only the code would be filled in: put spaces around it',
        ]
      : []),
  ];
}

/** What touches a temporary password: a person cannot tell where it begins and ends. */
export function checkPassword(content: string, usageType: string): string[] {
  if (usageType !== PASSWORD_TYPE) {
    return [];
  }
  return Array.from(
    content.matchAll(/(\S?)\{\{\s*code\s*\}\}(\S?)/g),
    ([, before = '', behind = '']) => before + behind,
  )
    .filter((touching) => touching !== '')
    .map(
      (touching) =>
        `has ${[...touching].map((sign) => `"${sign}"`).join(' and ')} next to {{code}}, which is a password here: a person cannot tell whether it belongs to it, so put a space or a line break between`,
    );
}
