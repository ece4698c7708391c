import type { Account } from '../account.ts';
import { type Answer, invalidFields, notEnoughMoney, success } from '../envelope.ts';
import type { Message, MessageStatus } from '../message.ts';
import type { Parameters } from '../request.ts';
import { checkSend, checkTelegram } from '../send-parameters.ts';

/** What a send needs beside its parameters. */
export interface SendContext {
  /** Name of the gate. */
  gate: string;
  /** Status that the message is born with and keeps. */
  status?: MessageStatus;
}

// Types as in SMS Aero's answers to sms/send: number a string, cost a number.
function sentView({
  id,
  from,
  number,
  text,
  status,
  extendStatus,
  channel,
  cost,
  dateCreate,
  dateSend,
}: Message) {
  return { id, from, number, text, status, extendStatus, channel, cost, dateCreate, dateSend };
}

/**
 * `sms/send` and `sms/testsend` (SMS Aero API v2): checks, charges and accepts. `data` is an object for `number`
 * and an array for `numbers`.
 */
export function send(account: Account, parameters: Parameters, context: SendContext, test: boolean): Answer {
  const checked = checkSend(account, parameters);
  if ('errors' in checked) return invalidFields(checked.errors);
  const { numbers, bulk, ...order } = checked.order;
  // SMS Aero answers 400 here; the body's wording is not documented.
  if (numbers.some((number) => account.blacklist.has(number))) {
    return invalidFields({ [bulk ? 'numbers' : 'number']: ['blacklist'] });
  }
  // A hundredth of a kopeck forgives binary fractions.
  if (!test && numbers.length * account.costOf(order.text) > account.balance + 0.0001)
    return notEnoughMoney();
  const accepted = numbers.map((number) => account.accept({ ...order, ...context, number, test }));
  const views = accepted.map(sentView);
  return { ...success(bulk ? views : views[0]), accepted };
}

/**
 * `telegram/send` and `telegram/testsend`: checks, charges and accepts. The answer's fields are those of SMS Aero's clients
 * (smsaero_python, `send_telegram`): number, code and cost are strings.
 */
export function sendTelegram(
  account: Account,
  parameters: Parameters,
  context: SendContext,
  test: boolean,
): Answer {
  const checked = checkTelegram(account, parameters);
  if ('errors' in checked) return invalidFields(checked.errors);
  const { numbers, bulk, ...order } = checked.order;
  if (numbers.some((number) => account.blacklist.has(number))) {
    return invalidFields({ [bulk ? 'numbers' : 'number']: ['blacklist'] });
  }
  if (!test && numbers.length * account.telegramPrice > account.balance + 0.0001) return notEnoughMoney();
  const accepted = numbers.map((number) => account.acceptTelegram({ ...order, ...context, number, test }));
  const views = accepted.map(telegramView);
  return { ...success(bulk ? views : views[0]), accepted };
}

/** A message for Telegram as `telegram/send` and `telegram/status` show it. */
export function telegramView(message: Message) {
  const { id, number, telegramCode, smsText = '', smsFrom = '', idSms = null } = message;
  const { status, extendStatus, dateCreate } = message;
  const cost = message.cost.toFixed(2);
  return { id, number, telegramCode, smsText, smsFrom, idSms, status, extendStatus, cost, dateCreate };
}
