import type { Deliveries, Recordable } from '../delivery/deliveries.ts';
import { newDeliveryId } from '../delivery/delivery-id.ts';
import type { Log } from '../observability/logger.ts';
import type { QueueMetrics } from '../observability/metrics.ts';
import { GENERIC } from '../templates/template.ts';
import { pauseBefore } from './backoff.ts';
import type { Command } from './command.ts';
import type { CommandQueue, QueuedMessage } from './command-queue.ts';

/** Tries of a command, whatever its life: the queue itself gives up after 12, without a word. */
const MAX_TRIES = 10;

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
    await queue.putAside(message, { Reason: reason, Tries: tries, ...details }).catch((error: unknown) => {
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
      await this.putAside(message, tries < MAX_TRIES ? 'expired' : 'tries_exhausted', command, {
        LastReason: reason,
      });
      await this.record(command, { status: 'failed', reason });
      return;
    }
    // If it cannot be hidden it comes back after the queue's own time, which is as good.
    await queue.hide(message, pause).catch((error: unknown) => log.error('command not hidden', error));
    metrics.command('CommandRetried', reason);
    log.info('command goes back', { reason, pause, tries, ...nameOf(command) });
    throw new GoesBack(`The message was not sent: ${reason}`);
  }

  /** Records the end of a command that left no record of its own on its way, so that who gave it hears of it. */
  async record({ source, id, data }: Command, end: Recordable): Promise<void> {
    const details = { platform: 'queue', usageType: data.type ?? GENERIC, command: { source, id } };
    const now = Date.now();
    await this.#options.deliveries?.record(newDeliveryId(now), end, details, false, now + RECORD_TIMEOUT);
  }
}

/** The fields by which a log names a command. */
export function nameOf(command: Command | undefined): { source?: string; id?: string } {
  return command ? { source: command.source, id: command.id } : {};
}
