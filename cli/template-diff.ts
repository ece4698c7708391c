import { asObject, parseJson } from '../lib/json.ts';
import type { Template } from '../lib/templates/template.ts';

/**
 * What changes between two lists of templates, by usage type, locale, channel and whether values may have links.
 *
 * @param before the JSON that is stored; what is not a list counts as empty
 * @returns for each name that changes the lines of before and those of after
 */
export function diffTemplates(before: string | undefined, after: readonly Template[]) {
  const old = byName(parseTemplates(before));
  const wanted = byName(after);
  return [...new Set([...old.keys(), ...wanted.keys()])].flatMap((name) => {
    const [was = [], is = []] = [old.get(name), wanted.get(name)];
    return was.join('\0') === is.join('\0') ? [] : [{ name, removed: linesOf(was), added: linesOf(is) }];
  });
}

/** The templates of a parameter's value; none if it holds no list. */
export function parseTemplates(value: string | undefined): Template[] {
  return (parseList(value) ?? []).flatMap((entry: unknown) => {
    const { usageType, content, locale, links, channel } = asObject(entry) ?? {};
    if (typeof usageType !== 'string' || typeof content !== 'string') return [];
    return [
      {
        usageType,
        content,
        ...(typeof locale === 'string' ? { locale } : {}),
        ...(typeof links === 'boolean' ? { links } : {}),
        ...(channel === 'sms' || channel === 'telegram' ? { channel } : {}),
      },
    ];
  });
}

export function isList(value: string): boolean {
  return parseList(value) !== undefined;
}

function parseList(value: string | undefined): unknown[] | undefined {
  const json = parseJson(value ?? '');
  return Array.isArray(json) ? json : undefined;
}

function byName(templates: readonly Template[]): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  for (const { usageType, locale, links, channel, content } of templates) {
    const telegram = channel === 'telegram' ? 'by Telegram' : [];
    const name = [usageType, locale ?? [], links ? 'with links' : [], telegram].flat().join(', ');
    texts.set(name, [...(texts.get(name) ?? []), content]);
  }
  return texts;
}

const linesOf = (texts: readonly string[]) => texts.flatMap((text) => text.split('\n'));
