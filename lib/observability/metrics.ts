import { Metrics } from '@aws-lambda-powertools/metrics';
import type { AddressProblem } from '../guard/address.ts';
import type { GuardPart } from '../guard/verdict.ts';
import type { Accepted, Outcome } from '../message/outcome.ts';
import type { Channel } from '../smsaero/message-status.ts';
import type { FailureReason } from '../smsaero/send-result.ts';
import { SERVICE_NAME } from './logger.ts';
import { METRICS, type MetricName, type MetricShape, type MetricValues } from './metric-names.ts';

/** Milliseconds of the steps of a message, as its log line has them. */
export type StepTimes = Readonly<
  Partial<Record<'config' | 'recipient' | 'template' | 'guard' | 'gateway' | 'record' | 'total', number>>
>;

/** Why nothing is sent for a sign-in by code, and no answer is right. */
export type SignInRefusal =
  | 'wrong_answers_hour'
  | 'wrong_answers_day'
  | 'wrong_answers_code'
  | 'code_used'
  | 'table_unavailable';

/** Whose message it was and where it went, by which deliveries are counted. */
interface Sender {
  readonly country: string | undefined;
  readonly senderName: string | undefined;
}

const NAMES = {
  accepted: 'Accepted',
  duplicate: 'Duplicate',
  refused: 'Refused',
  failed: 'Failed',
  unknown: 'Unknown',
} as const satisfies Record<Outcome['status'], MetricName>;

const CREDENTIAL_REASONS: ReadonlySet<string> = new Set<FailureReason>(['unauthorized', 'ip_not_allowed']);

/** What `CredentialsRefused` is of something that failed for this reason: not there if the credentials were not to blame. */
export const credentialsRefused = (reason: string): 1 | undefined =>
  CREDENTIAL_REASONS.has(reason) ? 1 : undefined;

/** Segments are billed of an SMS: of one behind a Telegram message nobody knows yet whether it is sent. */
const acceptedValues = ({ channel, segments }: Accepted): MetricValues =>
  channel === 'telegram' ? { TelegramAccepted: 1 } : { Segments: segments };

/** Which metrics are written: none, those that the basic alarms need, or all. CloudWatch takes money for each name and value of a dimension. */
const LEVELS = ['off', 'basic', 'full'] as const;

/** Not in lib/environment.ts, which `delivery-events` does without. */
const MONITORING = process.env['SMSAERO_MONITORING']?.trim() || 'full';

/**
 * The metrics of {@link METRICS}, written by Powertools Metrics in CloudWatch's embedded format. One line has what is measured together, by
 * `service`, and once more by what else there is, so that the sum over all needs no search expression.
 */
export class PowertoolsMetrics {
  readonly #metrics = new Metrics({
    namespace: process.env['POWERTOOLS_METRICS_NAMESPACE']?.trim() || 'SmsAero',
    serviceName: SERVICE_NAME,
  });
  readonly #level: (typeof LEVELS)[number];

  /** @throws Error on a bad `SMSAERO_MONITORING`: the function must not start */
  constructor() {
    const level = LEVELS.find((each) => each === MONITORING);
    if (!level) throw new Error('Bad environment: SMSAERO_MONITORING must be off, basic or full');
    this.#level = level;
  }

  /**
   * Counts a message by its outcome.
   *
   * @param skipped parts of the guard that could not be asked
   * @param ms how long its steps took, measured of a message that was given to the gateway
   * @param isEnd whether it ended so: however often its handler tries it again, it is counted once
   */
  count(outcome: Outcome, skipped: readonly GuardPart[], ms: StepTimes, isEnd: boolean): void {
    const { config, guard, gateway, record, total } = ms;
    // There is a metric for each step, not one with the step as a dimension: a line has one value for each dimension.
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
        [NAMES[outcome.status]]: isEnd ? 1 : undefined,
        CredentialsRefused: outcome.status === 'failed' ? credentialsRefused(outcome.reason) : undefined,
        GuardSkipped: skipped.length > 0 ? 1 : undefined,
        ...(outcome.status === 'accepted' ? acceptedValues(outcome) : {}),
        ...(gateway === undefined ? {} : times),
      },
      'reason' in outcome ? { Reason: `${outcome.reason}${limit}` } : {},
    );
  }

  /** Counts a message whose client address cannot be counted. */
  addressUnusable(problem: AddressProblem): void {
    this.measure({ AddressUnusable: 1 }, { Reason: problem });
  }

  /** Counts a report. @param effect `changed`, or why it changed nothing */
  report(effect: string): void {
    this.measure({ Report: 1 }, { Effect: effect });
  }

  /** Counts a command that is tried again later, or is moved to the dead-letter queue. */
  command(result: 'CommandRetried' | 'CommandDeadLettered', reason: string): void {
    this.measure({ [result]: 1 }, { Reason: reason });
  }

  /** Counts a question or an answer that was refused, whatever the person did. */
  signInRefused(reason: SignInRefusal): void {
    this.measure({ SignInRefused: 1 }, { Reason: reason });
  }

  /**
   * Counts a change of a delivery by country and sender.
   *
   * @param seconds from sending to this change
   * @param cost roubles
   */
  delivery(
    name: 'DeliveryAccepted' | 'Delivered' | 'Undelivered' | 'Rejected',
    { country, senderName, channel }: Sender & { readonly channel: Channel },
    { seconds, cost }: { readonly seconds?: number | undefined; readonly cost?: number | undefined },
  ): void {
    const by = { Country: country ?? 'unknown', Sender: senderName ?? 'unknown' };
    this.measure({ [name]: 1, DeliveryTime: seconds, DeliveryCost: cost }, by);
    if (name === 'Delivered' && channel === 'telegram') this.measure({ TelegramDelivered: 1 });
  }

  /** Counts an SMS that took over from Telegram. @param cost roubles that it adds to those of the message */
  takenOver({ country, senderName }: Sender, cost: number): void {
    this.measure({ TelegramFallback: 1 });
    this.measure({ DeliveryCost: cost }, { Country: country ?? 'unknown', Sender: senderName ?? 'unknown' });
  }

  /**
   * Writes one line: values by service, and once more by dimensions, as far as the level of monitoring wants them. It writes at once and keeps nothing for the end of the invocation:
   * the messages of a batch have other dimensions each, and a line has one value for each dimension.
   *
   * @param values by name: `Balance`
   * @param by dimensions: `Gate`, `Reason`, `Operator`
   */
  measure(values: MetricValues, by: Readonly<Record<string, string>> = {}): void {
    const measured = Object.entries(values).filter(
      (entry): entry is [MetricName, number] => entry[1] !== undefined && this.#wants(entry[0] as MetricName),
    );
    if (measured.length === 0) return; // Powertools would warn
    for (const [name, value] of measured) this.#metrics.addMetric(name, METRICS[name].unit, value);
    // Each call adds a set of dimensions to `service`, which every set has: the first one is `service` without others.
    const isSplit = this.#level === 'full' && Object.keys(by).length > 0;
    if (isSplit) this.#metrics.addDimensions({}).addDimensions(by);
    this.#metrics.publishStoredMetrics();
  }

  #wants(name: MetricName): boolean {
    const { basic }: MetricShape = METRICS[name];
    return this.#level === 'full' || (this.#level === 'basic' && basic === true);
  }
}
