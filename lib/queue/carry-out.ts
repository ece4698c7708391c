import { ConfigurationError } from '../config/parameters.ts';
import { isRetryable, type NotSent, type Outcome, type SentOutcome } from '../message/outcome.ts';
import type { SendSms } from '../message/send-sms.ts';
import { fingerprintOf, messageOf } from '../message/sms-command.ts';
import { type Command, expiryOf, readCommand } from './command.ts';
import type { QueuedMessage } from './command-queue.ts';
import {
  type CommandResultsOptions,
  commandResults,
  nameOf,
  type Retryable,
  RetryLaterError,
} from './results.ts';

/** Nobody waits for the answer, so SMS Aero may take its time: a late answer is better than an unknown outcome. In ms. */
const SEND_TIMEOUT_MS = 8_000;

/** A message is begun only while the function has this long, in ms: less would cut its answer off. */
const LEAST_TIME_MS = 2_500;

/** How long a command is kept past its expiry while nobody can say whether it was sent, in ms. */
const CLARIFY_TIME_MS = 3_600_000;

/** How long a command that comes again is recognised, in s: longer than the day that it may live. */
export const IDEMPOTENCY_TTL_S = 2 * 86_400;

/** A message that was begun before its expiry gets this long for its answer, in ms: what was written has been sent, in time or not. */
const ANSWER_TIME_MS = 3_000;

export interface CarryOutOptions extends CommandResultsOptions {
  readonly sendSms: SendSms;
}

/**
 * Makes the use case of the queue: one message of the queue, one SMS, or the reason why not.
 *
 * - accepted, duplicate: done.
 * - unknown: recorded and done; it may have been sent.
 * - not sent for a retryable reason (no gate, money, key, a limit, configuration): tried again later, until it expires.
 * - what can never succeed (not a command, expired, not a mobile number, rejected): to the dead-letter queue with its reason, and recorded.
 *
 * @returns a function that takes a message and the end of the function's time (ms of the Unix epoch); it resolves when the queue may
 *   forget the message
 * @throws RetryLaterError if the message is to come again; any other error comes again as well, after the queue's visibility time-out
 */
export function createCarryOut({ sendSms, ...options }: CarryOutOptions) {
  const { log } = options;
  const results = commandResults(options);

  async function carryOut(message: QueuedMessage, end: number): Promise<void> {
    const now = Date.now();
    const { command, problems } = readCommand(message.body, now);
    if (!command) {
      const Fields = problems.map(({ path, code }) => `${path || '(body)'} ${code}`).join(', ');
      return results.moveToDeadLetters(message, 'invalid_command', undefined, { Fields });
    }
    const expiresAt = expiryOf(command);
    const isExpired = now >= expiresAt;
    const mayBeRepeat = Number(message.attributes.ApproximateReceiveCount) > 1;
    // Past its expiry a command is kept until the guard can say whether it was sent before.
    const until = isExpired || mayBeRepeat ? Math.max(expiresAt, now + CLARIFY_TIME_MS) : expiresAt;
    if (end - now < LEAST_TIME_MS) {
      return results.retryLater(message, command, { reason: 'no_time' }, until);
    }
    const latest = isExpired ? now : Math.max(expiresAt, now + ANSWER_TIME_MS);
    const outcome = await send(command, expiresAt, Math.min(now + SEND_TIMEOUT_MS, end, latest));
    if ('retryable' in outcome) {
      return results.retryLater(message, command, outcome.retryable, until);
    }
    if (outcome.status === 'refused' || outcome.status === 'failed') {
      return notSent(message, command, outcome, outcome.reason === 'guard_unavailable' ? until : expiresAt);
    }
    return sent(message, command, outcome.status === 'duplicate' ? outcome.of : outcome);
  }

  /** A message that was sent, now or before, or may have been. */
  async function sent(message: QueuedMessage, command: Command, first: SentOutcome): Promise<void> {
    const isPending = first.status === 'unknown' && first.pending;
    if (isPending || first.recorded === false) {
      // It is known to the guard: when it comes again, its record is written and nothing is sent.
      const reason = isPending ? 'in_flight' : 'not_recorded';
      return results.retryLater(message, command, { reason }, Date.now() + CLARIFY_TIME_MS);
    }
  }

  async function notSent(message: QueuedMessage, command: Command, outcome: NotSent, until: number) {
    const isLater: boolean = outcome.reason === 'rate_exceeded' || isRetryable(outcome);
    if (isLater) {
      return results.retryLater(message, command, outcome, until);
    }
    await (outcome.status === 'refused'
      ? results.giveUp(message, command, outcome.reason)
      : results.moveToDeadLetters(message, outcome.reason, command)); // a failure at SMS Aero has its record
  }

  async function send(
    command: Command,
    expiresAt: number,
    deadline: number,
  ): Promise<Outcome | { retryable: Retryable }> {
    const { source, id, data } = command;
    const { expiresAt: _, ...asked } = data;
    try {
      return await sendSms({
        platform: 'queue',
        ...messageOf(data),
        // A command that is sent again with another expiry is still the same.
        idempotency: {
          key: JSON.stringify([source, id]),
          ttlS: IDEMPOTENCY_TTL_S,
          fingerprint: fingerprintOf(asked),
        },
        command: { source, id },
        retried: true,
        guardRequired: true,
        expiresAt,
        deadline,
      });
    } catch (error) {
      log.error('command not carried out', error, nameOf(command));
      return { retryable: { reason: error instanceof ConfigurationError ? error.code : 'internal_error' } };
    }
  }

  return async (message: QueuedMessage, end: number): Promise<void> => {
    try {
      await carryOut(message, end);
    } catch (error) {
      if (!(error instanceof RetryLaterError)) {
        log.error('message not handled', error, { queueMessageId: message.messageId });
      }
      throw error;
    }
  };
}
