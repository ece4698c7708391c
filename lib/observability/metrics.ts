import { Metrics } from '@aws-lambda-powertools/metrics';
import type { GuardPart } from '../guard/verdict.ts';
import type { Outcome } from '../outcome.ts';

/** Metric names by outcome. */
const NAMES = {
  accepted: 'Accepted',
  duplicate: 'Duplicate',
  refused: 'Refused',
  failed: 'Failed',
  unknown: 'Unknown',
} as const satisfies Record<Outcome['status'], string>;

/** What is counted of each message. */
export interface MessageMetrics {
  /** Counts a message by its outcome. @param skipped parts of the guard that could not be asked */
  count(outcome: Outcome, skipped: readonly GuardPart[]): void;
}

/** What is counted of each delivery report. */
export interface ReportMetrics {
  /** Counts a report. @param effect `changed`, or why it changed nothing */
  report(effect: string): void;
}

/** What is counted of each command of the queue that was not sent at once. */
export interface QueueMetrics {
  /** Counts a command that goes back, or to the dead-letter queue. */
  command(fate: 'CommandRetried' | 'CommandDeadLettered', reason: string): void;
}

/** What is measured of each change of a delivery. */
export interface DeliveryMetrics {
  /**
   * Counts a change by country and sender.
   *
   * @param name `DeliveryAccepted`, `Delivered`, ...
   * @param seconds from sending to this change
   * @param cost roubles
   */
  delivery(
    name: string,
    by: { readonly country: string | undefined; readonly senderName: string | undefined },
    measures: { readonly seconds?: number | undefined; readonly cost?: number | undefined },
  ): void;
}

/** What is measured of the account, by what it depends on. */
export interface AccountMetrics {
  /**
   * Writes values by service, and once more by dimensions.
   *
   * @param values by name: `Balance`
   * @param by dimensions: `Gate`, `Reason`, `Operator`
   */
  measure(values: Readonly<Record<string, number>>, by?: Readonly<Record<string, string>>): void;
}

/** Units of metrics that are no counts. */
const UNITS: Readonly<Record<string, 'Seconds' | 'Milliseconds'>> = {
  DeliveryTime: 'Seconds',
  ConfigurationAge: 'Seconds',
  GateTime: 'Milliseconds',
};

/**
 * Metrics in CloudWatch's embedded format (EMF), namespace `SmsAero`, each by `service` and once more by what else there is: a line of its
 * own, so that the sum over all needs no search expression.
 *
 * - `Accepted`, `Duplicate`, `Refused`, `Failed`, `Unknown`: messages; by `Reason` where there is one. `GuardSkipped`.
 * - `CommandRetried`, `CommandDeadLettered`: commands of the queue, by `Reason`.
 * - `Report`: delivery reports, by `Effect`.
 * - `DeliveryAccepted`, `Delivered`, `Undelivered`, `Rejected`: deliveries, by `Country` and `Sender`; with `DeliveryTime` (s) and
 *   `DeliveryCost` (roubles).
 * - Of the account, every quarter of an hour: `Balance`, `SpentLastDay` (roubles), `DaysLeft`; `GateReached` (0 or 1) and `GateTime` (ms), by
 *   `Gate`; `AccountRefused` (0 or 1), by `Reason`; `SenderNameUsable` (0 or 1); `OperatorApproves` (0 or 1), by `Operator`;
 *   `ConfigurationAge` (s), `ConfigurationUnusable` (0 or 1). What could not be learned is not there.
 */
export class PowertoolsMetrics
  implements MessageMetrics, ReportMetrics, QueueMetrics, DeliveryMetrics, AccountMetrics
{
  readonly #metrics = new Metrics({
    namespace: 'SmsAero',
    serviceName: process.env['POWERTOOLS_SERVICE_NAME'] ?? 'smsaero',
  });

  count(outcome: Outcome, skipped: readonly GuardPart[]): void {
    const name = NAMES[outcome.status];
    if (skipped.length > 0) {
      this.#metrics.addMetric('GuardSkipped', 'Count', 1);
    }
    const limit = 'limit' in outcome && outcome.limit ? `_${outcome.limit}` : '';
    this.#publish({ [name]: 1 }, 'reason' in outcome ? { Reason: `${outcome.reason}${limit}` } : {});
  }

  report(effect: string): void {
    this.#publish({ Report: 1 }, { Effect: effect });
  }

  command(fate: 'CommandRetried' | 'CommandDeadLettered', reason: string): void {
    this.#publish({ [fate]: 1 }, { Reason: reason });
  }

  delivery(
    ...[name, { country, senderName }, { seconds, cost }]: Parameters<DeliveryMetrics['delivery']>
  ): void {
    const values = {
      [name]: 1,
      ...(seconds === undefined ? {} : { DeliveryTime: seconds }),
      ...(cost === undefined ? {} : { DeliveryCost: cost }),
    };
    this.#publish(values, { Country: country ?? 'unknown', Sender: senderName ?? 'unknown' });
  }

  measure(values: Readonly<Record<string, number>>, by: Readonly<Record<string, string>> = {}): void {
    this.#publish(values, by);
  }

  /** Publishes values by service alone, and once more by dimensions if there are any. */
  #publish(values: Readonly<Record<string, number>>, dimensions: Readonly<Record<string, string>>): void {
    for (const by of Object.keys(dimensions).length > 0 ? [{}, dimensions] : [{}]) {
      this.#metrics.addDimensions(by);
      for (const [name, value] of Object.entries(values)) {
        this.#metrics.addMetric(name, UNITS[name] ?? 'Count', value);
      }
      this.#metrics.publishStoredMetrics();
    }
  }
}
