import { HttpError } from '../http/error.ts';
import { parseJsonBody } from '../http/json.ts';
import { errorReply, type HttpReply, jsonReply, outcomeReply } from '../http/reply.ts';
import type { HttpRequest } from '../http/request.ts';
import type { Accepted, Outcome } from '../outcome.ts';
import { fingerprintOf, type SmsCommand, smsCommandSchema } from '../sms-command.ts';
import type { SmsRequest } from '../sms-request.ts';
import { GENERIC } from '../templates/template.ts';
import type { Platform } from './platform.ts';
import { isOneOf } from './secrets.ts';

/** How long a repeat is recognised by its `Idempotency-Key`, in s: a day. */
const REMEMBER_KEY = 86_400;

/** How long without one, in s: number, type and code name a message for as long as a caller may repeat it at once. */
const REMEMBER_MESSAGE = 60;

/** Visible ASCII; the IETF's draft (draft-ietf-httpapi-idempotency-key-header) sets no length. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * One's own backend: `POST /sms/direct`.
 *
 * An `Idempotency-Key` header names the request: a repeat within a day hears what the first one heard, and the same key with another body
 * is refused.
 */
export const direct: Platform = {
  name: 'direct',

  authenticate: ({ headers }, secrets) => isOneOf(headers['authorization'] ?? '', secrets),

  parse(request) {
    const command = parseJsonBody(request, smsCommandSchema);
    return {
      recipient: command.to,
      usageType: command.type ?? GENERIC,
      locale: command.locale,
      variables: command.payload,
      clientAddress: command.ip,
      idempotency: idempotencyOf(request, command),
    };
  },

  reply(outcome, requestId): HttpReply {
    const first = outcome.status === 'duplicate' ? outcome.of : outcome;
    switch (first.status) {
      case 'accepted':
        return jsonReply(200, requestId, acceptedBody(first, outcome));
      case 'unknown':
        // Its delivery can be asked for: a report may tell what is not known now.
        return errorReply('outcome_unknown', requestId, { deliveryId: first.deliveryId });
      default:
        return outcomeReply(first, requestId);
    }
  },
};

function acceptedBody({ deliveryId, messageId, segments, cost }: Accepted, { status }: Outcome): object {
  return {
    status: 'accepted',
    id: deliveryId,
    messageId,
    segments,
    cost,
    duplicate: status === 'duplicate',
  };
}

function idempotencyOf({ headers }: HttpRequest, command: SmsCommand): SmsRequest['idempotency'] {
  const key = headers['idempotency-key']?.trim();
  if (key === undefined) {
    const { to, type, payload } = command;
    return { key: JSON.stringify(['message', to, type, payload.code]), remember: REMEMBER_MESSAGE };
  }
  if (!KEY.test(key)) {
    throw new HttpError('invalid_request', [{ path: 'Idempotency-Key', code: 'invalid_format' }]);
  }
  return {
    key: JSON.stringify(['key', key]),
    remember: REMEMBER_KEY,
    fingerprint: fingerprintOf(command),
  };
}
