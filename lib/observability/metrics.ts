import { Metrics } from '@aws-lambda-powertools/metrics';
import type { GuardPart } from '../guard/verdict.ts';
import type { Outcome } from '../outcome.ts';
import type { MetricName, MetricShape, MetricValues } from './metric-names.ts';

/** Metric names by outcome. */
const NAMES = {
  accepted: 'Accepted',
  duplicate: 'Duplicate',
  refused: 'Refused',
  failed: 'Failed',
  unknown: 'Unknown',
} as const satisfies Record<Outcome['status'], MetricName>;

/** Milliseconds of the steps of a message, as its log line has them. */
export type StepTimes = Readonly<
  Partial<
    Record<'config' | 'recipient' | 'template' | 'guard' | 'gateway' | 'find' | 'record' | 'total', number>
  >
>;

/** What is measured of each message. */
export interface MessageMetrics {
  /**
   * Counts a message by its outcome.
   *
   * @param skipped parts of the guard that could not be asked
   * @param ms how long its steps took, measured of a message that was given to the gateway
   */
  count(outcome: Outcome, skipped: readonly GuardPart[], ms: StepTimes): void;
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
   * @param seconds from sending to this change
   * @param cost roubles
   */
  delivery(
    name: 'DeliveryAccepted' | 'Delivered' | 'Undelivered' | 'Rejected',
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
  measure(values: MetricValues, by?: Readonly<Record<string, string>>): void;
}

/** Units of metrics that are no counts. */
const UNITS: Readonly<Partial<Record<string, MetricShape['unit']>>> = {
  DeliveryTime: 'Seconds',
  ConfigurationAge: 'Seconds',
  GateTime: 'Milliseconds',
  ConfigTime: 'Milliseconds',
  GuardTime: 'Milliseconds',
  GatewayTime: 'Milliseconds',
  RecordTime: 'Milliseconds',
  TotalTime: 'Milliseconds',
} satisfies { readonly [Name in MetricName]?: MetricShape['unit'] };

/**
 * Metrics in CloudWatch's embedded format (EMF), namespace `SmsAero`: see `METRICS`. One line has what is measured together, by `service`, and
 * once more by what else there is, so that the sum over all needs no search expression.
 */
export class PowertoolsMetrics
  implements MessageMetrics, ReportMetrics, QueueMetrics, DeliveryMetrics, AccountMetrics
{
  readonly #metrics = new Metrics({
    namespace: 'SmsAero',
    serviceName: process.env['POWERTOOLS_SERVICE_NAME'] ?? 'smsaero',
  });

  count(outcome: Outcome, skipped: readonly GuardPart[], ms: StepTimes): void {
    const { config, guard, gateway, record, total } = ms;
    // The steps are metrics of their own, not one metric by step: a line has one value for each dimension.
    const times: MetricValues = {
      ConfigTime: config,
      GuardTime: guard,
      GatewayTime: gateway,
      RecordTime: record,
      TotalTime: total,
    };
    const limit = 'limit' in outcome && outcome.limit ? `_${outcome.limit}` : '';
    this.measure(
      {
        [NAMES[outcome.status]]: 1,
        GuardSkipped: skipped.length > 0 ? 1 : undefined,
        Segments: outcome.status === 'accepted' ? outcome.segments : undefined,
        ...(gateway === undefined ? {} : times),
      },
      'reason' in outcome ? { Reason: `${outcome.reason}${limit}` } : {},
    );
  }

  report(effect: string): void {
    this.measure({ Report: 1 }, { Effect: effect });
  }

  command(fate: 'CommandRetried' | 'CommandDeadLettered', reason: string): void {
    this.measure({ [fate]: 1 }, { Reason: reason });
  }

  delivery(
    ...[name, { country, senderName }, { seconds, cost }]: Parameters<DeliveryMetrics['delivery']>
  ): void {
    const by = { Country: country ?? 'unknown', Sender: senderName ?? 'unknown' };
    this.measure({ [name]: 1, DeliveryTime: seconds, DeliveryCost: cost }, by);
  }

  measure(values: MetricValues, by: Readonly<Record<string, string>> = {}): void {
    // Sets of dimensions: none beside the service, which Powertools adds, and these. Without these one set is enough.
    if (Object.keys(by).length > 0) this.#metrics.addDimensions({}).addDimensions(by);
    for (const [name, value] of Object.entries(values)) {
      if (value !== undefined) this.#metrics.addMetric(name, UNITS[name] ?? 'Count', value);
    }
    this.#metrics.publishStoredMetrics();
  }
}
