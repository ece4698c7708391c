import * as z from 'zod/mini';

const DEFAULT_GATES = 'https://gate.smsaero.org/v2,https://gate.smsaero.net/v2,https://gate.smsaero.ru/v2';

const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** An empty variable counts as one that is not set, so that a deployment can set `''` for "the default". */
const variable = (fallback: string) =>
  z.pipe(
    z.optional(z.string()),
    z.transform((value) => value?.trim() || fallback),
  );

const list = (fallback: string) =>
  z.pipe(
    variable(fallback),
    z.transform((value) =>
      value
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    ),
  );

const whole = (fallback: number, minimum: number, maximum: number) =>
  z
    .pipe(
      variable(String(fallback)),
      z.transform((value) => Number(value)),
    )
    .check(
      z.refine((value) => Number.isInteger(value) && value >= minimum && value <= maximum, {
        error: `must be a whole number from ${minimum} to ${maximum}`,
        abort: true,
      }),
    );

/** A limit: a number of messages, 0 for none. The times of as many are kept in one item, so there is an upper bound. */
const limit = (fallback: number, maximum = 1_000) => whole(fallback, 0, maximum);

const flag = z.pipe(
  z.pipe(variable('false'), z.enum(['true', 'false'], { error: 'must be true or false' })),
  z.transform((value) => value === 'true'),
);

/** A switch that somebody turns in a hurry: a wrong word for "off" would stop every function. */
const onOff = z.pipe(
  z.pipe(
    z.pipe(variable('on'), z.string().check(z.toLowerCase())),
    z.enum(['on', 'off', 'true', 'false'], { error: 'must be on or off' }),
  ),
  z.transform((value) => value === 'on' || value === 'true'),
);

const BASE_URL = 'must be an https:// URL without a query (http:// only on loopback)';

/** A base URL: HTTPS, or plain HTTP only on loopback, since secrets travel on it. */
const baseUrl = z.pipe(
  z.string().check(z.refine(isBaseUrl, { error: BASE_URL })),
  z.transform((url) => url.replace(/\/+$/, '')),
);

const queueUrl = z.pipe(variable(''), z.union([z.literal(''), z.url()], { error: 'must be a URL' }));

/** Its form only: {@link assertCountries} knows which there are, and only functions that send carry the data for that. */
const country = z
  .pipe(
    z.string(),
    z.transform((code) => code.toUpperCase()),
  )
  .check(
    z.refine((code) => /^[A-Z]{2}$/.test(code), { error: 'must be two-letter ISO 3166 codes (GB, not UK)' }),
  );

const NOT_EMPTY = { error: 'must not be an empty list' };

/** `KZ:20,RU-954:0` as a map; each country or range once. */
const rangeLimits = z.pipe(
  z
    .pipe(
      list(''),
      z.transform((items) => items.map((item) => item.toUpperCase())),
    )
    .check(
      z.refine((items) => items.every((item) => /^[A-Z]{2}(-\d{3})?:\d{1,7}$/.test(item)), {
        error: 'must be limits of countries or ranges (KZ:20,RU-954:0)',
        abort: true,
      }),
      z.refine((items) => new Set(items.map((item) => item.split(':')[0])).size === items.length, {
        error: 'must name each country or range once',
      }),
    ),
  z.transform(
    (items): ReadonlyMap<string, number> =>
      new Map(
        items.map((item) => {
          const [name = '', count] = item.split(':');
          return [name, Number(count)];
        }),
      ),
  ),
);

