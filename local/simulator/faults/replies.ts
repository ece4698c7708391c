import {
  type Answer,
  addressNotAllowed,
  failure,
  invalidFields,
  jsonReply,
  notEnoughMoney,
  type Reply,
  success,
  toReply,
  unauthorized,
} from '../envelope.ts';
import type { MessageStatus } from '../message.ts';
import type { RequestFault } from './kinds.ts';

function page(status: number, title: string): Reply {
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center></body>\r\n</html>`;
  return { status, headers: { 'Content-Type': 'text/html' }, body };
}

function retryAfter({ retryAfter: seconds }: { retryAfter?: number }): Record<string, string> {
  return seconds === undefined ? {} : { 'Retry-After': String(seconds) };
}

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
      return toReply(unauthorized());
    case 'no_money':
      return toReply(notEnoughMoney());
    case 'ip_not_allowed':
      return toReply(addressNotAllowed());
    case 'blacklisted':
      if (fault.form === 'message') return toReply(failure(400, 'Number is in the blacklist'));
      return toReply(invalidFields({ number: ['blacklist'] }));
    case 'bad_sender_name':
      return toReply(invalidFields({ sign: ['incorrect'] }));
    case 'invalid_number':
      return toReply(invalidFields({ number: ['incorrect'] }));
    case 'forbidden':
      return toReply(failure(403, 'Forbidden'));
    case 'block_page': {
      const reply = page(fault.status ?? 403, 'Access to this service from your IP-address is denied');
      const { headers } = reply;
      return { ...reply, headers: { ...headers, ...retryAfter(fault) } };
    }
    case 'cut_refusal':
      return toReply(failure(fault.status ?? 400, 'Validation error.', { number: ['incorrect'] }));
    case 'legacy_reject':
      return jsonReply(200, { result: 'reject', reason: fault.reason ?? 'incorrect sender name' });
    case 'legacy_no_credits':
      return jsonReply(200, { result: 'no credits' });
    case 'redirect': {
      const location = fault.location ?? 'https://elsewhere.invalid/v2/sms/send';
      return {
        ...page(fault.status ?? 302, 'Moved'),
        headers: { Location: location, 'Content-Type': 'text/html' },
      };
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

const oversize = 200 * 1024;

/** The account's answer as a fault bends it. */
export function bentReply(answer: Answer, fault: RequestFault | undefined): Reply {
  const { envelope } = answer;
  // A refusal's data are field errors, which stay as they are.
  const data = envelope.success ? envelope.data : null;
  const bent = (changed: unknown) => toReply({ ...answer, envelope: { ...envelope, data: changed } });
  switch (fault?.fault) {
    case 'array_data':
      return data === null || Array.isArray(data) ? toReply(answer) : bent([data]);
    case 'string_types':
      return data === null ? toReply(answer) : bent(withStrings(data));
    case 'truncated_json': {
      const reply = toReply(answer);
      return { ...reply, body: reply.body.slice(0, Math.floor(reply.body.length / 2)) };
    }
    case 'oversized_answer': {
      const reply = toReply(answer);
      // Blanks within the object are valid JSON: a client without a limit would take this for a success, and no part of it is an object.
      return {
        ...reply,
        body: reply.body.replace('{', `{${' '.repeat(oversize - Buffer.byteLength(reply.body))}`),
      };
    }
    default:
      return toReply(answer);
  }
}

function withStrings(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(withStrings);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      ['id', 'status', 'cost'].includes(key) ? String(value) : value,
    ]),
  );
}
