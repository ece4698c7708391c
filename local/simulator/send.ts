import type { Account } from './account.ts';
import { type Answer, type FieldErrors, invalidFields, notEnoughMoney, success } from './envelope.ts';
import type { Message, MessageStatus, Submission } from './message.ts';
import { isGiven, type Parameters, textOf } from './request.ts';

/** What a send needs beside its parameters. */
export interface SendContext {
  gate: string;
  /** Status that the message is born with and keeps. */
  status?: MessageStatus | undefined;
}

/** `sms/send` and `sms/testsend` (SMS Aero API v2): checks, charges and accepts. */
export function send(account: Account, parameters: Parameters, context: SendContext, test: boolean): Answer {
  const { errors, check, required } = checker(parameters);
  const order = {
    number: required('number', isNumber),
    from: required('sign', (sign) => account.senderNames.includes(sign)),
    text: required('text', isText),
    callbackUrl: check('callbackUrl', (value) => /^https?:\/\/./.test(value) && URL.canParse(value)),
    test,
  };
  return accept(account, errors, order, context, sentView);
}

/**
 * `telegram/send` and `telegram/testsend` (smsaero_python, `send_telegram`): a code of 4 to 8 digits; `sign` and `text` for an SMS behind it.
 * SMS Aero's clients send the code as a number, so that a leading zero is lost here as it would be there.
 */
export function sendTelegram(
  account: Account,
  parameters: Parameters,
  context: SendContext,
  test: boolean,
): Answer {
  const { errors, check, required } = checker(parameters);
  const number = required('number', isNumber);
  const code = String(Number(required('code', (value) => /^\d{4,8}$/.test(value))));
  const smsFrom = check('sign', (sign) => account.senderNames.includes(sign));
  const smsText = check('text', isText);
  const sms = smsFrom === undefined || smsText === undefined ? {} : { smsFrom, smsText };
  const order = { number, from: 'Telegram', text: code, telegramCode: code, ...sms, test };
  return accept(account, errors, order, context, telegramView);
}

/** Accepts what nothing is wrong with, and can be paid. */
function accept(
  account: Account,
  errors: FieldErrors,
  order: Omit<Submission, 'gate'>,
  { gate, status }: SendContext,
  view: (message: Message) => object,
): Answer {
  if (Object.keys(errors).length > 0) return invalidFields(errors);
  // SMS Aero answers 400 here; the body's wording is not documented.
  if (account.blacklist.has(order.number)) return invalidFields({ number: ['blacklist'] });
  // A hundredth of a kopeck forgives binary fractions.
  if (!order.test && account.costOf(order) > account.balance + 0.0001) return notEnoughMoney();
  const accepted = account.accept({ ...order, gate }, status);
  return { ...success(view(accepted)), accepted };
}

/** Collects the wrong fields of a request, each `required` or `incorrect`. */
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
  return { errors, check, required };
}

// Characters, not bytes or UTF-16 units: an emoji is one.
const isText = (value: string) => [...value].length >= 2 && [...value].length <= 640;

const isNumber = (value: string) => /^\d{7,15}$/.test(value);

// Types as in SMS Aero's answers to sms/send: number a string, cost a number.
function sentView({ id, from, number, text, status, extendStatus, channel, cost, dateCreate }: Message) {
  const dateSend = dateCreate;
  return { id, from, number, text, status, extendStatus, channel, cost, dateCreate, dateSend };
}

/** A message for Telegram as `telegram/send` and `telegram/status` show it: number, code and cost are strings. */
export function telegramView(message: Message): object {
  const { id, number, telegramCode, smsText = '', smsFrom = '', idSms = null } = message;
  const { status, extendStatus, dateCreate } = message;
  const cost = message.cost.toFixed(2);
  return { id, number, telegramCode, smsText, smsFrom, idSms, status, extendStatus, cost, dateCreate };
}
