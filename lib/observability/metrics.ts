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

/**
 * Metrics in CloudWatch's embedded format (EMF), namespace `SmsAero`: `Accepted`, `Duplicate`, `Refused`, `Failed` and `Unknown` by
 * service, and once more by `Reason` where there is one; `GuardSkipped` by service.
 */
export class PowertoolsMetrics implements MessageMetrics {
  readonly #metrics = new Metrics({
    namespace: 'SmsAero',
    serviceName: process.env['POWERTOOLS_SERVICE_NAME'] ?? 'smsaero',
  });

  count(outcome: Outcome, skipped: readonly GuardPart[]): void {
    const name = NAMES[outcome.status];
    this.#metrics.addMetric(name, 'Count', 1);
    if (skipped.length > 0) {
      this.#metrics.addMetric('GuardSkipped', 'Count', 1);
    }
    this.#metrics.publishStoredMetrics();
    if ('reason' in outcome) {
      // A line of its own, so that the sum over all reasons needs no search expression.
      const limit = 'limit' in outcome && outcome.limit ? `_${outcome.limit}` : '';
      this.#metrics.addDimensions({ Reason: `${outcome.reason}${limit}` });
      this.#metrics.addMetric(name, 'Count', 1);
      this.#metrics.publishStoredMetrics();
    }
  }
}
