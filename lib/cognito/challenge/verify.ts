import { timeoutSignal } from '../../abort.ts';
import type { Configuration } from '../../config/configuration.ts';
import { keyedHash } from '../../derived-key.ts';
import type { Log } from '../../observability/logger.ts';
import type { PowertoolsMetrics, SignInRefusal } from '../../observability/metrics.ts';
import { codeFromText, isAnswer, newCode, typedDigits } from './code.ts';
import type { VerifyEvent } from './events.ts';
import { answerOf, userKey, type WrongAnswers } from './wrong-answers.ts';

/** Time for the table, in ms: Cognito waits for 5 s, and nothing else takes time here. */
const TABLE_TIMEOUT_MS = 3_000;

export interface VerifyOptions {
  readonly configuration: { get(): Promise<Configuration> };
  readonly answers: WrongAnswers;
  readonly log: Log;
  readonly metrics: Pick<PowertoolsMetrics, 'signInRefused'>;
}

/**
 * Whether the answer is the code that was sent, in time, for the first time, and by a user who may still answer. Unknown users, and codes
 * that nobody was sent, take the same way through the table.
 *
 * While the table cannot be asked, no answer is right.
 *
 * @param now ms of the Unix epoch
 * @throws ConfigurationError if there is no configuration
 */
export async function verifyAnswer(
  { configuration, answers, log, metrics }: VerifyOptions,
  event: VerifyEvent,
  now: number,
) {
  const { hashKey } = await configuration.get();
  const hash = keyedHash(hashKey);
  const { challengeAnswer, privateChallengeParameters: parameters, userNotFound } = event.request;
  const code = codeFromText(parameters?.['code']) ?? newCode(now);
  const given = typedDigits(challengeAnswer);
  const user = userKey(hash, event);
  const right = isAnswer(given, code, now) && userNotFound !== true;
  const named = answerOf(hash, String(parameters?.['id'] ?? ''), given, `${code.digits}-${code.expiresAt}`);
  const refuse = (reason: SignInRefusal) => {
    metrics.signInRefused(reason);
    return { answerCorrect: false };
  };

  const judged = await answers
    .judge(user, { ...named, right }, now, timeoutSignal(TABLE_TIMEOUT_MS))
    .catch((error: unknown) => log.error('answer refused', error, { reason: 'table_unavailable' }));
  if (!judged) {
    return refuse('table_unavailable');
  }
  if (judged.refused) {
    const reason = REASONS[judged.refused];
    log.warn('answer refused', { reason, user });
    return refuse(reason);
  }
  return { answerCorrect: judged.right };
}

const REASONS = {
  hour: 'wrong_answers_hour',
  day: 'wrong_answers_day',
  code: 'wrong_answers_code',
  used: 'code_used',
} as const satisfies Record<string, SignInRefusal>;
