import { extendStatuses, type Message } from '../message.ts';

/**
 * How the delivery reports of a message go. Empty: rightly, one for each change of status, in their order, each when
 * the one before it has been taken or given up.
 */
export interface ReportOptions {
  /** None is sent; `sms/status` tells the truth all the same. */
  never?: boolean;
  /** How often each is sent, side by side. Default: 1. */
  copies?: number;
  /** Later statuses first: each waits for the last that is to come. */
  reorder?: boolean;
  /**
   * The gate holds back its answer to `sms/send` until the receiver has answered (with any status, or failed to) the
   * `first` report, or `all` of them. Nothing is held back when no report is to come.
   */
  early?: 'first' | 'all';
  /** Another message's id: each report goes there once with this id too. */
  foreignId?: number;
  /** `GET` puts the fields into the query. Default: POST. */
  method?: 'POST' | 'GET';
  /** `JSON` as with `callbackFormat` of `sms/send`. Default: a form. */
  format?: 'JSON';
  /** JSON with `id` and `status` as strings. Whether the real one has numbers is not documented. */
  strings?: boolean;
  /** Fields beside `id`, `status` and `extendStatus`; one of these names replaces it. */
  extra?: Readonly<Record<string, unknown>>;
  /**
   * Repeats after an answer other than 200, or none. Default: 3. SMS Aero says only that it waits for 200; whether,
   * when and how often it repeats is not documented.
   */
  repeats?: number;
  /** Milliseconds from a failure to the repeat. Default: 50. */
  pauseMs?: number;
}

/** The same for all messages, or picked for each when it is accepted. */
export type ReportPlan = ReportOptions | ((message: Message) => ReportOptions);

/** A report as it goes over the wire. */
export interface Draft {
  /** The message whose change it tells. */
  messageId: number;
  /** The message's `callbackUrl`, of a GET with the fields in its query. */
  url: string;
  method: 'POST' | 'GET';
  /** Content-Type of the body; a GET has neither. */
  contentType?: string;
  body?: string;
}

/** The reports of one change: none, one, or more as the options will have it. */
export function draftReports(message: Message, options: ReportOptions): Draft[] {
  const { foreignId, never, copies = 1 } = options;
  return [
    ...(foreignId === undefined ? [] : [draft(message, foreignId, options)]),
    ...Array.from({ length: never ? 0 : copies }, () => draft(message, message.id, options)),
  ];
}

function draft(
  { id: messageId, status, callbackUrl = '' }: Message,
  id: number,
  options: ReportOptions,
): Draft {
  // The three fields that receivers of real reports know of; form fields are strings by nature.
  const basic = options.strings ? { id: String(id), status: String(status) } : { id, status };
  const fields = { ...basic, extendStatus: extendStatuses[status], ...options.extra };
  const form = new URLSearchParams(
    Object.entries(fields).map(([key, value]): [string, string] => [key, String(value)]),
  ).toString();
  if (options.method === 'GET') return { messageId, url: `${callbackUrl}?${form}`, method: 'GET' };
  const written =
    options.format === 'JSON'
      ? { contentType: 'application/json', body: JSON.stringify(fields) }
      : { contentType: 'application/x-www-form-urlencoded', body: form };
  return { messageId, url: callbackUrl, method: 'POST', ...written };
}
