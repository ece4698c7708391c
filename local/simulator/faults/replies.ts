import type { Answer, Reply } from '../envelope.ts';
import * as envelope from '../envelope.ts';
import type { MessageStatus } from '../message.ts';
import type { RequestFault } from './kinds.ts';

const { failure, invalidFields, jsonReply, success, toReply } = envelope;

const OVERSIZE_BYTES = 200 * 1024;

function page(status: number, title: string, headers: Record<string, string> = {}): Reply {
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center></body>\r\n</html>`;
  return { status, headers: { 'Content-Type': 'text/html', ...headers }, body };
}

const retryAfter = ({ retryAfter: seconds }: { retryAfter?: number }): Record<string, string> =>
  seconds === undefined ? {} : { 'Retry-After': String(seconds) };

type FaultNamed<Name> = Extract<RequestFault, { fault: Name }>;

/** What faults reply instead of the account. */
const REPLIES: { [Name in RequestFault['fault']]?: (fault: FaultNamed<Name>) => Reply } = {
  server_error_json: () => toReply(failure(500, 'Internal Server Error')),
  bad_gateway_html: () => page(502, '502 Bad Gateway'),
  html_200: () => page(200, 'Maintenance'),
  success_false: () => toReply(failure(200, 'Message was not sent')),
  success_null_data: () => toReply(success(null)),
  rate_limited: (fault) => toReply({ ...failure(429, 'Too many requests'), headers: retryAfter(fault) }),
  unauthorized: () => toReply(envelope.unauthorized()),
  no_money: () => toReply(envelope.notEnoughMoney()),
  ip_not_allowed: () => toReply(failure(404, 'Invalid ip-address')),
  blacklisted: ({ form }) =>
    toReply(
      form === 'message'
        ? failure(400, 'Number is in the blacklist')
        : invalidFields({ number: ['blacklist'] }),
    ),
  bad_sender_name: () => toReply(invalidFields({ sign: ['incorrect'] })),
  invalid_number: () => toReply(invalidFields({ number: ['incorrect'] })),
  forbidden: () => toReply(failure(403, 'Forbidden')),
  block_page: (fault) =>
    page(fault.status ?? 403, 'Access to this service from your IP-address is denied', retryAfter(fault)),
  cut_refusal: ({ status = 400 }) => toReply(failure(status, 'Validation error.', { number: ['incorrect'] })),
  legacy_reject: ({ reason = 'incorrect sender name' }) => jsonReply(200, { result: 'reject', reason }),
  legacy_no_credits: () => jsonReply(200, { result: 'no credits' }),
  redirect: ({ status = 302, location = 'https://elsewhere.invalid/v2/sms/send' }) =>
    page(status, 'Moved', { Location: location }),
};

/** The reply that a fault gives instead of the account's, or undefined for a fault without one. */
export const replacementReply = (fault: RequestFault): Reply | undefined =>
  REPLIES[fault.fault]?.(fault as never);

/** True when the request is to be handed to the account before the fault answers. */
export const isAccepting = (fault: RequestFault): boolean =>
  'accept' in fault ? fault.accept === true : !(fault.fault in REPLIES);

/** The status that a fault pins on the message. */
export const PINNED: { [Name in RequestFault['fault']]?: MessageStatus } = {
  moderation: 8,
  status_rejected: 6,
  status_undelivered: 2,
};

/** The account's answer as a fault bends it. */
export function bentReply(answer: Answer, fault: RequestFault | undefined): Reply {
  const reply = toReply(answer);
  const { success: isSuccess, data } = answer.envelope;
  // A refusal's data are field errors, which stay as they are.
  const canBend = isSuccess && typeof data === 'object' && data !== null;
  const bent = (changed: unknown) => toReply({ ...answer, envelope: { ...answer.envelope, data: changed } });
  switch (fault?.fault) {
    case 'array_data':
      return canBend ? bent([data]) : reply;
    case 'string_types':
      return canBend ? bent(withStrings(data)) : reply;
    case 'truncated_json':
      return { ...reply, body: reply.body.slice(0, Math.floor(reply.body.length / 2)) };
    case 'oversized_answer': {
      // Blanks within the object are valid JSON: a client without a limit would take this for a success, and no part of it is an object.
      const blanks = ' '.repeat(OVERSIZE_BYTES - Buffer.byteLength(reply.body));
      return { ...reply, body: reply.body.replace('{', `{${blanks}`) };
    }
    default:
      return reply;
  }
}

function withStrings(data: object): object {
  const changed = ['id', 'status', 'cost'];
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, changed.includes(key) ? String(value) : value]),
  );
}
