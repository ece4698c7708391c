import type { Configuration } from '../config/configuration.ts';
import { HttpError } from '../http/errors.ts';
import { asNumber, parseObject } from '../json.ts';
import type { Log } from '../observability/logger.ts';
import type { PowertoolsMetrics } from '../observability/metrics.ts';
import { messageIdOf, statusOfCode } from '../smsaero/message-status.ts';
import { deliveryOfToken, mayBeToken } from './delivery-id.ts';
import type { DeliveryRecords } from './records.ts';

export interface ReceiveReportOptions {
  readonly configuration: { get(): Promise<Configuration> };
  readonly records: Pick<DeliveryRecords, 'reported'>;
  readonly log: Log;
  readonly metrics: Pick<PowertoolsMetrics, 'report'>;
}

/** Why a report changed nothing. */
export type ReportIgnored =
  /** Not a token of ours, or one of a delivery that is known no longer. */
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
 * SMS Aero signs nothing, so only the last part of the path tells its request from a stranger's. Its form and age are checked first, then its
 * signature, and only then is anything read. A stranger therefore causes nothing but a count, with `SMSAERO_MONITORING=full` one line of
 * about 230 bytes: no other line, no record, no event, no question to SMS Aero, and no call to AWS, except that the configuration is refreshed
 * every few minutes, whoever asks. While there is none, it is loaded at most once a second, and a token that looks like ours is a 503 and a log line.
 *
 * A stage without a `hashKey` signs with its API key. Reports of messages that were under way when that changed are refused, since looking
 * for a newer key at each signature that does not fit would be a call to Parameter Store at a stranger's request. SMS Aero is asked for them.
 *
 * @returns a function that takes the last part of the path and the request, and resolves when its report is recorded, or is not a report
 * @throws ConfigurationError, HttpError `records_unavailable`: the report may come again then, and else SMS Aero is asked
 */
export function createReceiveReport({ configuration, records, log, metrics }: ReceiveReportOptions) {
  return async (token: string, request: ReportRequest, now = Date.now()): Promise<void> => {
    const ignore = (reason: ReportIgnored, fields: object = {}) => {
      metrics.report(reason);
      log[reason === 'known' ? 'info' : 'warn']('report ignored', { reason, ...fields });
    };
    const deliveryId = mayBeToken(token, now)
      ? deliveryOfToken((await configuration.get()).hashKey, token, now)
      : undefined;
    if (!deliveryId) {
      metrics.report('not_ours'); // and no log line: the metric's is all that a flood may write
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

/** The parts of SMS Aero's request that say something. */
interface ReportRequest {
  /** Undefined if it is too long to be read. */
  readonly body: Buffer | undefined;
  readonly query: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads a report: a form, which is what SMS Aero posts by default, JSON, or a query; numbers or digits; further fields do not matter.
 *
 * @returns SMS Aero's id of the message and a status code of API v2, known or not; undefined for what is not a report
 */
export function readReport(request: ReportRequest) {
  const fields = fieldsOf(request);
  const id = fields?.['id'];
  const messageId = messageIdOf(typeof id === 'string' ? id.trim() : id);
  const code = asNumber(fields?.['status']);
  return messageId !== undefined && code !== undefined && Number.isInteger(code)
    ? { messageId, code }
    : undefined;
}

function fieldsOf({ body, query }: ReportRequest): Readonly<Record<string, unknown>> | undefined {
  const text = body?.toString('utf8').trim() ?? '';
  if (text === '') {
    return query;
  }
  return text.startsWith('{') ? parseObject(text) : Object.fromEntries(new URLSearchParams(text));
}
