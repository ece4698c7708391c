import { placeholdersOf } from '../../lib/templates/placeholders.ts';
import { nearest } from '../nearest.ts';

/** What the identity platforms send as values of their own: `{{code}}`. */
const TEXTS = ['code', 'locale', 'uiLocales', 'link', 'username'];

/** What they send as objects: `{{application.name}}` (Logto; `clientMetadata` is Cognito's). */
const OBJECTS = ['application', 'organization', 'user', 'clientMetadata'];

/** Anything in double braces. */
const BRACES = /\{\{([^{}]*)\}\}/g;

/** What is wrong with the placeholders of a template: each as the rest of a sentence. `{{code}}` itself is the schema's matter. */
export function checkPlaceholders(content: string): string[] {
  const known = [...TEXTS, ...OBJECTS];
  const paths = new Set(placeholdersOf(content));
  const problems: string[] = [];
  for (const path of paths) {
    const [root = '', ...rest] = path.split('.');
    if (!known.includes(root)) {
      const close = nearest(root, known) ?? known.find((name) => name.toLowerCase() === root.toLowerCase());
      problems.push(
        `has {{${path}}}, which no platform sends: a person would read it as it stands${close ? `; {{${[close, ...rest].join('.')}}} is known` : ''}`,
      );
    } else if (OBJECTS.includes(root) && rest.length === 0) {
      problems.push(`has {{${path}}}, which is an object: write what of it, as in {{${path}.name}}`);
    } else if (TEXTS.includes(root) && rest.length > 0) {
      problems.push(`has {{${path}}}, which is always empty: {{${root}}} is a text`);
    } else if (root === 'link') {
      problems.push(
        'has {{link}}: a link beside a code looks like phishing, and operators hold the message back',
      );
    }
  }
  for (const [written, inner = ''] of content.matchAll(BRACES)) {
    if (placeholdersOf(written).length === 0) {
      problems.push(
        `has "${written}", which is no placeholder${/^\s*$/.test(inner) ? '' : ': only letters, digits, _ and dots may stand in it'}`,
      );
    }
  }
  return problems;
}
