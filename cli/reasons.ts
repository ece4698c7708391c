import type { FailureReason, UnknownReason } from '../lib/smsaero/send-result.ts';

/** What each answer of SMS Aero means for an operator: a sentence, and what to do. */
const REASONS: Readonly<Record<FailureReason | UnknownReason, readonly [what: string, todo: string]>> = {
  unauthorized: [
    'SMS Aero does not take the e-mail and the API key',
    'copy a key from https://smsaero.ru/cabinet/settings/apikey/ and push the configuration',
  ],
  ip_not_allowed: [
    'the account has a list of allowed addresses, and this one is not on it',
    'clear the list in the cabinet: functions have no address of their own',
  ],
  no_money: ['the balance does not cover the message', 'top up at https://smsaero.ru/'],
  bad_sender_name: [
    'SMS Aero does not take the sender name',
    'check it in the cabinet, or use SMSAero, which every account may',
  ],
  invalid_recipient: ['SMS Aero does not send to this number', 'check the number'],
  blacklisted: ['the number is on a blacklist of SMS Aero', 'use another number, or ask SMS Aero'],
  rate_limited: ['SMS Aero has had too many requests', 'wait a minute'],
  rejected: [
    'SMS Aero rejected the message',
    'the cabinet says why: moderation, or a text that is not the approved one',
  ],
  unavailable: ['no gate could be reached', 'check the network; SMSAERO_GATES names other gates'],
  no_answer: ['no answer came: the message may be on its way', 'look into the cabinet before sending again'],
  server_error: [
    'SMS Aero had an error of its own: the message may be on its way',
    'look into the cabinet before sending again',
  ],
  malformed_answer: ['what answered was not SMS Aero', 'check SMSAERO_GATES, and proxies on the way'],
};

/** Whether a word is one of these answers. */
export function isReason(word: unknown): word is FailureReason | UnknownReason {
  return typeof word === 'string' && Object.hasOwn(REASONS, word);
}

/** What a reason means, as the rest of a sentence. */
export function meaningOf(reason: FailureReason | UnknownReason): string {
  return REASONS[reason][0];
}

/** What to do about a reason, as an order. */
export function remedyOf(reason: FailureReason | UnknownReason): string {
  return REASONS[reason][1];
}
