import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import { HttpError } from '../http/errors.ts';
import { unknownAsSent } from '../http/reply.ts';
import { isForm, parseJsonOrFormBody, readBody } from '../http/request.ts';
import { parseJson } from '../json.ts';
import { authorizationSecret, hasAuthorization } from './authentication.ts';
import { code, lazily, phoneNumber, renderedText } from './fields.ts';
import { type Platform, sameFor } from './platform.ts';

/** How long a repeat is recognised, in s. The plugin tries once and makes a new code each time; a proxy may repeat a request. */
const IDEMPOTENCY_TTL_S = 60;

/**
 * `ApiSmsService` of netzbegruenung/keycloak-mfa-plugins, whose names are settings: `to` and `text` are the default ones. The others
 * come from the settings that docs/platforms/keycloak.md has.
 */
const body = lazily(
  () =>
    z
      .object({
        to: phoneNumber('Phone number of the recipient.'),
        text: renderedText("The text as Keycloak's message smsAuthText makes it."),
        code: z.optional(code('The code, where smsAuthText is nothing else and is sent under this name.')),
      })
      .check(z.meta({ oneOf: [{ required: ['text'] }, { required: ['code'] }] })), // for docs/openapi.json
);

/** The strings of a JSON text; behind a name stands a colon. */
const STRINGS = /("(?:[^"\\]|\\.)*")(\s*:)?/gs;

/**
 * Whether a name stands twice in a JSON body, at any depth. The plugin writes values between quotes as they are, and a person may choose
 * the phone number, an attribute of the user in Keycloak: `7903…","text":"…`. That is JSON, and the last value of a name would count.
 */
function hasNameTwice(event: APIGatewayProxyEventV2): boolean {
  const text = readBody(event)?.toString('utf8') ?? '';
  const names = [...text.matchAll(STRINGS)].flatMap(([, name = '', colon]) =>
    colon === undefined ? [] : [parseJson(name)],
  );
  return new Set(names).size < names.length;
}

/**
 * The SMS authenticator that most use with Keycloak, which sends no SMS itself: sms-authenticator of netzbegruenung/keycloak-mfa-plugins.
 *
 * It does not escape what it writes into JSON. What is not JSON is refused, not repaired: whoever repairs it must guess where a value
 * ends, which is what an attacker would use. Forms have no such gap.
 *
 * It never repeats a request, shows the page for the code whatever the answer is, and writes a JSON body, with its code, into Keycloak's
 * log after anything but a 2xx. So a code that may have arrived is told as sent.
 */
export const keycloak: Platform = {
  name: 'keycloak',

  authenticate: hasAuthorization,

  parse(event) {
    const { to, text, code: value } = parseJsonOrFormBody(event, body());
    if (!isForm(event) && hasNameTwice(event)) {
      throw new HttpError('invalid_request', [{ path: '', code: 'repeated_name' }]);
    }
    // The settings send one of them; the other one would be put there by whoever chose the number.
    if (value !== undefined && text !== undefined) {
      throw new HttpError('invalid_request', [{ path: 'text', code: 'unrecognized_keys' }]);
    }
    return {
      recipient: to,
      usageType: 'MfaVerification', // all that the plugin is for
      variables: { code: value },
      text,
      idempotency: sameFor(IDEMPOTENCY_TTL_S, value ?? text),
    };
  },

  reply: unknownAsSent,

  contract: () => ({
    title: 'Keycloak',
    summary: 'Send a code for Keycloak',
    description:
      'The endpoint of the plugin sms-authenticator (netzbegruenung/keycloak-mfa-plugins). `text` is sent as it is; `code` with our template. One of them must be there, and not both. JSON that the plugin did not escape is refused, as is a name that stands twice. The same number and code or text within a minute is a repeat: it is answered as the first and sends nothing. What may have been sent is a 204.',
    body: body(),
    request: ({ to, code }) => ({ code, to: `+${to}`, from: 'Keycloak' }),
    forms: true,
    examples: {
      pluginText: {
        text: 'Ваш SMS-код: 482913. Код действителен 5 минут.',
        to: '+79031234567',
        from: 'Keycloak',
      },
    },
    secret: authorizationSecret(
      'SMS Authentication (2FA) > Config > API Secret, put in the Authorization header',
    ),
  }),
};
