import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { COMPLETION_TIMEOUT_MS, orAbort, timeoutSignal } from '../../abort.ts';
import type { Configuration } from '../../config/configuration.ts';
import { keyedHash } from '../../derived-key.ts';
import { textOf } from '../../json.ts';
import { isRetryable, type Outcome } from '../../message/outcome.ts';
import { parseRecipient } from '../../message/recipient.ts';
import type { SendSms } from '../../message/send-sms.ts';
import type { Log } from '../../observability/logger.ts';
import type { PowertoolsMetrics, SignInRefusal } from '../../observability/metrics.ts';
import { maskPhone } from '../../observability/redact.ts';
import { type Code, codeFromText, codeToText, newCode } from './code.ts';
import { type CreateEvent, CUSTOM_CHALLENGE } from './events.ts';
import type { SharedCodes } from './shared-codes.ts';
import { userKey, type WrongAnswers } from './wrong-answers.ts';

/**
 * How long the same question gets the same code, in ms. Cognito calls again after 5 s, up to three times in all; and somebody who starts
 * anew before the next message may be sent (30 s) can use the code that is on its way.
 */
export const SAME_CODE_MS = 30_000;

/** How long the message of a code is recognised, in s: longer than the code is shared. */
const MESSAGE_TTL_S = 60;

/** Time for the table by default, in ms: a third of what there is from the question to the answer. */
const TABLE_TIMEOUT_MS = 700;

/** What is left between the end of the send and the answer, in ms, to write the outcome down. */
const RECORD_TIME_MS = COMPLETION_TIMEOUT_MS + 100;

/** What Cognito is given: what the client sees, what `Verify` sees, what the next `Create` sees. */
export interface CreateResponse {
  readonly publicChallengeParameters: { readonly phone: string };
  /** `id` tells challenges of the same code apart. */
  readonly privateChallengeParameters: { readonly code: string; readonly id: string };
  readonly challengeMetadata: string;
}

/** A name that is a number of any kind, also one that no SMS is sent to: in a pool whose names are phones it is the user's. */
const E164 = /^\+\d{7,15}$/;

export interface CreateOptions {
  readonly configuration: { get(): Promise<Configuration> };
  readonly sendSms: SendSms;
  /** Where a code is found again by a repeat. */
  readonly codes: SharedCodes;
  readonly answers: WrongAnswers;
  /** ISO 3166 codes of allowed countries. */
  readonly countries: readonly string[];
  /** Time from the question to the answer of every challenge that might send, in ms; 0 for as soon as possible. */
  readonly answerTime: number;
  /** Time for the table, in ms. Default: 700. */
  readonly tableTime?: number;
  /** Waits until a time, in ms of the Unix epoch. */
  readonly wait?: (until: number) => Promise<unknown>;
  readonly log: Log;
  readonly metrics: Pick<PowertoolsMetrics, 'signInRefused'>;
}

/** Why nothing is sent, before the path of a message begins. */
type Obstacle =
  | Exclude<SignInRefusal, 'wrong_answers_code' | 'code_used'>
  | 'user_not_found'
  | 'no_phone'
  | 'phone_not_verified';

/**
 * Makes a challenge: a code, sent by SMS.
 *
 * After a wrong answer the code stays the same and nothing is sent. A repeat of the same question, also in another process, gets the
 * same code and sends nothing. Whatever keeps the code from being sent, the answer has the same shape and comes at the same time; a code that
 * is not known to have been sent is marked so, and no answer to it is right.
 *
 * @throws ConfigurationError if there is no configuration
 */
export async function createChallenge(
  options: CreateOptions,
  event: CreateEvent,
  deadline: number,
): Promise<CreateResponse> {
  const startedAt = Date.now();
  const { hashKey } = await options.configuration.get();
  const asked = event.request.session?.at(-1)?.challengeMetadata;
  const pending = codeFromText(asked);
  const code =
    pending && pending.expiresAt > Date.now()
      ? pending
      : await newChallenge(options, hashKey, event, startedAt, deadline);
  const text = codeToText(code);
  const phone = textOf(event.request.userAttributes?.['phone_number']);
  return {
    publicChallengeParameters: { phone: shownPhone(phone, event.userName ?? '', hashKey, options.countries) },
    privateChallengeParameters: { code: text, id: randomUUID() },
    challengeMetadata: text,
  };
}

/** A code for a new question; not before its time, so that nobody learns from it whether one was sent. */
async function newChallenge(
  options: CreateOptions,
  hashKey: string,
  event: CreateEvent,
  startedAt: number,
  deadline: number,
): Promise<Code> {
  const { answerTime, wait = (until) => sleep(Math.max(0, until - Date.now())) } = options;
  const answerAt = startedAt + answerTime;
  const sendUntil = answerTime > 0 ? Math.min(deadline, answerAt - RECORD_TIME_MS) : deadline;
  try {
    const { code, obstacle, user } = await prepare(options, hashKey, event);
    if (obstacle) {
      noteObstacle(options, obstacle, user, textOf(event.request.userAttributes?.['phone_number']));
      return code;
    }
    const sent = isSent(options, event, code, sendUntil);
    if (answerTime === 0) return { ...code, sent: await sent };
    // Also where the table keeps a release waiting: who is answered late exists. The work goes on without anybody waiting.
    const inTime = timeoutSignal(Math.max(0, answerAt - Date.now()));
    return { ...code, sent: await orAbort(sent, inTime).catch(() => false) };
  } finally {
    await wait(answerAt);
  }
}

