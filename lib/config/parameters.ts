import * as z from 'zod/mini';
import { ServiceError } from '../errors.ts';
import { parseJson } from '../json.ts';
import {
  type Configuration,
  type Connector,
  connectorSchema,
  hashKeySchema,
  secretsSchema,
} from './configuration.ts';

/** The names below a platform's secrets: `platforms/logto`. */
const PLATFORM_PREFIX = 'platforms/';

/** What the parameters of a stage hold, secrets of callers aside. */
const parametersSchema = z.extend(connectorSchema, { hashKey: z.optional(hashKeySchema) });

/** The configuration cannot be used. The message names parameters and fields, never values. */
export class ConfigurationError extends ServiceError {
  override readonly name = 'ConfigurationError';
  readonly code: 'configuration_invalid' | 'configuration_unreadable';

  constructor(code: ConfigurationError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Makes the configuration of the parameters below a path.
 *
 * @param path the Parameter Store path, `/smsaero/dev`
 * @param parameters values by name below the path: `email`, `platforms/logto`; other names are ignored
 * @param onProblem told of a platform whose secrets cannot be used: it is off, and the others stay on
 * @throws ConfigurationError `configuration_invalid`, with every problem by parameter path and field
 */
export function parseParameters(
  path: string,
  parameters: ReadonlyMap<string, string>,
  onProblem: (problem: string) => void,
): Configuration {
  const senderNames = parameters.get('senderNames');
  const result = parametersSchema.safeParse({
    email: parameters.get('email'),
    apiKey: parameters.get('apiKey'),
    senderName: parameters.get('senderName'),
    // One that is there and no JSON is refused, not taken for an absent one.
    ...(senderNames !== undefined && { senderNames: parseJson(senderNames) ?? null }),
    templates: parseJson(parameters.get('templates') ?? ''),
    hashKey: parameters.get('hashKey'),
  });
  if (!result.success) {
    const problems = result.error.issues.map((issue) => {
      const [parameter = '', ...field] = issue.path.map(String);
      const missing = field.length === 0 && !parameters.has(parameter);
      return `${[`${path}/${parameter}`, ...field].join('.')} ${missing ? 'is missing' : describeIssue(issue)}`;
    });
    throw new ConfigurationError('configuration_invalid', `Bad configuration: ${problems.join('; ')}`);
  }

  const platforms: Record<string, string[]> = {};
  for (const [name, value] of parameters) {
    if (!name.startsWith(PLATFORM_PREFIX)) {
      continue;
    }
    const secrets = secretsSchema.safeParse(value);
    if (secrets.success) {
      platforms[name.slice(PLATFORM_PREFIX.length)] = secrets.data;
    } else {
      const problems = secrets.error.issues.map(describeIssue);
      onProblem(`${path}/${name} ${[...new Set(problems)].join(', ')}`);
    }
  }
  return { ...result.data, hashKey: result.data.hashKey ?? result.data.apiKey, platforms };
}

/** Says what is wrong with a field without saying what is there. */
export function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') {
    return `must be a JSON ${issue.expected === 'record' ? 'object' : issue.expected}`;
  }
  if (issue.code === 'invalid_key') {
    return issue.issues[0]?.message ?? issue.message;
  }
  return issue.message === 'Invalid input' ? 'is not valid' : issue.message;
}

/** API keys of pages, samples and local/connector.json: `YOUR_API_KEY`, `<api-key>` as Logto's form shows it, `xxxx`. */
const SAMPLE_KEY =
  /^<.*>$|^(.)\1*$|^\W*(?:your|my)?[-_ ]*(?:smsaero|aero)?[-_ ]*api[-_ ]*key\W*$|not-a-real-key/i;

const KEY_PAGE = 'https://smsaero.ru/cabinet/settings/apikey/';

/** E-mail addresses in domains that nobody can have (RFC 2606), and the one that forms are filled in with. */
const SAMPLE_EMAIL =
  /^(?:your|my)[._-]?e?mail@|[@.](?:example\.(?:com|net|org)|example|test|invalid|localhost)$/i;

/**
 * Finds placeholders that were copied from a page and never replaced. The schema takes them, since the local stack runs with one.
 *
 * @returns what is wrong by field, without a value: each the rest of a sentence that begins with the field
 */
export function findSamples({ email, apiKey }: { readonly email?: unknown; readonly apiKey?: unknown }) {
  return [
    { path: 'email', value: email, form: SAMPLE_EMAIL, todo: 'write the e-mail address of your account' },
    { path: 'apiKey', value: apiKey, form: SAMPLE_KEY, todo: `copy your key from ${KEY_PAGE}` },
  ]
    .filter(({ value, form }) => typeof value === 'string' && form.test(value.trim()))
    .map(({ path, todo }) => ({ path, text: `is the placeholder of a sample: ${todo}` }));
}

export interface WrittenParameter {
  /** Name below the stage's path: `apiKey`. */
  readonly name: string;
  readonly type: 'String' | 'SecureString';
  readonly value: string;
}

export function parametersOf(connector: Connector): WrittenParameter[] {
  const { email, apiKey, senderName, senderNames, templates } = connector;
  return [
    { name: 'email', type: 'String', value: email },
    { name: 'apiKey', type: 'SecureString', value: apiKey },
    { name: 'senderName', type: 'String', value: senderName },
    ...(senderNames === undefined
      ? []
      : [{ name: 'senderNames', type: 'String', value: escapeBraces(JSON.stringify(senderNames)) } as const]),
    { name: 'templates', type: 'String', value: escapeBraces(JSON.stringify(templates)) },
  ];
}

/**
 * Writes `{{` in a JSON text as `{\u007b`, which is the same JSON: Parameter Store refuses a value with `{{ }}` in it ("Parameter value
 * can't nest another parameter"), and every template has `{{code}}`. Outside of strings JSON never has `{{`.
 */
export function escapeBraces(json: string): string {
  return json.replaceAll('{{', '{\\u007b');
}
