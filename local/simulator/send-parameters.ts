import type { Account } from './account.ts';
import type { Submission } from './account-options.ts';
import type { FieldErrors } from './envelope.ts';
import { isGiven, type Parameters, textOf } from './request.ts';

/** What `sms/send` asks for, to each of `numbers`. */
export interface SendOrder extends Omit<Submission, 'number' | 'gate'> {
  numbers: string[];
  /** True when the caller used `numbers`, which makes the answer's `data` an array. */
  bulk: boolean;
}

const week = 7 * 24 * 3600;

/** The recipients of a request as they were written, right or wrong. */
export function recipientsOf(parameters: Parameters): string[] {
  const numbers = parameters.get('numbers');
  if (!isGiven(parameters, 'number') && Array.isArray(numbers))
    return numbers.map((number) => String(number));
  return [textOf(parameters, 'number') ?? ''];
}

/**
 * Checks the parameters of `sms/send` (SMS Aero API v2).
 * @returns the order, or every wrong field with `required` or `incorrect`.
 */
export function checkSend(
  account: Account,
  parameters: Parameters,
): { order: SendOrder } | { errors: FieldErrors } {
  const errors: FieldErrors = {};
  const check = (name: string, valid: (value: string) => boolean): string | undefined => {
    if (!isGiven(parameters, name)) return undefined;
    const value = textOf(parameters, name);
    if (value === undefined || !valid(value)) errors[name] = ['incorrect'];
    return value;
  };
  const required = (name: string, valid: (value: string) => boolean): string => {
    if (!isGiven(parameters, name)) errors[name] = ['required'];
    return check(name, valid) ?? '';
  };

  const numbers = recipientsOf(parameters);
  const bulk = !isGiven(parameters, 'number') && isGiven(parameters, 'numbers');
  if (!bulk) required('number', isNumber);
  else if (numbers.length === 0 || !numbers.every(isNumber)) errors['numbers'] = ['incorrect'];

  const from = required('sign', (sign) => account.senderNames.includes(sign));
  // Characters, not bytes or UTF-16 units: an emoji is one.
  const text = required('text', (value) => [...value].length >= 2 && [...value].length <= 640);
  const channel = check('channel', (value) => /^(INFO|DIGITAL|INTERNATIONAL|DIRECT|SERVICE)$/.test(value));
  const callbackUrl = check('callbackUrl', (value) => /^https?:\/\/./.test(value) && URL.canParse(value));
  const format = check('callbackFormat', (value) => /^(json|x-www-form-urlencoded)$/i.test(value));
  const shortLink = check('shortLink', (value) => value === '0' || value === '1');
  const now = account.now() / 1000;
  // A minute of grace for clocks that differ; a week ahead is the furthest that SMS Aero's own clients allow.
  const dateSend = check(
    'dateSend',
    (at) => /^\d{1,10}$/.test(at) && Number(at) >= now - 60 && Number(at) <= now + week,
  );

  if (Object.keys(errors).length > 0) return { errors };
  return {
    order: {
      numbers,
      bulk,
      from,
      text,
      shortLink: shortLink === '1',
      ...(channel === undefined ? {} : { channel }),
      ...(callbackUrl === undefined ? {} : { callbackUrl }),
      ...(format === undefined
        ? {}
        : { callbackFormat: format.toUpperCase() === 'JSON' ? 'JSON' : 'x-www-form-urlencoded' }),
      ...(dateSend === undefined ? {} : { dateSend: Number(dateSend) }),
    },
  };
}

function isNumber(value: string): boolean {
  return /^\d{7,15}$/.test(value);
}
