import { isSupportedCountry } from 'libphonenumber-js/max';
import { type Connector, connectorSchema } from '../../lib/config/configuration.ts';
import { describeIssue, findSamples, parametersOf } from '../../lib/config/parameters.ts';
import { asObject, type Fields } from '../../lib/json.ts';
import { REQUIRED_USAGE_TYPES, USAGE_TYPES } from '../../lib/templates/template.ts';
import { count, shown } from '../format.ts';
import type { Style } from '../terminal.ts';
import { didYouMean } from '../usage.ts';
import { type CheckedTemplate, checkTemplate, type Problem } from './check-template.ts';

export interface Checked {
  /** Errors first, in the order of the file. */
  readonly problems: readonly Problem[];
  /** The templates that could be read, as they are sent. */
  readonly templates: readonly CheckedTemplate[];
  /** The configuration; undefined if there is an error in it. */
  readonly connector: Connector | undefined;
}

const FIELDS = ['email', 'apiKey', 'senderName', 'senderNames', 'templates'];
const TEMPLATE_FIELDS = ['usageType', 'content', 'locale', 'links', 'channel'];

/** Checks a file before it is pushed: as {@link checkConnector}, and that no placeholder of a sample is left in it. */
export function checkFile(json: Fields): Checked {
  const checked = checkConnector(json);
  const samples = findSamples(json).map((sample) => ({ level: 'error', ...sample }) as const);
  return {
    ...checked,
    problems: [...samples, ...checked.problems],
    connector: samples.length === 0 ? checked.connector : undefined,
  };
}

/** Checks the JSON of Logto's SMS Aero connector, or a stage's configuration; finds everything at once. */
export function checkConnector(json: Fields): Checked {
  const result = connectorSchema.safeParse(json);
  const list = Array.isArray(json['templates']) ? (json['templates'] as unknown[]) : [];
  const templates = list.flatMap((entry, index) => checkTemplate(entry, index) ?? []);
  const found: Problem[] = [
    ...firstOfEach(result.error?.issues ?? []).map((issue) => {
      const path = issue.path.map(String).join('.');
      const isMissing = issue.path.length === 1 && json[path] === undefined;
      return { level: 'error', path, text: isMissing ? 'is missing' : describeIssue(issue) } as const;
    }),
    ...(result.success ? checkSizes(result.data) : []),
    ...noCountries(json),
    ...missingTypes(list),
    ...templates.flatMap(unknownType),
    ...templates.flatMap(({ problems }) => problems),
    ...repeated(templates),
    ...unread(json, FIELDS, ''),
    ...list.flatMap((entry, index) => unread(asObject(entry) ?? {}, TEMPLATE_FIELDS, `templates.${index}.`)),
  ];
  // The schema may have said already that a type has no template.
  const problems = [...new Map(found.map((one) => [`${one.path} ${one.text}`, one])).values()];
  const { error: errors = [], warning = [] } = Object.groupBy(problems, ({ level }) => level);
  return {
    problems: [...errors, ...warning],
    templates,
    connector: errors.length === 0 ? result.data : undefined,
  };
}

/** Says of a value of another type only that: a list where a text belongs is not an empty text as well. */
function firstOfEach<Issue extends { readonly path: readonly PropertyKey[]; readonly code?: string }>(
  issues: readonly Issue[],
): Issue[] {
  const keyOf = ({ path }: Issue) => path.map(String).join('.');
  const mistyped = new Set(issues.filter(({ code }) => code === 'invalid_type').map(keyOf));
  return issues.filter((issue) => issue.code === 'invalid_type' || !mistyped.has(keyOf(issue)));
}

/** The schema knows the form of a country's code only: `UK` has it, and no number is of it. */
function noCountries(json: Fields): Problem[] {
  return Object.keys(asObject(json['senderNames']) ?? {})
    .filter((code) => /^[A-Z]{2}$/.test(code) && !isSupportedCountry(code))
    .map((code) => ({
      level: 'error',
      path: `senderNames.${code}`,
      text: 'is not a country of ISO 3166 (GB, not UK): no message would use this name',
    }));
}

/** A backend may define further usage types: one is named only if it looks like a misspelt one, which would never be used. */
function unknownType({ index, usageType }: CheckedTemplate): Problem[] {
  const meant = USAGE_TYPES.some((type) => type === usageType) ? '' : didYouMean(usageType, USAGE_TYPES);
  const path = `templates.${index}.usageType`;
  return meant === '' ? [] : [{ level: 'warning', path, text: `is "${usageType}"${meant}` }];
}

/** The schema looks for these only when every template is sound. */
function missingTypes(list: readonly unknown[]): Problem[] {
  if (list.length === 0) return [];
  return REQUIRED_USAGE_TYPES.filter(
    (type) => !list.some((entry) => asObject(entry)?.['usageType'] === type),
  ).map((type) => ({ level: 'error', path: 'templates', text: `have none for ${type}` }));
}

function repeated(templates: readonly CheckedTemplate[]): Problem[] {
  const seen = new Map<string, number>();
  return templates.flatMap(({ index, usageType, locale = '' }) => {
    const key = `${usageType} ${locale.replaceAll('_', '-').toLowerCase()}`;
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, index);
      return [];
    }
    const text = `is never used: templates.${first} is for the same usage type and locale`;
    return [{ level: 'warning', path: `templates.${index}`, text } as const];
  });
}

function unread(fields: Fields, known: readonly string[], prefix: string): Problem[] {
  return Object.keys(fields)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = didYouMean(name, known);
      // What was meant is missing, and where it may be (apiKey of a push, locale) nobody would notice.
      return { level: meant ? 'error' : 'warning', path: `${prefix}${name}`, text: `is not read${meant}` };
    });
}

/** What Parameter Store holds in a standard parameter and in an advanced one, in bytes. */
const STANDARD = 4_096;
const ADVANCED = 8_192;

/** Checks that each parameter of a configuration fits into Parameter Store, as it is written there: every `{{` takes 7 bytes. */
function checkSizes(connector: Connector): Problem[] {
  return parametersOf(connector).flatMap(({ name, value }): Problem[] => {
    const size = Buffer.byteLength(value);
    if (size > ADVANCED) {
      const text = `takes ${size} bytes as it is stored, and Parameter Store holds ${ADVANCED} at most: shorten it`;
      return [{ level: 'error', path: name, text }];
    }
    const text = `takes ${size} bytes: over ${STANDARD} AWS bills 0.05 dollars a month`;
    return size > STANDARD ? [{ level: 'warning', path: name, text }] : [];
  });
}

export function problemLines(
  problems: readonly Problem[],
  style: (style: Style, text: string) => string,
): string[] {
  return problems.map(({ level, path, text }) => {
    const colour = level === 'error' ? 'red' : 'yellow';
    return `${style(colour, level.padEnd(7))}  ${shown(path)} ${shown(text)}`;
  });
}

/** `2 errors, 1 warning`, or `no problems`. */
export function sumOf(problems: readonly Problem[]): string {
  const parts = (['error', 'warning'] as const).flatMap((level) => {
    const found = problems.filter((problem) => problem.level === level).length;
    return found > 0 ? [count(found, level)] : [];
  });
  return parts.join(', ') || 'no problems';
}
