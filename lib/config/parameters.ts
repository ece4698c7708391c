import type * as z from 'zod/mini';
import { type Configuration, configurationSchema } from './configuration.ts';

/** The names below a platform's secrets: `platforms/logto`. */
const PLATFORM_PREFIX = 'platforms/';

/** The configuration cannot be used. The message names parameters and fields, never values. */
export class ConfigurationError extends Error {
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
 * @throws ConfigurationError `configuration_invalid`, with every problem by parameter path and field
 */
export function parseParameters(path: string, parameters: ReadonlyMap<string, string>): Configuration {
  const problems: string[] = [];
  const platforms = [...parameters]
    .filter(([name]) => name.startsWith(PLATFORM_PREFIX))
    .map(([name, value]) => [name.slice(PLATFORM_PREFIX.length), value] as const);

  const result = configurationSchema.safeParse({
    email: parameters.get('email'),
    apiKey: parameters.get('apiKey'),
    senderName: parameters.get('senderName'),
    templates: parseJson(parameters.get('templates'), `${path}/templates`, problems),
    platforms: Object.fromEntries(platforms),
  });
  for (const issue of result.error?.issues ?? []) {
    const [name = '', ...field] = issue.path.map(String);
    const below = name === 'platforms' ? `${name}/${field.shift()}` : name;
    const known = problems.some((problem) => problem.startsWith(`${path}/${below} `));
    if (!known) {
      problems.push(`${[`${path}/${below}`, ...field].join('.')} ${describe(issue, field.length > 0)}`);
    }
  }
  if (!result.success || problems.length > 0) {
    throw new ConfigurationError('configuration_invalid', `Bad configuration: ${problems.join('; ')}`);
  }
  return result.data;
}

function parseJson(text: string | undefined, parameter: string, problems: string[]): unknown {
  if (text === undefined) {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    problems.push(`${parameter} is no JSON`); // the parser's own message quotes the text
    return undefined;
  }
}

/** Says what is wrong without saying what is there. */
function describe(issue: z.core.$ZodIssue, isField: boolean): string {
  if (issue.code === 'invalid_type') {
    return issue.input === undefined && !isField ? 'is missing' : `must be of type ${issue.expected}`;
  }
  return issue.code === 'custom' || issue.message !== 'Invalid input' ? issue.message : 'is not valid';
}
