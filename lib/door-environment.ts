import * as z from 'zod/mini';

/**
 * The KMS key that encrypts Cognito's codes.
 *
 * @throws Error if `SMSAERO_COGNITO_KEY_ARN` is not the ARN of a key
 */
export function cognitoKeyArn(variables: Readonly<Record<string, string | undefined>>): string {
  const arn = variables['SMSAERO_COGNITO_KEY_ARN'] ?? '';
  if (!/^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/.test(arn)) {
    throw new Error('Bad environment: SMSAERO_COGNITO_KEY_ARN must be the ARN of a KMS key (no alias)');
  }
  return arn;
}

/** How the queue door is set. */
export interface QueueEnvironment {
  /** URL of the queue that commands come from. */
  readonly queueUrl: string;
  /** URL of the queue for commands that cannot succeed. */
  readonly deadLetterQueueUrl: string;
  /** How many messages of a batch are sent at the same time. */
  readonly concurrency: number;
}

const queueSchema = z.object({
  SMSAERO_QUEUE_URL: z.url(),
  SMSAERO_DEAD_LETTER_QUEUE_URL: z.url(),
  SMSAERO_QUEUE_CONCURRENCY: z.pipe(
    z.pipe(
      z.optional(z.string()),
      z.transform((value) => Number(value || 5)),
    ),
    z.int().check(z.minimum(1), z.maximum(100)),
  ),
});

/**
 * The variables of `sms-queue`.
 *
 * @throws Error that names each wrong variable, never its value
 */
export function queueEnvironment(variables: Readonly<Record<string, string | undefined>>): QueueEnvironment {
  const result = queueSchema.safeParse(variables);
  if (!result.success) {
    const names = result.error.issues.map(({ path }) => String(path[0]));
    throw new Error(`Bad environment: ${names.join(', ')} missing or not valid`);
  }
  const { data } = result;
  return {
    queueUrl: data.SMSAERO_QUEUE_URL,
    deadLetterQueueUrl: data.SMSAERO_DEAD_LETTER_QUEUE_URL,
    concurrency: data.SMSAERO_QUEUE_CONCURRENCY,
  };
}

/** The EventBridge bus that events of deliveries are published on, by name or ARN; undefined if none are. */
export function eventBus(variables: Readonly<Record<string, string | undefined>>): string | undefined {
  return variables['SMSAERO_EVENT_BUS']?.trim() || undefined;
}
