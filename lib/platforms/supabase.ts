import * as z from 'zod/mini';
import { ERRORS, type ErrorCode, HttpError } from '../http/errors.ts';
import { emptyReply, jsonReply } from '../http/reply.ts';
import { parseJsonBody } from '../http/request.ts';
import { MAX_WRITTEN_NUMBER } from '../message/sms-request.ts';
import { GENERIC } from '../templates/template.ts';
import { clientAddress, code, hint, lazily, optionalObject } from './fields.ts';
import { type Platform, sameFor } from './platform.ts';
import { isSignedWebhook, REPLAY_WINDOW_S, webhookSecret } from './standard-webhooks.ts';

/** `SendSMSInput` of supabase/auth (internal/hooks/v0hooks/v0hooks.go). `user` and `metadata` have many more fields. */
const body = lazily(() =>
  z.object({
    metadata: optionalObject('About the call.', {
      uuid: hint('Names the message: the same in each attempt.'),
      ip_address: clientAddress(),
    }),
    user: optionalObject('The user.', {
      phone: hint('The confirmed number, or the one of a new user.', 256),
      new_phone: hint('The number that is to replace it.', 256),
      user_metadata: optionalObject('What your app knows of the user.', { locale: hint('Language.') }),
    }),
    sms: z
      .object({
        otp: code('The code.'),
        // One that is there and cannot be read is refused: another number of the user must not be used instead.
        phone: z.optional(
          z
            .nullable(z.string().check(z.maxLength(MAX_WRITTEN_NUMBER)))
            .check(z.describe('Phone number of the recipient; servers before September 2025 have none.')),
        ),
        sms_type: hint('`mfa` for a second factor, else absent.'),
      })
      .check(z.describe('The message.')),
  }),
);

/**
 * Whom an older server means, which names no recipient. `new_phone` stays until it is confirmed, so that beside another `phone` it cannot be
 * said which of them a code is for: that of a sign-in must not go to a number that nobody has confirmed, nor that of a new number to the old.
 */
function numberOf(
  user: { readonly phone?: string | undefined; readonly new_phone?: string | undefined } | undefined,
  type: string | undefined,
): string | undefined {
  const { phone, new_phone: changed } = user ?? {};
  if (type === 'mfa') return phone; // a second factor is never asked for at a number that is still to be confirmed
  return phone && changed && phone !== changed ? undefined : phone || changed;
}

/** Errors that Supabase has the person read. What only an operator can act on is told as a problem of the service. */
const PERSONAL: Partial<Record<ErrorCode, number>> = {
  invalid_recipient: 400,
  country_not_allowed: 400,
  rate_exceeded: 429,
};

/** Nothing was sent, and another attempt may succeed. Supabase makes up to two, at once. */
const RETRIED: readonly ErrorCode[] = [
  'gateway_unavailable',
  'guard_unavailable',
  'configuration_unavailable',
];

/**
 * Supabase Auth's Send SMS hook (https://supabase.com/docs/guides/auth/auth-hooks/send-sms-hook).
 *
 * It stores the code only after a success, so what may have been sent is told as sent: the code works if it arrives. It answers its
 * client with the status and the message of `{"error": …}` in a 200, and with a bare 500 for any other status than 200, 202 and 204, save
 * that it tries a 429 or 503 with `Retry-After` again at once. All attempts have 5 s together (internal/hooks/hookshttp/hookshttp.go).
 */
export const supabase: Platform = {
  name: 'supabase',

  authenticate: isSignedWebhook,

  parse(event) {
    const { metadata, user, sms } = parseJsonBody(event, body());
    const recipient = sms.phone || numberOf(user, sms.sms_type);
    if (!recipient) {
      throw new HttpError('invalid_request', [{ path: 'sms.phone', code: 'missing' }]);
    }
    const isChange = recipient === user?.new_phone;
    return {
      recipient,
      usageType: sms.sms_type === 'mfa' ? 'MfaVerification' : isChange ? 'BindNewIdentifier' : GENERIC,
      locale: user?.user_metadata?.locale,
      variables: { code: sms.otp },
      clientAddress: metadata?.ip_address,
      // webhook-id is another one in each attempt
      idempotency: metadata?.uuid
        ? { key: JSON.stringify(['uuid', metadata.uuid]), ttlS: REPLAY_WINDOW_S }
        : sameFor(REPLAY_WINDOW_S, 'code', sms.otp),
    };
  },

  reply(answer, requestId) {
    if (answer.status === 'accepted' || answer.code === 'outcome_unknown') {
      return emptyReply(204, requestId);
    }
    const { code } = answer;
    const message = code in PERSONAL ? ERRORS[code].message : ERRORS.internal_error.message;
    const error = { http_code: PERSONAL[code] ?? 500, message };
    return RETRIED.includes(code)
      ? jsonReply(503, requestId, { error }, { 'Retry-After': '1' })
      : jsonReply(200, requestId, { error });
  },

  contract: () => ({
    title: 'Supabase Auth',
    summary: 'Send a code for Supabase Auth',
    description:
      "The Send SMS hook. The recipient is `sms.phone`; without it, `user.phone` or `user.new_phone`, and none if both are there and differ. `metadata.uuid` names the message: each attempt of one call is answered as the first, and one SMS is sent. Errors are a 200 in Supabase's form; a 503 asks for another attempt, and is given only if nothing was sent. What may have been sent is a 204, because Supabase stores the code only then.",
    body: body(),
    request: ({ to, code, id, locale }) => ({
      metadata: {
        uuid: id,
        time: '2026-08-20T09:12:33.123456Z',
        name: 'send-sms',
        ip_address: '203.0.113.24',
      },
      user: {
        id: '5b6d0a5e-3b0e-4b7f-9d8c-0f1e2d3c4b5a',
        aud: 'authenticated',
        role: 'authenticated',
        phone: to,
        user_metadata: { locale },
      },
      sms: { otp: code, phone: to },
    }),
    failure: z.object({
      error: z
        .object({
          http_code: z.int().check(z.describe('The status that Supabase answers its client with.')),
          message: z.string().check(z.describe('What the person reads.')),
        })
        .check(z.describe('What went wrong.')),
    }),
    secret: webhookSecret('Authentication > Auth Hooks > Send SMS hook > Secret', 'v1,'),
  }),
};
