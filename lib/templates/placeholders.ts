/** A placeholder: two braces around a dotted path of word characters (`replaceSendMessageHandlebars`, @logto/connector-kit 5.1). */
const PLACEHOLDER = /{{\s*([\w.]+)\s*}}/g;

/** What a template may refer to: the payload that the identity platform handed over. */
export type TemplateVariables = Readonly<Record<string, unknown>>;

/**
 * Replaces the placeholders of a template by Logto's rules.
 *
 * `{{ a.b }}` reaches into the variables. A root that the variables do not have leaves the placeholder as it is; a path that
 * ends nowhere below a known root becomes an empty string. Unlike Logto's own function, only own properties count, so
 * `{{constructor}}` stays as it is, and a value that cannot be made a string becomes an empty one instead of an exception.
 *
 * @param content the template, for example `Your code is {{code}}`
 * @param variables the values; they are inserted literally, whatever they contain
 * @returns the text
 */
export function replacePlaceholders(content: string, variables: TemplateVariables): string {
  return content.replaceAll(PLACEHOLDER, (placeholder: string, path: string) => {
    const [root = '', ...rest] = path.split('.');
    if (root === '' || !Object.hasOwn(variables, root)) {
      return placeholder;
    }
    return toText(rest.reduce(ownProperty, variables[root]));
  });
}

/** The dotted paths of all placeholders of a template, in order, with repeats. */
export function placeholdersOf(content: string): string[] {
  return Array.from(content.matchAll(PLACEHOLDER), (match) => match[1] ?? '');
}

/** The template's own text without its placeholders: what every rendering of it has at least. */
export function literalText(content: string): string {
  return content.replaceAll(PLACEHOLDER, '');
}

function ownProperty(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function toText(value: unknown): string {
  try {
    return String(value ?? '');
  } catch {
    return ''; // JSON can hold {"toString": 1}, which String() refuses
  }
}
