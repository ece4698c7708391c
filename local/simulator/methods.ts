import type { Account } from './account.ts';
import { type Answer, failure, invalidFields, success, unauthorized } from './envelope.ts';
import type { Message } from './message.ts';
import { type ApiRequest, isGiven, type Parameters, textOf } from './request.ts';
import { type SendContext, send, sendTelegram, telegramView } from './send.ts';

type Method = (account: Account, parameters: Parameters, context: SendContext) => Answer;

const methods = new Map<string, Method>([
  ['auth', () => success(null, 'Successful authorization.')],
  ['balance', (account) => success({ balance: account.balance })],
  ['tariffs', tariffs],
  ['sign/list', senderNameList],
  ['sms/send', (...call) => send(...call, false)],
  ['sms/status', (account, parameters) => status(account, parameters, 'sms', false)],
  ['sms/testsend', (...call) => send(...call, true)],
  ['sms/teststatus', (account, parameters) => status(account, parameters, 'sms', true)],
  ['telegram/send', (...call) => sendTelegram(...call, false)],
  ['telegram/status', (account, parameters) => status(account, parameters, 'telegram', false)],
  // Only smsaero_bash knows these two (SMSAERO_TEST_MODE).
  ['telegram/testsend', (...call) => sendTelegram(...call, true)],
  ['telegram/teststatus', (account, parameters) => status(account, parameters, 'telegram', true)],
]);

export const methodNames: readonly string[] = [...methods.keys()];

/**
 * Answers a call as SMS Aero does when nothing is wrong with the gate: credentials, then the method.
 * @param context the gate's name, and a status to pin on what is sent.
 */
export function callMethod(account: Account, request: ApiRequest, context: SendContext): Answer {
  const credentials = Buffer.from(`${account.email}:${account.apiKey}`).toString('base64');
  if (request.authorization !== `Basic ${credentials}`) return unauthorized();
  const method = methods.get(request.method);
  return method ? method(account, request.parameters, context) : failure(404, 'Page not found.');
}

const operators = { 1: 'MEGAFON', 4: 'MTS', 5: 'BEELINE', 6: 'TELE2' };

/** `tariffs`: roubles a segment by channel and operator, as strings (SMS Aero API v2). */
function tariffs({ price }: Account): Answer {
  const names = [...Object.values(operators), 'OTHER'];
  const prices = Object.fromEntries(names.map((operator) => [operator, price.toFixed(2)]));
  return success({ 'FREE SIGN': prices, 'PAY SIGN': prices });
}

/** `sign/list`: an object with string indices, all sender names approved everywhere (SMS Aero API v2). */
function senderNameList({ senderNames }: Account): Answer {
  const approved = { status: 1, extendStatus: 'approve' };
  const statusOperators = Object.fromEntries(
    Object.entries(operators).map(([id, extendOperator]) => [
      id,
      { operator: Number(id), extendOperator, ...approved },
    ]),
  );
  const names = senderNames.map((name, index) => ({
    id: 12_345 + index,
    name,
    ...approved,
    statusOperators,
  }));
  return success({ totalCount: String(names.length), ...names });
}

/**
 * `sms/status` (SMS Aero API v2) and `telegram/status` (smsaero_python, `telegram_status`), and the same in test mode, by `id`. An unknown id
 * is a 404, which is not documented.
 */
function status(account: Account, parameters: Parameters, kind: 'sms' | 'telegram', test: boolean): Answer {
  if (!isGiven(parameters, 'id')) return invalidFields({ id: ['required'] });
  const id = textOf(parameters, 'id') ?? '';
  if (!/^\d{1,15}$/.test(id)) return invalidFields({ id: ['incorrect'] });
  const message = account.find(Number(id), test);
  if (!message || (message.telegramCode === undefined) !== (kind === 'sms'))
    return failure(404, 'Message not found.');
  return success(kind === 'sms' ? statusView(message) : telegramView(message));
}

// Types as in SMS Aero's answers to sms/status: number an integer, cost a string, dateAnswer once it is final.
function statusView({ id, from, number, text, status, extendStatus, channel, cost, ...dates }: Message) {
  const { dateCreate, dateAnswer } = dates;
  return {
    ...{ id, from, number: Number(number), text, status, extendStatus, channel, cost: cost.toFixed(2) },
    ...{ dateCreate, dateSend: dateCreate, dateAnswer },
  };
}
