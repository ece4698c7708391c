import type { Deliveries, Recordable } from '../delivery/deliveries.ts';
import { deliveryIdFor } from '../delivery/delivery-id.ts';
import type { Log } from '../observability/logger.ts';
import type { QueueMetrics } from '../observability/metrics.ts';
import { GENERIC } from '../templates/template.ts';
import { pauseBefore } from './backoff.ts';
import type { Command } from './command.ts';
import type { CommandQueue, QueuedMessage } from './command-queue.ts';
import { FIRST_SENT, firstSentAtOf } from './first-sent.ts';

/**
 * Tries of a command, whatever its life: with an hour between them the four days that the queue keeps it. The queue itself gives up
 * after 110, without a word (infra/queue.yml).
 */
const MAX_TRIES = 100;

/** Time for a record of what was not sent, in ms. */
const RECORD_TIMEOUT = 2_000;

/** The message goes back to the queue: Lambda is told that it failed. */
export class GoesBack extends Error {
  override readonly name = 'GoesBack';
}

/** What {@link Fates} need. */
export interface FatesOptions {
  readonly queue: Pick<CommandQueue, 'hide' | 'putAside'>;
  readonly deliveries: Pick<Deliveries, 'record'> | undefined;
  readonly log: Log;
  readonly metrics: QueueMetrics;
}

/** Why a command is tried again, and when that makes sense, in s. */
export interface Passing {
  readonly reason: string;
  readonly retryAfter?: number | undefined;
}

/** What becomes of a command that is not sent now: it goes back to the queue, or is put aside for a person. */
export class Fates {
  readonly #options: FatesOptions;

  constructor(options: FatesOptions) {
    this.#options = options;
  }

  /**
   * Puts a message into the dead-letter queue.
   *
   * @param details further attributes: what was wrong, never a value
   * @throws GoesBack if that queue cannot be reached
   */
  async putAside(
    message: QueuedMessage,
    reason: string,
    command?: Command,
    details: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const { queue, log, metrics } = this.#options;
    const tries = message.attributes.ApproximateReceiveCount;
    const attributes = {
      Reason: reason,
      Tries: tries,
      [FIRST_SENT]: String(firstSentAtOf(message)),
      ...details,
    };
    await queue.putAside(message, attributes).catch((error: unknown) => {
      log.error('command not put aside', error, { reason });
      throw new GoesBack('The dead-letter queue cannot be reached');
    });
    metrics.command('CommandDeadLettered', reason);
    const { messageId: queueMessageId } = message;
    log.warn('command put aside', {
      reason,
      tries: Number(tries),
      queueMessageId,
      ...nameOf(command),
      ...details,
    });
  }

  /**
   * Lets a message come again after a pause; puts it aside if it would come too late.
   *
   * @param expiresAt ms of the Unix epoch
   * @throws GoesBack unless it is put aside
   */
  async goBack(
    message: QueuedMessage,
    command: Command,
    { reason, retryAfter }: Passing,
    expiresAt: number,
  ): Promise<void> {
    const { queue, log, metrics } = this.#options;
    const tries = Number(message.attributes.ApproximateReceiveCount);
    const pause = tries < MAX_TRIES ? pauseBefore(tries, retryAfter, expiresAt, Date.now()) : undefined;
    if (pause === undefined) {
      const why = tries < MAX_TRIES ? 'expired' : 'tries_exhausted';
      await this.giveUp(message, why, command, reason, { LastReason: reason });
      return;
    }
    // If it cannot be hidden it comes back after the queue's own time, which is as good.
    await queue.hide(message, pause).catch((error: unknown) => log.error('command not hidden', error));
    metrics.command('CommandRetried', reason);
    log.info('command goes back', { reason, pause, tries, ...nameOf(command) });
    throw new GoesBack(`The message was not sent: ${reason}`);
  }

  /**
   * Puts a command aside whose end nobody else records: the record first, so that who gave it hears of it in any case.
   *
   * @param why the dead letter's reason
   * @param reason that of the record: what kept it from being sent
   * @throws GoesBack if one of both cannot be written
   */
  async giveUp(
    message: QueuedMessage,
    why: string,
    command: Command,
    reason = why,
    details: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    await this.record(message, command, { status: 'failed', reason });
    await this.putAside(message, why, command, details);
  }

  /**
   * Records the end of a command that left no record of its own on its way; once, however often the message comes.
   *
   * @param deliveryId the delivery that it is of, if one is known
   * @throws GoesBack if it cannot be written
   */
  async record(
    { messageId, attributes }: QueuedMessage,
    { source, id, data }: Command,
    end: Recordable,
    deliveryId = deliveryIdFor(Number(attributes.SentTimestamp), messageId),
  ): Promise<void> {
    const { deliveries } = this.#options;
    const details = { platform: 'queue', usageType: data.type ?? GENERIC, command: { source, id } };
    const deadline = Date.now() + RECORD_TIMEOUT;
    if (deliveries && !(await deliveries.record(deliveryId, end, details, false, deadline))) {
      throw new GoesBack('The record cannot be written');
    }
  }
}

/** The fields by which a log names a command. */
export function nameOf(command: Command | undefined): { source?: string; id?: string } {
  return command ? { source: command.source, id: command.id } : {};
}