const schema = z.object({
  SMSAERO_CONFIG_PATH: z.string().check(
    z.refine((path) => /^\/[\w.-]+(\/[\w.-]+)*\/?$/.test(path), {
      error: 'must be a Parameter Store path, /smsaero/dev',
    }),
  ),
  SMSAERO_CONFIG_REFRESH_S: whole(300, 0, 3_600),
  SMSAERO_GATES: z.pipe(list(DEFAULT_GATES), z.array(baseUrl).check(z.minLength(1, NOT_EMPTY))),
  SMSAERO_COUNTRIES: z.pipe(list('RU'), z.array(country).check(z.minLength(1, NOT_EMPTY))),
  SMSAERO_PLATFORM_TEXT: list(''),
  SMSAERO_DEADLINE_MS: whole(2_000, 500, 25_000),
  SMSAERO_TELEGRAM: onOff,
  SMSAERO_TABLE: variable(''),
  SMSAERO_REPORT_URL: z.pipe(variable(''), z.union([z.literal(''), baseUrl], { error: BASE_URL })),
  // lib/observability/metrics.ts reads it too.
  SMSAERO_MONITORING: z.pipe(
    variable('full'),
    z.enum(['off', 'basic', 'full'], { error: 'must be off, basic or full' }),
  ),
  SMSAERO_GUARD_TIMEOUT_MS: whole(500, 10, 5_000),
  SMSAERO_GUARD_REQUIRED: flag,
  SMSAERO_LIMIT_RECIPIENT_INTERVAL_S: limit(30, 86_400),
  SMSAERO_LIMIT_RECIPIENT_10_MINUTES: limit(5),
  SMSAERO_LIMIT_RECIPIENT_DAY: limit(10),
  SMSAERO_LIMIT_ADDRESS_HOUR: limit(20),
  SMSAERO_LIMIT_BLOCK_HOUR: limit(30),
  SMSAERO_LIMIT_TOTAL_HOUR: limit(1_000, 10_000_000),
  SMSAERO_LIMIT_RANGE_HOUR: rangeLimits,
  // At least 1: without a limit a code would be guessed in the end.
  SMSAERO_LIMIT_WRONG_ANSWERS_HOUR: whole(10, 1, 1_000),
  SMSAERO_LIMIT_WRONG_ANSWERS_DAY: whole(30, 1, 1_000),
  // Cognito waits for 5 s. Less than 1 s would leave no time to send.
  SMSAERO_CHALLENGE_TIME_MS: whole(2_000, 0, 4_000).check(
    z.refine((time) => time === 0 || time >= 1_000, { error: 'must be 0, or 1000 to 4000' }),
  ),
  SMSAERO_COGNITO_KEY_ARN: variable('').check(
    z.refine((arn) => /^(arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+)?$/.test(arn), {
      error: 'must be the ARN of a KMS key (not an alias)',
    }),
  ),
  SMSAERO_QUEUE_URL: queueUrl,
  SMSAERO_DEAD_LETTER_QUEUE_URL: queueUrl,
  SMSAERO_QUEUE_CONCURRENCY: whole(5, 1, 100),
});

export type Variable = keyof z.infer<typeof schema>;

/** The environment variables of the functions, parsed. The table in docs/configuration.md describes each. */
export type Environment = Readonly<ReturnType<typeof environmentOf>>;

