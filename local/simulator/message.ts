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

/** The statuses that never change again: delivered, not delivered, rejected. */
const FINAL: readonly MessageStatus[] = [1, 2, 6];

/** A message as it is asked for, checked. */
export interface Submission {
  /** Recipient: digits with the country code. */
  number: string;
  text: string;
  /** Sender name (`sign` in the request). */
  from: string;
  /** Name of the gate that took it. */
  gate: string;
  /** `callbackUrl`: an http or https URL to POST each change of status to. */
  callbackUrl?: string | undefined;
  /** The code of a message for Telegram, whose `text` it is as well; an SMS has none. */
  telegramCode?: string | undefined;
  /** What the SMS behind it says, and from whom; both or neither. */
  smsText?: string | undefined;
  smsFrom?: string | undefined;
  /** In test mode nothing is sent or charged, and ids are of another sequence. */
  test?: boolean;
}

/** A message that an account accepted, as it is at one moment. Times are Unix seconds, cost is in roubles. */
export interface Message extends Submission {
  id: number;
  status: MessageStatus;
  extendStatus: string;
  /** `TELEGRAM` for a code in Telegram. */
  channel: string;
  cost: number;
  /** SMS segments that `cost` is for; 0 of a message for Telegram. */
  segments: number;
  /** Id of the SMS that took over from Telegram. */
  idSms?: number;
  dateCreate: number;
  /** When the operator answered; absent until the status is final. */
  dateAnswer?: number;
}

/** One change of status. */
export interface Step {
  status: MessageStatus;
  /** Milliseconds after the message was taken; 0 or less is the status that it is born with. */
  afterMs: number;
}

/** A message as it is kept: without what depends on the clock. */
export interface StoredMessage extends Omit<Message, 'status' | 'extendStatus' | 'dateAnswer'> {
  /** Epoch milliseconds from which the steps count. */
  startMs: number;
  /** What the clock does with it, earliest first. */
  steps: readonly Step[];
}

const QUEUED: Step = { status: 0, afterMs: 0 };

/** The message as it is at `nowMs` (epoch milliseconds). */
export function messageAt(stored: StoredMessage, nowMs: number): Message {
  const { startMs, steps, ...message } = stored;
  const { status, afterMs } = steps.findLast((step) => startMs + step.afterMs <= nowMs) ?? QUEUED;
  return {
    ...message,
    status,
    extendStatus: extendStatuses[status],
    ...(FINAL.includes(status) ? { dateAnswer: Math.floor((startMs + afterMs) / 1000) } : {}),
  };
}
