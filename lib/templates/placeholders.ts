/**
 * A placeholder: two braces around a dotted path of word characters (`replaceSendMessageHandlebars`, @logto/connector-kit 5.1). A name
 * with a colon may have any other sign as well, as Cognito's custom attributes do: `{{user.custom:site-id}}`.
 */
const PLACEHOLDER = /{{\s*([\w.]+|\w+\.[^\s{}:]*:[^\s{}]*)\s*}}/g;

/** What a template may refer to: the payload of the identity platform. */
export type TemplateVariables = Readonly<Record<string, unknown>>;

/**
 * Replaces the placeholders of a template by Logto's rules.
 *
 * `{{ a.b }}` reaches into the variables. A root that the variables do not have leaves the placeholder as it is; a path that
 * ends nowhere below a known root becomes an empty string. Unlike Logto's function, inherited properties do not count, so
 * `{{constructor}}` stays as it is, and a value that cannot be made a string becomes an empty one instead of an exception.
 *
 * @param show makes the text of each value, given its dotted path too; by default a value is inserted as it is, whatever it contains
 */
export function replacePlaceholders(
  content: string,
  variables: TemplateVariables,
  show: (value: string, path: string) => string = (value) => value,
): string {
  return content.replaceAll(PLACEHOLDER, (placeholder: string, path: string) => {
    const [root = '', ...rest] = path.split('.');
    if (root === '' || !Object.hasOwn(variables, root)) {
      return placeholder;
    }
    return show(toText(valueAt(variables[root], rest)), path);
  });
}

/** The dotted paths of all placeholders of a template, in order, with repeats. */
export function placeholdersOf(content: string): string[] {
  return Array.from(content.matchAll(PLACEHOLDER), (match) => match[1] ?? '');
}

/** The template's text without its placeholders: what every rendering of it has at least. */
export function literalText(content: string): string {
  return content.replaceAll(PLACEHOLDER, '');
}

/** The value at a path. A name may have dots itself: `custom:shop.name` is one attribute of Cognito. */
function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce(ownProperty, value) ?? ownProperty(value, path.join('.'));
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
