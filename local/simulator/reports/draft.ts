import { extendStatuses, type Message } from '../message.ts';
import type { ReportOptions } from './options.ts';

/** A report as it goes over the wire. */
export interface Draft {
  /** The message whose change it tells. */
  messageId: number;
  /** The id that it names: another one in a foreign report. */
  id: number;
  status: Message['status'];
  method: 'POST' | 'GET';
  /** The message's `callbackUrl`, of a GET with the fields in its query. */
  url: string;
  /** Content-Type of the body; absent for a GET. */
  contentType?: string;
  /** Empty for a GET. */
  body: string;
}

function formOf(fields: Readonly<Record<string, unknown>>): string {
  return new URLSearchParams(
    Object.entries(fields).map(([key, value]): [string, string] => [key, String(value)]),
  ).toString();
}

function draft(message: Message, callbackUrl: string, id: number, options: ReportOptions): Draft {
  const { id: messageId, status } = message;
  // The three fields that receivers of real reports know of; form fields are strings by nature.
  const basic = options.strings ? { id: String(id), status: String(status) } : { id, status };
  const fields = { ...basic, extendStatus: extendStatuses[status], ...options.extra };
  const about = { messageId, id, status };
  if (options.method === 'GET') {
    const url = new URL(callbackUrl);
    url.search += `${url.search === '' ? '?' : '&'}${formOf(fields)}`;
    return { ...about, method: 'GET', url: url.href, body: '' };
  }
  const format = options.format ?? message.callbackFormat ?? 'x-www-form-urlencoded';
  const written =
    format === 'JSON'
      ? { contentType: 'application/json', body: JSON.stringify(fields) }
      : { contentType: 'application/x-www-form-urlencoded', body: formOf(fields) };
  return { ...about, method: 'POST', url: callbackUrl, ...written };
}

/** The reports of one change: none, one, or more as the options will have it. */
export function draftReports(message: Message, callbackUrl: string, options: ReportOptions): Draft[] {
  const report = draft(message, callbackUrl, message.id, options);
  const { foreignId } = options;
  return [
    ...(foreignId === undefined ? [] : [draft(message, callbackUrl, foreignId, options)]),
    ...(options.never ? [] : Array.from({ length: options.copies ?? 1 }, () => report)),
  ];
}
