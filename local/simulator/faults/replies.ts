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

/** The reply that a fault gives instead of the account's, or undefined for a fault without one. */
export function replacementReply(fault: RequestFault): Reply | undefined {
  switch (fault.fault) {
    case 'server_error_json':
      return toReply(failure(500, 'Internal Server Error'));
    case 'bad_gateway_html':
      return page(502, '502 Bad Gateway');
    case 'html_200':
      return page(200, 'Maintenance');
    case 'success_false':
      return toReply(failure(200, 'Message was not sent'));
    case 'success_null_data':
      return toReply(success(null));
    case 'rate_limited':
      return toReply({ ...failure(429, 'Too many requests'), headers: retryAfter(fault) });
    case 'unauthorized':
      return toReply(envelope.unauthorized());
    case 'no_money':
      return toReply(envelope.notEnoughMoney());
    case 'ip_not_allowed':
      return toReply(failure(404, 'Invalid ip-address'));
    case 'blacklisted':
      if (fault.form === 'message') return toReply(failure(400, 'Number is in the blacklist'));
      return toReply(invalidFields({ number: ['blacklist'] }));
    case 'bad_sender_name':
      return toReply(invalidFields({ sign: ['incorrect'] }));
    case 'invalid_number':
      return toReply(invalidFields({ number: ['incorrect'] }));
    case 'forbidden':
      return toReply(failure(403, 'Forbidden'));
    case 'block_page':
      return page(
        fault.status ?? 403,
        'Access to this service from your IP-address is denied',
        retryAfter(fault),
      );
    case 'cut_refusal':
      return toReply(failure(fault.status ?? 400, 'Validation error.', { number: ['incorrect'] }));
    case 'legacy_reject':
      return jsonReply(200, { result: 'reject', reason: fault.reason ?? 'incorrect sender name' });
    case 'legacy_no_credits':
      return jsonReply(200, { result: 'no credits' });
    case 'redirect': {
      const { status = 302, location = 'https://elsewhere.invalid/v2/sms/send' } = fault;
      return page(status, 'Moved', { Location: location });
    }
    default:
      return undefined;
  }
}

/** True when the request is to be handed to the account before the fault answers. */
export function isAccepting(fault: RequestFault): boolean {
  return 'accept' in fault ? fault.accept === true : replacementReply(fault) === undefined;
}

/** The status that a fault pins on the message. */
export function pinnedStatus(fault: RequestFault | undefined): MessageStatus | undefined {
  if (fault?.fault === 'moderation') return 8;
  if (fault?.fault === 'status_rejected') return 6;
  return fault?.fault === 'status_undelivered' ? 2 : undefined;
}

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
