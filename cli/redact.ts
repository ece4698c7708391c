import { maskPhone } from '../lib/observability/redact.ts';

/** Digits with what people write between those of a phone number: `+7 (903) 123-45-67`, `8.903.123.45.67`. */
const DIGITS = /\+?\p{Nd}(?:[\p{Zs}().\-\u2010-\u2015/]{0,3}\p{Nd})+/gu;

/** What moves the cursor, changes colours, breaks the line or turns the writing around. */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A text of somebody else's as it may be printed: without whole phone numbers in any writing (ten to fifteen digits, E.164; ids that a caller
 * chose may hold one), and without what a terminal would obey.
 */
export function shown(text: string): string {
  return text.replace(CONTROLS, '\ufffd').replace(DIGITS, mask);
}

function mask(written: string): string {
  const digits = written.match(/\p{Nd}/gu) ?? [];
  const isNumber = digits.length >= 10 && (digits.length <= 15 || digits.length < Array.from(written).length);
  if (!isNumber) return written;
  return /^[\x20-\x7e]*$/.test(digits.join('')) ? maskPhone(digits.join('')) : '•••';
}
