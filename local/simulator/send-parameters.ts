import type { Account } from './account.ts';
import type { Submission, TelegramSubmission } from './account-options.ts';
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
  const { errors, check, required, numbers, bulk } = checker(parameters);
  const from = required('sign', (sign) => account.senderNames.includes(sign));
  const text = required('text', isText);
  const channel = check('channel', (value) => /^(INFO|DIGITAL|INTERNATIONAL|DIRECT|SERVICE)$/.test(value));
  const callbackUrl = check('callbackUrl', (value) => /^https?:\/\/./.test(value) && URL.canParse(value));
  const format = check('callbackFormat', (value) => /^(json|x-www-form-urlencoded)$/i.test(value));
  const shortLink = check('shortLink', (value) => value === '0' || value === '1');
  const now = account.now() / 1000;
  // A minute of grace for clocks that differ; a week ahead is the furthest that SMS Aero's clients allow.
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

/** What `telegram/send` asks for, to each of `numbers`. */
export interface TelegramOrder extends Omit<TelegramSubmission, 'number' | 'gate'> {
  numbers: string[];
  bulk: boolean;
}

/**
 * Checks the parameters of `telegram/send` (smsaero_python, `send_telegram_validate`): a code of 4 to 8 digits; `sign` and `text` for an SMS
 * behind it. SMS Aero's clients send the code as a number, so that a leading zero is lost here as it would be there.
 */
export function checkTelegram(
  account: Account,
  parameters: Parameters,
): { order: TelegramOrder } | { errors: FieldErrors } {
  const { errors, check, required, numbers, bulk } = checker(parameters);
  const code = required('code', (value) => /^\d{4,8}$/.test(value));
  const smsFrom = check('sign', (sign) => account.senderNames.includes(sign));
  const smsText = check('text', isText);
  if (Object.keys(errors).length > 0) return { errors };
  const sms = smsFrom !== undefined && smsText !== undefined ? { smsFrom, smsText } : {};
  return { order: { numbers, bulk, code: String(Number(code)), ...sms } };
}

/** Collects the wrong fields of a request, the recipient's first. */
function checker(parameters: Parameters) {
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
  return { errors, check, required, numbers, bulk };
}

// Characters, not bytes or UTF-16 units: an emoji is one.
function isText(value: string): boolean {
  return [...value].length >= 2 && [...value].length <= 640;
}

function isNumber(value: string): boolean {
  return /^\d{7,15}$/.test(value);
}
