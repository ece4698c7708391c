import { environmentProblems, parseEnvironment, type Variable } from '../lib/environment.ts';
import { countryOf } from '../lib/guard/range-limits.ts';
import { asObject } from '../lib/json.ts';
import { assertCountries } from '../lib/message/recipient.ts';
import { distance as typingErrors } from '../lib/plain-text.ts';
import { assertPlatforms } from '../lib/platforms/index.ts';

/** What a deployment is told, before osls resolves anything with it. */
export interface DeploymentInput {
  /** Parameters by stage, `default` among them: infra/stages.cjs. */
  readonly params: Readonly<Record<string, unknown>>;
  /** `--param` of the command line, `countries=RU,KZ` each. */
  readonly options: readonly string[];
  readonly stage: string;
  readonly region: string;
  /** Whether `npm start` asks: some parameters are for it only. */
  readonly isLocal: boolean;
}

/** Parameters that become a variable of the functions, whose schema has their rule. */
const VARIABLES: Readonly<Record<string, Variable>> = {
  gates: 'SMSAERO_GATES',
  countries: 'SMSAERO_COUNTRIES',
  platformText: 'SMSAERO_PLATFORM_TEXT',
  telegram: 'SMSAERO_TELEGRAM',
  totalPerHour: 'SMSAERO_LIMIT_TOTAL_HOUR',
  rangeLimits: 'SMSAERO_LIMIT_RANGE_HOUR',
  monitoring: 'SMSAERO_MONITORING',
  reportUrl: 'SMSAERO_REPORT_URL',
  wrongAnswersPerHour: 'SMSAERO_LIMIT_WRONG_ANSWERS_HOUR',
  wrongAnswersPerDay: 'SMSAERO_LIMIT_WRONG_ANSWERS_DAY',
  challengeTime: 'SMSAERO_CHALLENGE_TIME_MS',
};

interface Rule {
  readonly holds: (text: string) => boolean;
  readonly must: string;
}

const matches = (form: RegExp, must: string): Rule => ({ holds: (text) => form.test(text), must });
const above = (least: number, must: string): Rule => ({
  holds: (text) => Number(text) >= least && Number.isFinite(Number(text)),
  must,
});

/** Days for which CloudWatch Logs keeps a log (PutRetentionPolicy). */
const RETENTION =
  '1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653';

const POOL_ARN = /^arn:aws[a-z-]*:cognito-idp:([a-z0-9-]+):\d{12}:userpool\/\1_[A-Za-z0-9]+$/;

/** The rules of all other parameters. */
const RULES: Readonly<Record<string, Rule>> = {
  logRetentionInDays: {
    holds: (text) => RETENTION.split(', ').includes(text),
    must: `must be one of ${RETENTION}`,
  },
  throttlingRate: above(1, 'must be a number of at least 1'),
  throttlingBurst: above(1, 'must be a number of at least 1'),
  checkParameters: matches(/^(on|off)$/, 'must be on or off'),
  parameterKeyAlias: matches(/^alias\/[\w/-]{1,250}$/, 'must be the alias of a KMS key, such as alias/mine'),
  balanceAlarm: above(Number.MIN_VALUE, 'must be a number above 0'),
  daysLeftAlarm: above(Number.MIN_VALUE, 'must be a number above 0'),
  commandTopicArn: matches(
    /^(arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(\.fifo)?)?$/,
    'must be the ARN of an SNS topic: arn:aws:sns:REGION:ACCOUNT:NAME',
  ),
  queueConcurrency: {
    holds: (text) => Number.isInteger(Number(text)) && Number(text) >= 2 && Number(text) <= 1_000,
    must: 'must be a whole number from 2 to 1000',
  },
  queuesUrl: { holds: (text) => text === '' || URL.canParse(text), must: 'must be a URL' },
  userPoolArn: {
    holds: (text) => text === '' || POOL_ARN.test(text),
    must: 'must be the ARN of a user pool: arn:aws:cognito-idp:REGION:ACCOUNT:userpool/REGION_ID',
  },
  cognito: matches(/^(off|example|local)$/, 'must be off, or example for a pool that is made with the stack'),
};

export const PARAMETERS: readonly string[] = [...Object.keys(VARIABLES), ...Object.keys(RULES)].sort();

/** Stages that infra/stages.yml and its comments name. */
const STAGES = ['default', 'dev', 'prod', 'local'];

/**
 * Checks what a deployment is told: names of parameters in each stage and on the command line, and the values of this stage.
 *
 * @returns a sentence for each problem, none twice
 */
export function deploymentProblems(input: DeploymentInput): string[] {
  const { params, options, stage } = input;
  const given = new Map(
    options.map((option) => {
      const [name = '', ...value] = option.split('=');
      return [name, value.length > 0 ? value.join('=') : undefined];
    }),
  );
  const problems = [
    ...Object.entries(params).flatMap(([name, entry]) => stageProblems(name, entry, stage)),
    ...[...given].flatMap(([name, value]) =>
      value === undefined
        ? [`--param takes a name and a value, --param="${PARAMETERS[0]}=…", not "${name}"`]
        : nameProblems(name, '--param'),
    ),
  ];
  const values = new Map(
    Object.entries({
      ...asObject(params['default']),
      ...asObject(params[stage]),
      ...Object.fromEntries(given),
    }).filter(([name, value]) => PARAMETERS.includes(name) && value !== undefined),
  );
  problems.push(...valueProblems(values));
  if (problems.length === 0) problems.push(...combinationProblems(values, input));
  return [...new Set(problems)];
}

