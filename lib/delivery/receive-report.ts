import type { Configuration } from '../config/configuration.ts';
import { HttpError } from '../http/error.ts';
import type { HttpRequest } from '../http/request.ts';
import type { Log } from '../observability/logger.ts';
import type { ReportMetrics } from '../observability/metrics.ts';
import { statusOfCode } from '../smsaero/message-status.ts';
import { deliveryOfToken, mayBeToken } from './delivery-id.ts';
import { readReport } from './read-report.ts';
import type { DeliveryRecords } from './records.ts';

/** What {@link createReceiveReport} needs. */
export interface ReceiveReportOptions {
  readonly configuration: {
    get(): Promise<Configuration>;
    /** A newer configuration than one under which a token is not ours, or the same if none can be had. */
    renew(rejected: Configuration): Promise<Configuration>;
  };
  readonly records: Pick<DeliveryRecords, 'reported'>;
  readonly log: Log;
  readonly metrics: ReportMetrics;
}

/** Why a report changed nothing. */
export type ReportIgnored =
  /** No token of ours, or of a delivery that is known no longer. */
  | 'not_ours'
  | 'too_large'
  | 'malformed'
  /** A status that SMS Aero's documentation does not have. */
  | 'unknown_status'
  /** It speaks of another message than its token. */
  | 'foreign'
  /** A repeat, or one that others have overtaken. */
  | 'known';

/**
 * Makes the use case of the delivery reports: one request of SMS Aero's, one step of a delivery.
 *
 * SMS Aero signs nothing, so the last part of the path is all that tells its request from anybody's. It is checked before anything is read
 * or looked up.
 *
 * @returns a function that takes a request and resolves when its report is written down, or is none
 * @throws ConfigurationError, HttpError `records_unavailable`: the report may come again then, and else SMS Aero is asked
 */
export function createReceiveReport({ configuration, records, log, metrics }: ReceiveReportOptions) {
  /** A key that was renewed a moment ago has signed reports already. It is looked for every five seconds at most. */
  async function underNewerKey(settings: Configuration, token: string, now: number) {
    const { hashKey } = mayBeToken(token, now) ? await configuration.renew(settings) : settings;
    return hashKey === settings.hashKey ? undefined : deliveryOfToken(hashKey, token, now);
  }

  return async (request: HttpRequest, now = Date.now()): Promise<void> => {
    const ignore = (reason: ReportIgnored, fields: object = {}) => {
      metrics.report(reason);
      log[reason === 'known' ? 'info' : 'warn']('report ignored', { reason, ...fields });
    };
    const settings = await configuration.get();
    const token = request.path.split('/').at(-1) ?? '';
    const deliveryId =
      deliveryOfToken(settings.hashKey, token, now) ?? (await underNewerKey(settings, token, now));
    if (!deliveryId) {
      metrics.report('not_ours'); // and no line: whoever floods us would fill the log
      return;
    }
    if (!request.body) {
      return ignore('too_large', { deliveryId });
    }
    const report = readReport(request);
    if (!report) {
      return ignore('malformed', { deliveryId });
    }
    const { messageId, code } = report;
    const state = statusOfCode(code);
    if (!state) {
      return ignore('unknown_status', { deliveryId, code });
    }
    const effect = await records
      .reported({ deliveryId, messageId, state, at: now }, now)
      .catch((error: unknown) => {
        log.error('report not recorded', error, { deliveryId });
        throw new HttpError('records_unavailable');
      });
    if (effect !== 'changed') {
      return ignore(effect, { deliveryId, state });
    }
    metrics.report('changed');
    log.info('report', { deliveryId, messageId, state });
  };
}
