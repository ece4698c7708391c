import { asNumber, parseObject } from '../smsaero/fields.ts';

/** What a report of SMS Aero's says. */
export interface StatusReport {
  /** SMS Aero's id of the message: decimal digits. */
  readonly messageId: string;
  /** A status code of API v2, known or not. */
  readonly code: number;
}

/** The parts of SMS Aero's request that say something. */
export interface ReportRequest {
  /** Undefined if it is too long to be read. */
  readonly body: Buffer | undefined;
  readonly query: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads a report: a form, which is what SMS Aero posts unless told, JSON, or a query; numbers or digits; further fields do not matter.
 *
 * @returns undefined for what is no report
 */
export function readReport(request: ReportRequest): StatusReport | undefined {
  const fields = fieldsOf(request);
  const id = fields?.['id'];
  const messageId = typeof id === 'string' || Number.isSafeInteger(id) ? String(id).trim() : '';
  const code = asNumber(fields?.['status']);
  return /^[1-9]\d{0,18}$/.test(messageId) && code !== undefined && Number.isInteger(code)
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
