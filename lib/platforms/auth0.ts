import { createHmac } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import { HttpError } from '../http/errors.ts';
import { defaultReply } from '../http/reply.ts';
import { parseJsonBody } from '../http/request.ts';
import { parseObject } from '../json.ts';
import { GENERIC } from '../templates/template.ts';
import { authorizationSecret, hasAuthorization, isOneOf } from './authentication.ts';
import {
  clientAddress,
  hint,
  lazily,
  optionalCode,
  optionalObject,
  phoneNumber,
  renderedText,
} from './fields.ts';
import { type Platform, sameFor } from './platform.ts';

/** How long a repeat is recognised, in s: Auth0 runs the Action again "up to 5 times in the next minutes". */
const IDEMPOTENCY_TTL_S = 600;

/** How far the times of a token may lie from ours, in s, both ways. */
const TOLERANCE_S = 300;

/** `message_type` of the trigger, and what Auth0's sample Action and its older trigger make of it. */
const USAGE_TYPES = new Map([
  ['otp_verify', 'MfaVerification'],
  ['second-factor-authenticator', 'MfaVerification'],
  ['second-factor-authentication', 'MfaVerification'],
  ['otp_enroll', 'BindMfa'],
  ['enrollment', 'BindMfa'],
  ['change_password', 'ForgotPassword'],
]);

/** The body of the Action in docs/platforms/auth0.md and of Auth0's sample; `body` is what the SMS gateway has for a text. */
const body = lazily(() =>
  z.object({
    recipient: phoneNumber('Phone number of the recipient.'),
    code: optionalCode('The code; an SMS gateway is told none.'),
    text: renderedText("The text as Auth0's template makes it."),
    body: renderedText('The text for an SMS gateway.'),
    action: hint('What the message is for.'),
    message_type: hint('`text`, or `voice`, which is refused.'),
    language: hint('Language.'),
    req: optionalObject('The request of the person.', { ip: clientAddress() }),
  }),
);

/**
 * Auth0's custom phone provider, by the Action of docs/platforms/auth0.md or by Auth0's sample, and the SMS gateway of older tenants.
 *
 * The SMS gateway takes exactly 200 for a success, reads no body and never tries again; the Action decides itself. So what may have been sent
 * is a 200 for both.
 */
export const auth0: Platform = {
  name: 'auth0',

  authenticate: (event, secrets) =>
    [hasAuthorization(event, secrets), hasToken(event, secrets)].includes(true),

  parse(event) {
    const parsed = parseJsonBody(event, body());
    const { recipient, action = '', message_type, language, req } = parsed;
    const text = parsed.text ?? parsed.body;
    if (message_type?.toLowerCase() === 'voice') {
      throw new HttpError('call_not_supported');
    }
    return {
      recipient,
      usageType: USAGE_TYPES.get(action) ?? GENERIC,
      locale: language,
      variables: { code: parsed.code },
      text,
      clientAddress: req?.ip,
      // Whether transaction.correlation_id is the same when the Action runs again is not documented; the code is.
      idempotency: sameFor(IDEMPOTENCY_TTL_S, action, parsed.code ?? text),
    };
  },

  reply(answer, requestId) {
    const reply = defaultReply(answer, requestId);
    const isUnknown = answer.status === 'error' && answer.code === 'outcome_unknown';
    return isUnknown ? { ...reply, statusCode: 200 } : reply;
  },

  contract: () => ({
    title: 'Auth0',
    summary: 'Send a code for Auth0',
    description:
      'For an Action of the custom phone provider, and for the SMS gateway of older tenants, whose `Authorization` is a token (HS256) signed with the secret. A message without a code is sent with `text`, else `body`. Calls are refused. The same number, action and code within ten minutes is a repeat: it is answered as the first and sends nothing. The SMS gateway knows only 200, so what may have been sent is one.',
    body: body(),
    request: ({ to, code, locale = 'ru' }) => ({
      recipient: `+${to}`,
      code,
      text: `Your verification code is: ${code}`,
      action: 'otp_verify',
      message_type: 'text',
      language: locale,
      req: { ip: '203.0.113.24' },
    }),
    examples: {
      sample: {
        from: '+79990000000',
        action: 'second-factor-authenticator',
        language: 'ru',
        recipient: '+79031234567',
        message_type: 'text',
        text: 'Your code is 482913',
        code: '482913',
      },
      gateway: {
        recipient: '+7 903 1234567',
        body: 'Your verification code is: 482913',
        sender: '+7 999 0000000',
        req: { ip: '203.0.113.24', 'user-agent': 'Mozilla/5.0' },
      },
    },
    errors: ['call_not_supported'],
    secret: authorizationSecret(
      'Branding > Phone Provider > Custom > the secret SMS_AUTHORIZATION; of an SMS gateway gateway_authentication.secret, without Bearer',
    ),
  }),
};

const TOKEN = /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/i;

/**
 * Whether the `Authorization` header is a JSON Web Token that is signed with one of the secrets. The only algorithm is HS256, whatever the
 * token says. `standardwebhooks` does not know this form, so Node's crypto checks it.
 */
function hasToken({ headers }: APIGatewayProxyEventV2, secrets: readonly string[]): boolean {
  const [, header = '', claims = '', signature = ''] = TOKEN.exec(headers['authorization'] ?? '') ?? [];
  const expected = secrets.map((secret) =>
    createHmac('sha256', secret.replace(/^Bearer /i, ''))
      .update(`${header}.${claims}`)
      .digest('base64url'),
  );
  return isOneOf(signature, expected) && decode(header)?.['alg'] === 'HS256' && isCurrent(decode(claims));
}

const decode = (part: string) => parseObject(Buffer.from(part, 'base64url').toString('utf8'));

/** Whether the times of a token allow it now. One without `exp` is for one request. One without any is as good as a fixed secret. */
function isCurrent(claims: Readonly<Record<string, unknown>> | undefined): boolean {
  if (!claims) {
    return false;
  }
  const { exp, iat, nbf } = claims;
  const now = Date.now() / 1_000;
  const isPast = (time: unknown) =>
    time === undefined || (Number.isFinite(time) && Number(time) <= now + TOLERANCE_S);
  const isRecent = (time: unknown) =>
    time === undefined || (Number.isFinite(time) && Number(time) >= now - TOLERANCE_S);
  return isPast(iat) && isPast(nbf) && isRecent(exp === undefined ? iat : exp);
}
