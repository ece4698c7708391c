import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { timeoutSignal } from '../abort.ts';
import { type DeliveryEvent, EVENT_SOURCE } from './events.ts';

/** The most that EventBridge takes in one call. */
const BATCH = 10;

/** Tries of entries that EventBridge refuses one by one, and the pause before the next, in ms; the SDK itself repeats whole calls. */
const TRIES = 3;
const PAUSE = 200;

/** Time for a call with its repeats, in ms: three of them end within the function's 30 s. */
const TIMEOUT = 5_000;

/** Publishes events on an EventBridge bus. */
export class EventPublisher {
  readonly #client = new EventBridgeClient({});
  readonly #bus: string;

  /** @param bus name or ARN */
  constructor(bus: string) {
    this.#bus = bus;
  }

  /**
   * Publishes events in their order, ten a call. Ends with the call that fails in part: who reads a stream begins again at its first failure,
   * and what comes after it would only be published twice.
   *
   * @param end when the function's time is over, in ms of the Unix epoch: what cannot be tried by then is left
   * @returns those that were not published, with an error code each
   */
  async publish(
    events: readonly DeliveryEvent[],
    end = Number.POSITIVE_INFINITY,
  ): Promise<Map<DeliveryEvent, string>> {
    const notTried = (from: number) => events.slice(from).map((event) => [event, 'NotTried'] as const);
    for (let start = 0; start < events.length; start += BATCH) {
      if (Date.now() + TRIES * TIMEOUT > end) {
        return new Map(notTried(start));
      }
      const failed = await this.#publishBatch(events.slice(start, start + BATCH));
      if (failed.size > 0) {
        return new Map([...failed, ...notTried(start + BATCH)]);
      }
    }
    return new Map();
  }

  async #publishBatch(batch: readonly DeliveryEvent[]): Promise<Map<DeliveryEvent, string>> {
    let left = batch;
    for (let tries = 1; ; tries += 1) {
      const failed = await this.#put(left);
      if (failed.size === 0 || tries === TRIES) {
        return failed;
      }
      left = [...failed.keys()];
      await sleep(PAUSE * tries);
    }
  }

  async #put(events: readonly DeliveryEvent[]): Promise<Map<DeliveryEvent, string>> {
    const command = new PutEventsCommand({
      Entries: events.map(({ type, detail }) => ({
        EventBusName: this.#bus,
        Source: EVENT_SOURCE,
        DetailType: type,
        Detail: JSON.stringify(detail),
        Time: new Date(detail.at),
      })),
    });
    try {
      const { Entries = [] } = await this.#client.send(command, {
        abortSignal: timeoutSignal(TIMEOUT),
      });
      return new Map(
        events.flatMap((event, index) => {
          const code = Entries[index]?.EventId ? undefined : (Entries[index]?.ErrorCode ?? 'NoEventId');
          return code === undefined ? [] : [[event, code]];
        }),
      );
    } catch (error) {
      const code = error instanceof Error ? error.name : 'unknown';
      return new Map(events.map((event) => [event, code]));
    }
  }
}
