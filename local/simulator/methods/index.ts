import type { Account } from '../account.ts';
import { type Answer, addressNotAllowed, failure, success, unauthorized } from '../envelope.ts';
import type { ApiRequest } from '../request.ts';
import { balance, senderNameList, tariffs } from './account.ts';
import { list, status, telegramStatus } from './messages.ts';
import { type SendContext, send, sendTelegram } from './send.ts';

type Method = (account: Account, request: ApiRequest, context: SendContext) => Answer;

const methods = new Map<string, Method>([
  ['auth', () => success(null, 'Successful authorization.')],
  ['balance', balance],
  ['tariffs', tariffs],
  ['sign/list', senderNameList],
  ['sms/send', (account, { parameters }, context) => send(account, parameters, context, false)],
  ['sms/status', (account, { parameters }) => status(account, parameters, false)],
  ['sms/list', (account, request) => list(account, request, false)],
  ['sms/testsend', (account, { parameters }, context) => send(account, parameters, context, true)],
  ['sms/teststatus', (account, { parameters }) => status(account, parameters, true)],
  ['sms/testlist', (account, request) => list(account, request, true)],
  ['telegram/send', (account, { parameters }, context) => sendTelegram(account, parameters, context, false)],
  ['telegram/status', (account, { parameters }) => telegramStatus(account, parameters, false)],
  // Only smsaero_bash knows these two (SMSAERO_TEST_MODE).
  [
    'telegram/testsend',
    (account, { parameters }, context) => sendTelegram(account, parameters, context, true),
  ],
  ['telegram/teststatus', (account, { parameters }) => telegramStatus(account, parameters, true)],
]);

/** Names of the methods that the simulator knows. */
export const methodNames: readonly string[] = [...methods.keys()];

/**
 * Answers a call as SMS Aero does when nothing is wrong with the gate: credentials, caller's address, method.
 * @param context the gate's name, and a status to pin on what is sent.
 */
export function callMethod(account: Account, request: ApiRequest, context: SendContext): Answer {
  const method = methods.get(request.method);
  if (!isAuthorized(account, request.authorization)) return unauthorized();
  if (account.allowedIps && !account.allowedIps.has(request.address)) return addressNotAllowed();
  if (request.refusal) return request.refusal;
  return method ? method(account, request, context) : failure(404, 'Page not found.');
}

function isAuthorized(account: Account, authorization: string | undefined): boolean {
  const credentials = /^Basic +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (credentials === undefined) return false;
  return Buffer.from(credentials, 'base64').toString('utf8') === `${account.email}:${account.apiKey}`;
}
