import { asNumber } from '../json.ts';

/** How SMS Aero sends a message: by SMS, or as a code in Telegram with an SMS behind it. */
export const CHANNELS = ['sms', 'telegram'] as const;
export type Channel = (typeof CHANNELS)[number];

/** What SMS Aero says of a message that it took. */
export type MessageStatus = 'accepted' | 'moderation' | 'sent' | 'delivered' | 'undelivered' | 'rejected';

/**
 * Status codes of API v2: 0 in the queue, 1 delivered, 2 not delivered, 3 handed to the operator, 4 waiting for the operator, 6
 * rejected, 8 in moderation. 5 and 7 are not in use. Of Telegram messages only 0 and 1 are documented; the others are read alike.
 */
const STATUSES: Readonly<Record<number, MessageStatus>> = {
  0: 'accepted',
  1: 'delivered',
  2: 'undelivered',
  3: 'sent',
  4: 'sent',
  6: 'rejected',
  8: 'moderation',
};

/** The status behind a code, a number or digits; undefined for a code that is not known. */
export function statusOfCode(code: unknown): MessageStatus | undefined {
  return STATUSES[asNumber(code) ?? Number.NaN];
}

/** SMS Aero's id of a message, in decimal digits. */
export const MESSAGE_ID = /^[1-9]\d{0,18}$/;

/** An id of a message, decimal digits; undefined for what is none. */
export function messageIdOf(id: unknown): string | undefined {
  const digits = typeof id === 'string' || Number.isSafeInteger(id) ? String(id) : '';
  return MESSAGE_ID.test(digits) ? digits : undefined;
}

/** Roubles in whole kopecks: sums and shares are not. */
export const roubles = (value: number): number => Math.round(value * 100) / 100;
