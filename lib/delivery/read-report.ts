import type { HttpRequest } from '../http/request.ts';
import { asNumber, parseObject } from '../smsaero/fields.ts';

/** What a report of SMS Aero's says. */
export interface StatusReport {
  /** SMS Aero's id of the message: decimal digits. */
  readonly messageId: string;
  /** A status code of API v2, known or not. */
  readonly code: number;
}

/**
 * Reads a report: a form, which is what SMS Aero posts unless told, JSON, or a query; numbers or digits; further fields do not matter.
 *
 * @returns undefined for what is no report
 */
export function readReport(request: HttpRequest): StatusReport | undefined {
  const fields = fieldsOf(request);
  const id = fields?.['id'];
  const messageId = typeof id === 'string' || Number.isSafeInteger(id) ? String(id).trim() : '';
  const code = asNumber(fields?.['status']);
  return /^[1-9]\d{0,18}$/.test(messageId) && code !== undefined && Number.isInteger(code)
    ? { messageId, code }
    : undefined;
}

function fieldsOf({ body, query }: HttpRequest): Readonly<Record<string, unknown>> | undefined {
  const text = body?.toString('utf8').trim() ?? '';
  if (text === '') {
    return query;
  }
  return text.startsWith('{') ? parseObject(text) : Object.fromEntries(new URLSearchParams(text));
}
