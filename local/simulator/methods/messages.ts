import type { Account } from '../account.ts';
import { type Answer, failure, invalidFields, success } from '../envelope.ts';
import { isFinal, type Message } from '../message.ts';
import { type ApiRequest, isGiven, type Parameters, textOf } from '../request.ts';
import { telegramView } from './send.ts';

const pageSize = 20;

// Types as in SMS Aero's answers to sms/status: number an integer, cost a string, dateAnswer once it is final.
function statusView(message: Message) {
  const { id, from, text, status, extendStatus, channel, dateCreate, dateSend, dateAnswer } = message;
  return {
    id,
    from,
    number: Number(message.number),
    text,
    status,
    extendStatus,
    channel,
    cost: message.cost.toFixed(2),
    dateCreate,
    dateSend,
    ...(isFinal(status) ? { dateAnswer } : {}),
  };
}

/** `sms/status` and `sms/teststatus` by `id` (SMS Aero API v2). An unknown id is a 404, which is not documented. */
export function status(account: Account, parameters: Parameters, test: boolean): Answer {
  return answerFor(account, parameters, test, 'sms');
}

/** `telegram/status` and `telegram/teststatus` by `id` (smsaero_python, `telegram_status`). */
export function telegramStatus(account: Account, parameters: Parameters, test: boolean): Answer {
  return answerFor(account, parameters, test, 'telegram');
}

function answerFor(
  account: Account,
  parameters: Parameters,
  test: boolean,
  kind: 'sms' | 'telegram',
): Answer {
  if (!isGiven(parameters, 'id')) return invalidFields({ id: ['required'] });
  const id = textOf(parameters, 'id') ?? '';
  if (!/^\d{1,15}$/.test(id)) return invalidFields({ id: ['incorrect'] });
  const message = account.find(Number(id), test);
  if (!message || (message.telegramCode === undefined) !== (kind === 'sms')) {
    return failure(404, 'Message not found.');
  }
  return success(kind === 'sms' ? statusView(message) : telegramView(message));
}

/**
 * `sms/list` and `sms/testlist` (SMS Aero API v2): newest first, filtered by `number` (whole) and `text` (part),
 * an object with string indices, `links`, and `totalCount` as a string. 20 a page; a page too far is the last one.
 */
export function list(account: Account, { method, parameters }: ApiRequest, test: boolean): Answer {
  const number = textOf(parameters, 'number');
  const text = textOf(parameters, 'text');
  const asked = textOf(parameters, 'page') ?? '1';
  if (!/^\d{1,9}$/.test(asked)) return invalidFields({ page: ['incorrect'] });
  const found = account
    .messages(test)
    .filter((message) => message.telegramCode === undefined)
    .filter((message) => number === undefined || message.number === number)
    .filter((message) => text === undefined || message.text.includes(text));
  const last = Math.max(1, Math.ceil(found.length / pageSize));
  const page = Math.min(Math.max(1, Number(asked)), last);
  const link = (target: number) => `/v2/${method}?page=${target}`;
  const rows = found.slice((page - 1) * pageSize, page * pageSize).map(statusView);
  return success({
    ...Object.fromEntries(rows.map((row, index) => [String(index), row])),
    links: {
      self: link(page),
      first: link(1),
      last: link(last),
      ...(page < last ? { next: link(page + 1) } : {}),
      ...(page > 1 ? { prev: link(page - 1) } : {}),
    },
    totalCount: String(found.length),
  });
}