function stageProblems(name: string, entry: unknown, stage: string): string[] {
  if (name === 'stages.local.yaml') return ['stages.local.yaml is not read: name it stages.local.yml'];
  const parameters = asObject(entry);
  return parameters
    ? [
        ...mistypedStage(name, stage),
        ...Object.keys(parameters).flatMap((key) => nameProblems(key, `stage ${name}`)),
      ]
    : [`${name} must have stages with parameters below them: see stages.local.example.yml`];
}

/** Any stage may have parameters, so only what looks like a typing error is refused: nobody would notice. */
function mistypedStage(name: string, stage: string): string[] {
  if (name === stage || STAGES.includes(name)) return [];
  const sorted = (text: string) => [...text.toLowerCase()].sort().join('');
  const meant =
    STAGES.find((known) => sorted(known) === sorted(name)) ??
    (distance(name, 'default') <= 2 ? 'default' : undefined);
  return meant ? [`The stages have no "${name}": did you mean ${meant}?`] : [];
}

function nameProblems(name: string, where: string): string[] {
  if (PARAMETERS.includes(name)) return [];
  const [nearest = ''] = PARAMETERS.toSorted((a, b) => distance(a, name) - distance(b, name));
  const isNear = distance(nearest, name) <= Math.max(2, Math.floor(nearest.length / 3));
  const hint = isNear ? `did you mean ${nearest}?` : 'docs/configuration.md lists them';
  return [`There is no parameter "${name}" (${where}): ${hint}`];
}

/** Typing errors between two names, without regard to case. */
const distance = (one: string, other: string) => typingErrors(one.toLowerCase(), other.toLowerCase());

/** A value that may be shown: no password of a URL is in it. */
const SHOWN = /^[\w.,:/ -]{1,100}$/;

function valueProblems(values: ReadonlyMap<string, unknown>): string[] {
  return [...values].flatMap(([name, value]) => {
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      return [`The parameter ${name} must be one value; the parts of a list are separated by commas`];
    }
    const text = String(value);
    const rule = RULES[name];
    const variable = VARIABLES[name];
    const problems = variable
      ? variableProblems({ SMSAERO_CONFIG_PATH: '/smsaero/dev', [variable]: text }).map((problem) =>
          problem.slice(variable.length + 1),
        )
      : rule && !rule.holds(text)
        ? [rule.must]
        : [];
    return problems.map(
      (must) => `The parameter ${name} ${must}${SHOWN.test(text) ? `, not "${text}"` : ''}`,
    );
  });
}

/** What is wrong with variables as the functions will read them: the schema, and what lib/services/message-path.ts asks beside it at start. */
function variableProblems(variables: Readonly<Record<string, string>>): string[] {
  const problems = environmentProblems(variables);
  if (problems.length > 0) return problems;
  try {
    const { countries, guard, table, textPlatforms } = parseEnvironment(variables);
    assertCountries(countries);
    assertPlatforms(textPlatforms);
    assertCountries([...guard.rangeLimits.keys()].map(countryOf), 'SMSAERO_LIMIT_RANGE_HOUR');
    return guard.required && !table ? ['SMSAERO_GUARD_REQUIRED is true, and SMSAERO_TABLE is missing'] : [];
  } catch (error) {
    return [(error as Error).message.replace(/^Bad environment: /, '')];
  }
}

/** Parameters that do not go together, or not with where the stack is. */
function combinationProblems(
  values: ReadonlyMap<string, unknown>,
  { region, isLocal }: DeploymentInput,
): string[] {
  const problems: string[] = [];
  const textOf = (name: string) => String(values.get(name) ?? '');
  const way = textOf('cognito');
  if (!isLocal) {
    if (way === 'local') problems.push('The parameter cognito=local is for npm start only');
    if (textOf('queuesUrl')) problems.push('The parameter queuesUrl is for npm start only');
    for (const name of ['gates', 'reportUrl'].filter((each) => /\bhttp:/i.test(textOf(each)))) {
      problems.push(`The parameter ${name} has an http URL: only npm start can use one`);
    }
  }
  const arn = textOf('userPoolArn');
  const there = POOL_ARN.exec(arn)?.[1];
  if (arn && way !== 'off') {
    problems.push(
      `The parameters cognito=${way} and userPoolArn exclude each other: one stack serves one pool`,
    );
  }
  if (arn && there !== region) {
    problems.push(
      `The user pool is in ${there} and the stack in ${region}: Cognito calls functions of its region only. Use --region ${there}`,
    );
  }
  return problems;
}

/**
 * Runs the functions' schema on their environments. What only CloudFormation knows, `{ Ref: … }`, is left out.
 *
 * @returns a sentence for each problem, with the functions that have it unless all do
 */
export function functionProblems(environments: Readonly<Record<string, object>>): string[] {
  const names = Object.keys(environments);
  const found = Object.entries(environments).flatMap(([name, variables]) => {
    const known = Object.entries(variables).filter(([, value]) => typeof value !== 'object');
    const texts = Object.fromEntries(known.map(([variable, value]) => [variable, String(value)]));
    return variableProblems(texts).map((problem) => ({ problem, name }));
  });
  return [...Map.groupBy(found, ({ problem }) => problem)].map(([problem, having]) =>
    having.length === names.length ? problem : `${problem} (${having.map(({ name }) => name).join(', ')})`,
  );
}