const environmentOf = (data: z.infer<typeof schema>) => ({
  /** Parameter Store path of the configuration, without a slash at the end: `/smsaero/dev`. */
  configPath: data.SMSAERO_CONFIG_PATH.replace(/\/$/, ''),
  /** Up to which age the configuration is used as it is, in s; 0 for one that is read for each message. */
  configRefresh: data.SMSAERO_CONFIG_REFRESH_S,
  /** Base URLs of the gates, in the order of trying, without a slash at the end. */
  gates: data.SMSAERO_GATES as readonly string[],
  /** ISO 3166 codes of the countries that messages may go to; the first one's national numbers are understood. */
  countries: data.SMSAERO_COUNTRIES as readonly string[],
  /** Names of the platforms whose text is sent as it is, instead of a template with their code. */
  textPlatforms: data.SMSAERO_PLATFORM_TEXT as readonly string[],
  /** Whether codes may go by Telegram where the template says so. */
  telegram: data.SMSAERO_TELEGRAM,
  /** Time for the whole synchronous path from the request to the outcome, in ms. */
  deadline: data.SMSAERO_DEADLINE_MS,
  /** DynamoDB table of the guard and of deliveries; without it there are none. */
  table: data.SMSAERO_TABLE || undefined,
  /** URL that reaches the function `delivery-report`, without a slash at the end; without it SMS Aero is asked for no reports. */
  reportUrl: data.SMSAERO_REPORT_URL || undefined,
  /** Limits are numbers of messages, 0 for none. */
  guard: {
    /** Time for the table's answers before a message is sent, in ms. */
    timeout: data.SMSAERO_GUARD_TIMEOUT_MS,
    /** Whether a message is refused when the table cannot be asked. */
    required: data.SMSAERO_GUARD_REQUIRED,
    /** Seconds between two messages to one recipient. */
    recipientInterval: data.SMSAERO_LIMIT_RECIPIENT_INTERVAL_S,
    recipientPer10Minutes: data.SMSAERO_LIMIT_RECIPIENT_10_MINUTES,
    recipientPerDay: data.SMSAERO_LIMIT_RECIPIENT_DAY,
    /** By client address; of IPv6 one /64, and four times as many its /48. */
    addressPerHour: data.SMSAERO_LIMIT_ADDRESS_HOUR,
    /** By block of 1,000 neighbouring numbers. */
    blockPerHour: data.SMSAERO_LIMIT_BLOCK_HOUR,
    totalPerHour: data.SMSAERO_LIMIT_TOTAL_HOUR,
    /** An hour of some ranges of numbers, or countries; others have a fifth of the total. */
    rangeLimits: data.SMSAERO_LIMIT_RANGE_HOUR,
  },
  /** Sign-in by code in Cognito. */
  challenge: {
    wrongAnswersPerHour: data.SMSAERO_LIMIT_WRONG_ANSWERS_HOUR,
    wrongAnswersPerDay: data.SMSAERO_LIMIT_WRONG_ANSWERS_DAY,
    /** Time from the question to the answer of a challenge that might send, in ms; 0 for as soon as possible. */
    answerTime: data.SMSAERO_CHALLENGE_TIME_MS,
  },
  /** The KMS key that encrypts Cognito's codes; empty where the function has none. */
  cognitoKeyArn: data.SMSAERO_COGNITO_KEY_ARN,
  /** The queues of commands; their URLs are empty where the function has none. */
  queue: {
    /** URL of the queue that commands come from. */
    queueUrl: data.SMSAERO_QUEUE_URL,
    /** URL of the queue for commands that cannot succeed. */
    deadLetterQueueUrl: data.SMSAERO_DEAD_LETTER_QUEUE_URL,
    /** How many messages of a batch are sent at the same time. */
    concurrency: data.SMSAERO_QUEUE_CONCURRENCY,
  },
});

/**
 * Parses the environment.
 *
 * @param required variables without a default that this function cannot do without
 * @throws Error that names each wrong variable and what it must be, never its value
 */
export function parseEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
  required: readonly Variable[] = [],
): Environment {
  const result = schema.safeParse(variables);
  const problems = [
    ...sentences(result.error),
    ...required.filter((name) => !variables[name]?.trim()).map((name) => `${name} is missing`),
  ];
  if (!result.success || problems.length > 0) {
    throw new Error(`Bad environment: ${problems.join('; ')}`);
  }
  return environmentOf(result.data);
}

/** What is wrong with the environment, a sentence each: the variable and what it must be, never its value. */
export const environmentProblems = (variables: Readonly<Record<string, string | undefined>>): string[] =>
  sentences(schema.safeParse(variables).error);

/** A list with two wrong items is said once. Messages of ours begin with "must". */
const sentences = (error: z.core.$ZodError | undefined): string[] => [
  ...new Set(
    (error?.issues ?? []).map(
      ({ path, message }) =>
        `${String(path[0])} ${message.startsWith('must') ? message : 'is missing or not valid'}`,
    ),
  ),
];

function isBaseUrl(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && !(url.username || url.password || url.search || url.hash) && isSecure(url);
}

/** Whether a secret may be sent to a URL: it is HTTPS, or HTTP on this machine. */
export function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname));
}
