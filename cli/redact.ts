import { maskPhone } from '../lib/observability/redact.ts';

/** Ten to fifteen digits, as phone numbers have (E.164); ids that a caller chose may hold one. */
const NUMBER = /(?<!\d)\+?\d{10,15}(?!\d)/g;

/** A text of somebody else's without whole phone numbers. */
export function maskNumbers(text: string): string {
  return text.replace(NUMBER, maskPhone);
}
