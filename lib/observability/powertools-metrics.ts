import type { AddressProblem } from '../guard/address.ts';
import type { GuardPart } from '../guard/verdict.ts';
import type { Outcome } from '../outcome.ts';
import type { MetricName, MetricShape, MetricValues } from './metric-names.ts';
import type {
  AccountMetrics,
  AddressMetrics,
  DeliveryMetrics,
  MessageMetrics,
  QueueMetrics,
  ReportMetrics,
  SignInMetrics,
  SignInRefusal,
  StepTimes,
} from './metrics.ts';
import { serviceName, writeLine } from './output.ts';

/** Metric names by outcome. */
const NAMES = {
  accepted: 'Accepted',
  duplicate: 'Duplicate',
  refused: 'Refused',
  failed: 'Failed',
  unknown: 'Unknown',
} as const satisfies Record<Outcome['status'], MetricName>;

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
  implements
    MessageMetrics,
    AddressMetrics,
    ReportMetrics,
    QueueMetrics,
    SignInMetrics,
    DeliveryMetrics,
    AccountMetrics
{
  readonly #service = serviceName();
  readonly #off = isSwitchedOff();
  /** What a line says of its metrics, by their names and dimensions: a dozen of combinations, all of the code's own. */
  readonly #definitions = new Map<string, string>();

  count(outcome: Outcome, skipped: readonly GuardPart[], ms: StepTimes, isEnd: boolean): void {
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
        [NAMES[outcome.status]]: isEnd ? 1 : undefined,
        GuardSkipped: skipped.length > 0 ? 1 : undefined,
        Segments: outcome.status === 'accepted' ? outcome.segments : undefined,
        ...(gateway === undefined ? {} : times),
      },
      'reason' in outcome ? { Reason: `${outcome.reason}${limit}` } : {},
    );
  }

  addressUnusable(problem: AddressProblem): void {
    this.measure({ AddressUnusable: 1 }, { Reason: problem });
  }

  report(effect: string): void {
    this.measure({ Report: 1 }, { Effect: effect });
  }

  command(fate: 'CommandRetried' | 'CommandDeadLettered', reason: string): void {
    this.measure({ [fate]: 1 }, { Reason: reason });
  }

  signInRefused(reason: SignInRefusal): void {
    this.measure({ SignInRefused: 1 }, { Reason: reason });
  }

  delivery(
    ...[name, { country, senderName }, { seconds, cost }]: Parameters<DeliveryMetrics['delivery']>
  ): void {
    const by = { Country: country ?? 'unknown', Sender: senderName ?? 'unknown' };
    this.measure({ [name]: 1, DeliveryTime: seconds, DeliveryCost: cost }, by);
  }

  measure(values: MetricValues, by: Readonly<Record<string, string>> = {}): void {
    const measured: Record<string, number> = {};
    for (const [name, value] of Object.entries(values)) {
      if (value !== undefined) measured[name] = value;
    }
    const names = Object.keys(measured);
    if (this.#off || names.length === 0) return;
    const dimensions = Object.keys(by);
    const key = `${names} ${dimensions}`;
    let definition = this.#definitions.get(key);
    if (!definition) {
      definition = definitionOf(names, dimensions);
      this.#definitions.set(key, definition);
    }
    const own = JSON.stringify({ service: this.#service, ...by, ...measured }).slice(1);
    writeLine('stdout', `{"_aws":{"Timestamp":${Date.now()},"CloudWatchMetrics":[${definition}]},${own}`);
  }
}

/** Sets of dimensions: the service alone, and with others if there are any. */
function definitionOf(names: readonly string[], dimensions: readonly string[]): string {
  return JSON.stringify({
    Namespace: 'SmsAero',
    Dimensions: dimensions.length > 0 ? [['service'], ['service', ...dimensions]] : [['service']],
    Metrics: names.map((name) => ({ Name: name, Unit: UNITS[name] ?? 'Count' })),
  });
}

/** As Powertools has it: by a variable of its own, else while developing. */
function isSwitchedOff(): boolean {
  const { POWERTOOLS_METRICS_DISABLED: off, POWERTOOLS_DEV: developing } = process.env;
  return /^\s*(1|y|yes|t|true|on)\s*$/i.test(off ?? developing ?? '');
}
