import type { Message, ReportFormat } from '../message.ts';

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
  /** Another message's id: each report goes there once with this id too, and with `never` only with this one. */
  foreignId?: number;
  /** `GET` puts the fields into the query. Default: POST. */
  method?: 'POST' | 'GET';
  /** Instead of the `callbackFormat` that the message was sent with. */
  format?: ReportFormat;
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
  /** Milliseconds that an answer may take. Default: 5000. */
  timeoutMs?: number;
  /** PEM certificate to trust of an https receiver, beside what Node trusts. */
  ca?: string;
}

/** The same for all messages, or picked for each when it is accepted. */
export type ReportPlan = ReportOptions | ((message: Message) => ReportOptions);
