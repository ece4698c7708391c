/** Status codes of a message (SMS Aero API v2, `sms/status`); 5 and 7 are not in use. */
export type MessageStatus = 0 | 1 | 2 | 3 | 4 | 6 | 8;

/** `extendStatus`, the word beside each status code (SMS Aero API v2, `sms/status`). */
export const extendStatuses: Readonly<Record<MessageStatus, string>> = {
  0: 'queue',
  1: 'delivery',
  2: 'undelivered',
  3: 'sent',
  4: 'wait',
  6: 'reject',
  8: 'moderation',
};

/** True for a status that never changes again: delivered (1), not delivered (2), rejected (6). */
export function isFinal(status: MessageStatus): boolean {
  return status === 1 || status === 2 || status === 6;
}

/** What SMS Aero does with a delivery report for a message, as ordered with `sms/send`. */
export interface ReportOrder {
  /** `callbackUrl`: an http or https URL to POST each change of status to. */
  callbackUrl?: string;
  /** `callbackFormat`: how the report is written; form-urlencoded is SMS Aero's default. */
  callbackFormat?: 'JSON' | 'x-www-form-urlencoded';
}

/** A message that an account accepted, as it is at one moment. Times are Unix seconds, cost is in roubles. */
export interface Message extends ReportOrder {
  id: number;
  /** Recipient: digits with the country code. */
  number: string;
  /** Sender name (`sign` in the request). */
  from: string;
  text: string;
  status: MessageStatus;
  extendStatus: string;
  channel: string;
  cost: number;
  /** SMS segments that `cost` is for. */
  segments: number;
  dateCreate: number;
  dateSend: number;
  /** When the operator answered; absent until the status is final. */
  dateAnswer?: number;
  /** `shortLink=1`: links are to be shortened. */
  shortLink: boolean;
  /** Name of the gate that took it. */
  gate: string;
  /** True for `sms/testsend`: nothing is sent or charged. */
  test: boolean;
}

/** How statuses move with the clock, in milliseconds after `dateSend`; `frozen` leaves a message queued. */
export type Progress = 'frozen' | { sentAfterMs: number; deliveredAfterMs: number };

/** A message as it is kept: without what depends on the clock. */
export interface StoredMessage extends Omit<Message, 'status' | 'extendStatus' | 'dateAnswer'> {
  /** Epoch milliseconds from which `Progress` counts. */
  startMs: number;
  /** A status set by hand, which the clock no longer moves. */
  pinned?: { status: MessageStatus; atMs: number };
}

/** The message as it is at `nowMs` (epoch milliseconds). */
export function messageAt(stored: StoredMessage, nowMs: number, progress: Progress): Message {
  const { startMs, pinned, ...message } = stored;
  const age = nowMs - startMs;
  let status: MessageStatus = 0;
  let answeredMs = startMs;
  if (pinned) {
    status = pinned.status;
    answeredMs = pinned.atMs;
  } else if (message.test) {
    // Test messages answer `delivery` at once (SMS Aero API v2, sms/testsend).
    status = 1;
  } else if (progress !== 'frozen') {
    if (age >= progress.deliveredAfterMs) status = 1;
    else if (age >= progress.sentAfterMs) status = 3;
    answeredMs = startMs + progress.deliveredAfterMs;
  }
  return {
    ...message,
    status,
    extendStatus: extendStatuses[status],
    ...(isFinal(status) ? { dateAnswer: Math.floor(answeredMs / 1000) } : {}),
  };
}
