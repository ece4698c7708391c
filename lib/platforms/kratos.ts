import * as z from 'zod/mini';
import { unknownAsSent } from '../http/reply.ts';
import { parseJsonBody } from '../http/request.ts';
import { GENERIC } from '../templates/template.ts';
import { authorizationSecret, hasAuthorization } from './authentication.ts';
import { clientAddress, hint, lazily, optionalCode, phoneNumber, renderedText } from './fields.ts';
import { type Platform, sameFor } from './platform.ts';

/** How long a repeat is recognised, in s: an hour, as long as Kratos's codes live by default. Its attempts lie about a second apart. */
const IDEMPOTENCY_TTL_S = 3_600;

/** Types that have a text message (courier/sms_templates.go) and a code. */
const USAGE_TYPES = new Map([
  ['login_code_valid', 'SignIn'],
  ['registration_code_valid', 'Register'],
  ['recovery_code_valid', 'ForgotPassword'],
  ['verification_code_valid', 'BindNewIdentifier'],
]);

/** What the Jsonnet of docs/platforms/kratos.md makes. Kratos's default one has no `code`: its `body` is sent then. */
const body = lazily(() =>
  z.object({
    recipient: phoneNumber('Phone number of the recipient.'),
    template_type: hint('What the message is for.'),
    code: optionalCode('The code.'),
    body: renderedText("The text as Kratos's template makes it."),
    at: hint(
      'When that happened which a message without a code tells: two such messages have the same text.',
    ),
    locale: hint("The person's languages, as `Accept-Language` has them.", 1_000),
    ip: clientAddress(),
  }),
);

/**
 * The HTTP channel of Ory Kratos's courier, also on Ory Network (https://www.ory.com/docs/kratos/emails-sms/sending-sms).
 *
 * It sends from a queue, apart from the person's request: nobody reads the answer. Any 2xx is a success; after anything else it makes up to
 * five more attempts, about a second apart, so what may have been sent is told as sent (courier/http_channel.go, courier_dispatcher.go).
 */
export const kratos: Platform = {
  name: 'kratos',

  authenticate: hasAuthorization,

  parse(event) {
    const { recipient, template_type = '', code, body: text, at, locale, ip } = parseJsonBody(event, body());
    return {
      recipient,
      usageType: USAGE_TYPES.get(template_type) ?? GENERIC,
      locale,
      variables: { code },
      text,
      clientAddress: ip,
      // Kratos names no message: an attempt has the same code as the one before, or the same text and time.
      idempotency: sameFor(IDEMPOTENCY_TTL_S, template_type, code ?? [text, at]),
    };
  },

  reply: unknownAsSent,

  contract: () => ({
    title: 'Ory Kratos',
    summary: 'Send a code for Ory Kratos or Ory Network',
    description:
      'The `sms` channel of the courier, with the Jsonnet of docs/platforms/kratos.md. A message without a code is sent with `body`. The same number, type and code within an hour is a repeat: it is answered as the first and sends nothing. Kratos tries again after any error, so what may have been sent is a 204.',
    body: body(),
    request: ({ to, code, locale = 'ru-RU,ru;q=0.9' }) => ({
      recipient: `+${to}`,
      template_type: 'login_code_valid',
      code,
      body: `Your login code is: ${code}\n\nIt expires in 60 minutes.\n`,
      locale,
      ip: '203.0.113.24',
    }),
    examples: {
      textOnly: {
        recipient: '+79031234567',
        template_type: 'verifiable_address_changed',
        body: 'An address on your account was changed.',
        at: '2026-08-20T09:12:33Z',
      },
    },
    secret: authorizationSecret(
      'courier.channels > request_config.auth, api_key with the name Authorization',
    ),
  }),
};
