import type { Deliveries } from '../delivery/deliveries.ts';
import { deliveryIdFor } from '../delivery/delivery-id.ts';
import { ServiceError } from '../errors.ts';
import type { Log } from '../observability/logger.ts';
import type { PowertoolsMetrics } from '../observability/metrics.ts';
import { GENERIC } from '../templates/template.ts';
import type { Command } from './command.ts';
import type { CommandQueue, QueuedMessage } from './command-queue.ts';

const SECOND_MS = 1_000;

/** The first pause, how much longer each following one is, and the longest. */
const FIRST_PAUSE_MS = 5 * SECOND_MS;
const PAUSE_FACTOR = 3;
const LONGEST_PAUSE_MS = 3_600 * SECOND_MS;

/** A message is not begun later than this before the command expires, in ms: SMS Aero takes a second at times. */
const LEAST_SEND_TIME_MS = 2 * SECOND_MS;

/** Time for a record of what was not sent, in ms. */
const RECORD_TIMEOUT_MS = 2_000;

/** The message stays in the queue: Lambda is told that it failed. */
export class RetryLaterError extends ServiceError {
  override readonly name = 'RetryLaterError';
}

export interface CommandResultsOptions {
  readonly queue: Pick<CommandQueue, 'hide' | 'moveToDeadLetters'>;
  readonly deliveries: Pick<Deliveries, 'record'> | undefined;
  readonly log: Log;
  readonly metrics: Pick<PowertoolsMetrics, 'command'>;
}

/** Why a command is tried again, and when that makes sense, in s. */
export interface Retryable {
  readonly reason: string;
  readonly retryAfter?: number | undefined;
}

/**
 * When a command is tried again: after 5, 15, 45, 135, 405, 1,215, then 3,600 s, each up to a quarter less so that commands which failed
 * together do not come back together; not before `retryAfter`; and the last time just before it expires.
 *
 * @param tries how often it has been tried
 * @param retryAfter s, if somebody said when another try makes sense
 * @param expiresAt ms of the Unix epoch
 * @param now ms of the Unix epoch
 * @param chance a number in [0, 1)
 * @returns whole seconds, at least 1; undefined if no try is left before it expires
 */
export function pauseBefore(
  tries: number,
  retryAfter: number | undefined,
  expiresAt: number,
  now: number,
  chance = Math.random(),
): number | undefined {
  const usual = Math.min(FIRST_PAUSE_MS * PAUSE_FACTOR ** (tries - 1), LONGEST_PAUSE_MS) * (1 - chance / 4);
  const earliest = (retryAfter ?? 0) * SECOND_MS;
  const latest = expiresAt - LEAST_SEND_TIME_MS - now;
  if (latest < Math.max(SECOND_MS, earliest)) {
    return undefined;
  }
  // Up to an hour at once: a limit that says "in five hours" may have been raised by then.
  const pause = Math.min(Math.max(usual, Math.min(earliest, LONGEST_PAUSE_MS)), latest);
  return Math.max(1, Math.floor(pause / SECOND_MS));
}

/** What happens to a command that is not sent now: it is tried again later, or moved to the dead-letter queue. */
export function commandResults({ queue, deliveries, log, metrics }: CommandResultsOptions) {
  /**
   * Moves a message to the dead-letter queue.
   *
   * @param details further attributes: what was wrong, never a value
   * @throws RetryLaterError if that queue cannot be reached
   */
  async function moveToDeadLetters(
    message: QueuedMessage,
    reason: string,
    command?: Command,
    details: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const tries = message.attributes.ApproximateReceiveCount;
    const attributes = { Reason: reason, Tries: tries, ...details };
    await queue.moveToDeadLetters(message, attributes).catch((error: unknown) => {
      log.error('command not moved to dead-letter queue', error, { reason });
      throw new RetryLaterError('The dead-letter queue cannot be reached');
    });
    metrics.command('CommandDeadLettered', reason);
    const { messageId: queueMessageId } = message;
    log.warn('command moved to dead-letter queue', {
      reason,
      tries: Number(tries),
      queueMessageId,
      ...nameOf(command),
      ...details,
    });
  }

  /**
   * Moves a command to the dead-letter queue that has no record of its outcome: the record first, so that whoever sent it is notified in any
   * case; once, however often the message comes.
   *
   * @param reason what kept it from being sent
   * @throws RetryLaterError if one of both cannot be written
   */
  async function giveUp(message: QueuedMessage, command: Command, reason: string, isExpired = false) {
    const { messageId, attributes } = message;
    const { source, id, data } = command;
    const deliveryId = deliveryIdFor(Number(attributes.SentTimestamp), messageId);
    const outcome = { status: 'failed', reason } as const;
    const details = { platform: 'queue', usageType: data.type ?? GENERIC, command: { source, id } };
    const deadline = Date.now() + RECORD_TIMEOUT_MS;
    if (deliveries && !(await deliveries.record(deliveryId, outcome, details, false, deadline))) {
      throw new RetryLaterError('The record cannot be written');
    }
    await (isExpired
      ? moveToDeadLetters(message, 'expired', command, { LastReason: reason })
      : moveToDeadLetters(message, reason, command));
  }

  /**
   * Lets a message be tried again after a pause; gives it up if that would be too late.
   *
   * @param expiresAt ms of the Unix epoch
   * @throws RetryLaterError unless it is given up
   */
  async function retryLater(
    message: QueuedMessage,
    command: Command,
    { reason, retryAfter }: Retryable,
    expiresAt: number,
  ): Promise<void> {
    const tries = Number(message.attributes.ApproximateReceiveCount);
    const pause = pauseBefore(tries, retryAfter, expiresAt, Date.now());
    if (pause === undefined) {
      return giveUp(message, command, reason, true);
    }
    // If it cannot be hidden it comes back after the queue's visibility time-out, which is as good.
    await queue.hide(message, pause).catch((error: unknown) => log.error('command not hidden', error));
    metrics.command('CommandRetried', reason);
    log.info('command retried later', { reason, pause, tries, ...nameOf(command) });
    throw new RetryLaterError(`The message was not sent: ${reason}`);
  }

  return { moveToDeadLetters, giveUp, retryLater };
}

/** The fields by which a log names a command. */
export function nameOf(command: Command | undefined): { source?: string; id?: string } {
  return command ? { source: command.source, id: command.id } : {};
}
