import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { timeoutSignal } from '../abort.ts';
import { AwsClient, environmentSettings } from '../aws-client.ts';
import { type DeliveryEvent, EVENT_SOURCE } from './events.ts';

/** The most that EventBridge takes in one call. */
const BATCH = 10;

/** Attempts at entries that EventBridge refuses one by one, and the pause before the next, in ms. */
const ATTEMPTS = 3;
const PAUSE_MS = 200;

/** EventBridge answers in 20 to 50 ms from Lambda. */
const TIMES = { connectMs: 500, attemptMs: 1_500, firstPauseMs: 50, longestPauseMs: 400 };

/** Time for a call, retries included, in ms: three of them end within the function's 30 s. */
const TIMEOUT_MS = 5_000;

export class EventPublisher {
  readonly #aws = new AwsClient(
    TIMES,
    (settings) => new EventBridgeClient({ ...environmentSettings('EVENTBRIDGE'), ...settings }),
  );
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
      if (Date.now() + ATTEMPTS * TIMEOUT_MS > end) {
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
    for (let attempt = 1; ; attempt += 1) {
      const failed = await this.#put(left);
      if (failed.size === 0 || attempt === ATTEMPTS) {
        return failed;
      }
      left = [...failed.keys()];
      await sleep(PAUSE_MS * attempt);
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
      const { Entries = [] } = await this.#aws.run(
        (client, options) => client.send(command, options),
        timeoutSignal(TIMEOUT_MS),
      );
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
