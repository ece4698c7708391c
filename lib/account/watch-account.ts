import type { Log } from '../observability/logger.ts';
import { credentialsRefused, type PowertoolsMetrics } from '../observability/metrics.ts';
import { isUsable, type SenderNameStanding } from '../smsaero/account-lists.ts';
import type { AccountReport, Inspection } from './inspect-account.ts';
import { type balanceReadings, type Spending, spendingOf } from './spending.ts';

export interface WatchAccountOptions {
  readonly inspect: (end: number) => Promise<Inspection>;
  /** Undefined without a table: there is no rate then. */
  readonly readings: ReturnType<typeof balanceReadings> | undefined;
  readonly log: Log;
  readonly metrics: Pick<PowertoolsMetrics, 'measure'>;
}

/**
 * Makes the use case of the schedule: one look at the account, its metrics, and one log line, a warning if anything is not as it should be.
 *
 * @returns a function that takes the end of its time (ms of the Unix epoch); it never throws for anything that it looks at
 */
export function createWatchAccount({ inspect, readings, log, metrics }: WatchAccountOptions) {
  return async (end: number): Promise<void> => {
    const { report, settings } = await inspect(end);
    const spending = await keep(settings?.email, report.balance);
    measureReport(metrics, report, spending);
    const fields = { ...report, spentLastDay: spending?.lastDay, daysLeft: spending?.daysLeft };
    log[isWell(report) ? 'info' : 'warn']('account', fields);
  };

  async function keep(email: string | undefined, balance: number | undefined): Promise<Spending | undefined> {
    if (email === undefined || balance === undefined || !readings) {
      return undefined;
    }
    try {
      return spendingOf(await readings.add(email, { at: Date.now(), balance }));
    } catch (error) {
      log.error('balance reading not saved', error);
      return undefined;
    }
  }
}

function isWell(report: AccountReport): boolean {
  const { gates, problems, configuration } = report;
  return (
    configuration === 'ok' && !problems && namesOf(report).every(isUsable) && gates.every(({ ok }) => ok)
  );
}

/** All sender names that could be learned of. */
function namesOf({ senderName, senderNames = {} }: AccountReport): SenderNameStanding[] {
  return [...(senderName ? [senderName] : []), ...Object.values(senderNames)];
}

/** Writes what was learned of an account as metrics; what was not learned has none. */
export function measureReport(
  metrics: WatchAccountOptions['metrics'],
  report: AccountReport,
  spending: Spending | undefined,
): void {
  const { gates, balance, senderName, configuration, configurationAge } = report;
  metrics.measure({
    ConfigurationUnusable: configuration === 'ok' ? 0 : 1,
    ConfigurationAge: configurationAge,
    Balance: balance,
    SpentLastDay: spending?.lastDay,
    DaysLeft: spending?.daysLeft,
  });
  for (const { gate, ms, reached } of gates) {
    metrics.measure({ GateReached: reached ? 1 : 0, GateTime: reached ? ms : undefined }, { Gate: gate });
  }
  const refusal = gates.find(({ ok, reached }) => reached && !ok)?.cause;
  if (refusal !== undefined) {
    const values = { AccountRefused: 1, CredentialsRefused: credentialsRefused(refusal) };
    metrics.measure(values, { Reason: refusal });
  } else if (gates.some(({ reached }) => reached)) {
    metrics.measure({ AccountRefused: 0 });
  }
  if (senderName) {
    metrics.measure({ SenderNameUsable: namesOf(report).every(isUsable) ? 1 : 0 });
  }
  if (senderName?.kind === 'own') {
    const { approved, pending } = senderName;
    for (const operator of approved) metrics.measure({ OperatorApproves: 1 }, { Operator: operator });
    for (const { operator } of pending) metrics.measure({ OperatorApproves: 0 }, { Operator: operator });
  }
}
