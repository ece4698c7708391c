import type { MessageStatus, ReportOrder } from './message.ts';
import type { Progress } from './progress.ts';
import type { ReportPlan } from './reports/options.ts';

/** Spellings of SMS Aero's shared sender name that its clients use. */
export const sharedSenderNames: readonly string[] = ['SMS Aero', 'SMSAero', 'Sms Aero'];

/** What an account starts with. */
export interface AccountOptions {
  /** Account e-mail: the Basic user name. */
  email: string;
  /** API key: the Basic password. */
  apiKey: string;
  /** Roubles. Default: 1000. */
  balance?: number;
  /** Approved sender names. Default: SMS Aero's shared one. */
  senderNames?: readonly string[];
  /** Roubles for one segment. Default: 4.19. */
  price?: number;
  /** Roubles for a code in Telegram, 1 by default. It is not paid back if an SMS takes over: no source says that it is. */
  telegramPrice?: number;
  /** Numbers (digits) without Telegram: an SMS takes over. */
  withoutTelegram?: readonly string[];
  /** Milliseconds after which Telegram has delivered a code, or not; 1000 by default. */
  telegramAfterMs?: number;
  /** Numbers (digits) that SMS Aero refuses to send to. */
  blacklist?: readonly string[];
  /** Addresses that may call. Default: all. */
  allowedIps?: readonly string[];
  /** How statuses move. Default: sent to the operator after 1 s, delivered after 2 s. */
  progress?: Progress;
  /** How delivery reports go, or go wrong, for messages with a `callbackUrl`. Default: rightly. */
  reports?: ReportPlan;
  /** The clock, epoch milliseconds; `changed` events need it to run at the pace of the real one. */
  now?: () => number;
}

/** A code as `telegram/send` asks for it, checked. */
export interface TelegramSubmission {
  number: string;
  code: string;
  /** Sender name and text of the SMS behind it; both or neither. */
  smsFrom?: string;
  smsText?: string;
  gate: string;
  /** `telegram/testsend`: another id sequence, no charge. */
  test?: boolean;
  /** Status to pin instead of the clock's. */
  status?: MessageStatus;
}

/** A message as `sms/send` asks for it, checked. */
export interface Submission extends ReportOrder {
  number: string;
  text: string;
  from: string;
  gate: string;
  channel?: string;
  /** Unix seconds of a scheduled send. */
  dateSend?: number;
  shortLink?: boolean;
  /** `sms/testsend`: a separate id sequence, no charge. */
  test?: boolean;
  /** Status to pin instead of the clock's. */
  status?: MessageStatus;
}