/** The code of a question, and what keeps it from being sent. The table is asked the same for everybody. */
async function prepare(
  { codes, answers, log, tableTime = TABLE_TIMEOUT_MS }: CreateOptions,
  hashKey: string,
  event: CreateEvent,
): Promise<{ code: Code; obstacle: Obstacle | undefined; user: string }> {
  const now = Date.now();
  const proposed = newCode(now);
  const user = userKey(keyedHash(hashKey), event);
  const question = questionOf(event);
  try {
    const signal = timeoutSignal(tableTime);
    const [code, reached] = await Promise.all([
      codes.share(hashKey, question, proposed, SAME_CODE_MS, signal),
      answers.reached(user, now, signal),
    ]);
    return { code, obstacle: reached ? `wrong_answers_${reached}` : obstacleOf(event), user };
  } catch (error) {
    log.error('code not sent', error, { reason: 'table_unavailable' });
    return { code: proposed, obstacle: 'table_unavailable', user };
  }
}

/** What a question and its repeats have in common. */
function questionOf({ userPoolId, userName, request }: CreateEvent): string[] {
  const { session, userAttributes } = request;
  return [
    userPoolId,
    userName ?? '',
    textOf(userAttributes?.['phone_number']) ?? '',
    // Of our challenges only: the iOS SDK puts a step of Cognito's before them.
    String(session?.filter(({ challengeName }) => challengeName === CUSTOM_CHALLENGE).length ?? 0),
    session?.at(-1)?.challengeMetadata ?? '',
  ];
}

function obstacleOf({ request }: CreateEvent): Obstacle | undefined {
  const { phone_number: phone, phone_number_verified: verified } = request.userAttributes ?? {};
  if (request.userNotFound === true) return 'user_not_found';
  if (textOf(phone) === undefined) return 'no_phone';
  // Attributes that an import or another trigger wrote are found as "True" and "TRUE" too.
  return String(verified).trim().toLowerCase() === 'true' ? undefined : 'phone_not_verified';
}

/** Writes why nothing is sent, without the name. */
function noteObstacle(
  { log, metrics }: CreateOptions,
  reason: Obstacle,
  user: string,
  phone: string | undefined,
): void {
  const isLimit = reason === 'wrong_answers_hour' || reason === 'wrong_answers_day';
  const isUnavailable = reason === 'table_unavailable'; // logged with its error
  const fields = { reason, user, recipient: phone && maskPhone(phone) };
  if (!isUnavailable) log[isLimit ? 'warn' : 'info']('code not sent', fields);
  if (isLimit || isUnavailable) metrics.signInRefused(reason);
}

/** Sends a code. @returns whether SMS Aero took it, now or for the same question before */
async function isSent(
  { sendSms, log }: CreateOptions,
  event: CreateEvent,
  code: Code,
  deadline: number,
): Promise<boolean> {
  const { clientMetadata, userAttributes } = event.request;
  const recipient = textOf(userAttributes?.['phone_number']) ?? '';
  try {
    const outcome: Outcome = await sendSms({
      platform: 'cognito',
      recipient,
      usageType: 'SignIn',
      locale: textOf(clientMetadata?.['locale']) ?? textOf(userAttributes?.['locale']),
      variables: { code: code.digits, username: event.userName ?? '', user: userAttributes ?? {} },
      idempotency: {
        key: JSON.stringify([event.userPoolId, event.userName, recipient, codeToText(code)]),
        ttlS: MESSAGE_TTL_S,
      },
      guardRequired: true,
      deadline,
    });
    if (isRetryable(outcome)) {
      // Nobody is told: an error for people who exist would tell them from those who do not.
      log.error('code not sent', new Error('No code can be sent now'), { reason: outcome.reason });
    }
    const first = outcome.status === 'duplicate' ? outcome.of : outcome;
    return first.status === 'accepted';
  } catch (error) {
    log.error('code not sent', error, { reason: 'error' });
    return false;
  }
}

/**
 * What a caller is shown of the phone: its last two digits. An unknown user's are made up, always the same for the same name in any case; a
 * name that is a phone number shows its last two.
 *
 * @param phone E.164; undefined for a user without one
 */
export function shownPhone(
  phone: string | undefined,
  user: string,
  hashKey: string,
  countries: readonly string[],
): string {
  const number = phone ?? (E164.test(user) ? user : parseRecipient(user, countries)?.number);
  const made = Buffer.from(keyedHash(hashKey)('decoy', user.toLowerCase())).readUInt32LE(6) % 100;
  return `•••••••••${number?.slice(-2) ?? String(made).padStart(2, '0')}`;
}
