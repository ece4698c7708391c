import type { MetricName } from '../observability/metric-names.ts';
import { type AccountMetrics, credentialsRefused } from '../observability/metrics.ts';
import type { AccountReport } from './report.ts';
import type { Spending } from './spending.ts';

/** Writes what was learned of an account as metrics; what was not learned has none. See {@link AccountMetrics}. */
export function measureReport(
  metrics: AccountMetrics,
  { gates, balance, senderName, configuration, configurationAge }: AccountReport,
  spending: Spending | undefined,
): void {
  const measure = (name: MetricName, value: number | undefined, by?: Readonly<Record<string, string>>) => {
    if (value !== undefined) metrics.measure({ [name]: value }, by);
  };
  measure('ConfigurationUnusable', configuration === 'ok' ? 0 : 1);
  measure('ConfigurationAge', configurationAge);
  measure('Balance', balance);
  measure('SpentLastDay', spending?.lastDay);
  measure('DaysLeft', spending?.daysLeft);
  for (const { gate, ms, reached } of gates) {
    metrics.measure({ GateReached: reached ? 1 : 0, ...(reached ? { GateTime: ms } : {}) }, { Gate: gate });
  }
  const refusal = gates.find(({ ok, reached }) => reached && !ok)?.cause;
  if (refusal !== undefined) {
    const by = { Reason: refusal };
    measure('AccountRefused', 1, by);
    measure('CredentialsRefused', credentialsRefused(refusal), by);
  } else if (gates.some(({ reached }) => reached)) {
    measure('AccountRefused', 0);
  }
  if (senderName) {
    const usable = senderName.kind === 'shared' || (senderName.kind === 'own' && senderName.accepted);
    measure('SenderNameUsable', usable ? 1 : 0);
  }
  if (senderName?.kind === 'own') {
    for (const operator of senderName.approved) measure('OperatorApproves', 1, { Operator: operator });
    for (const { operator } of senderName.pending) measure('OperatorApproves', 0, { Operator: operator });
  }
}
