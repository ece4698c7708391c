import * as z from 'zod/mini';
import { outcomeReply } from '../http/reply.ts';
import { parseJsonBody } from '../http/request.ts';
import { MAX_WRITTEN_NUMBER } from '../message/recipient.ts';
import { GENERIC } from '../templates/template.ts';
import { CODE_CHARACTERS } from '../templates/values.ts';
import { isOneOf, type Platform } from './platform.ts';

/** How long a repeat is recognised, in s. Logto itself repeats nothing; a proxy or a double click may, within seconds. */
const IDEMPOTENCY_TTL_S = 60;

/** The code of the console's test message: always the same, so the second test is not a repeat of the first. */
const TEST_CODE = '000000';

/** A hint that may be absent, null, of another type or absurdly long: not worth losing a sign-in for. */
const hint = (meaning: string) =>
  z.catch(z.optional(z.string().check(z.maxLength(200), z.describe(meaning))), undefined);

/** Stands for an address of another type: no address can be read from it, as from any other text that is none. */
const NOT_A_TEXT = 'not a text';

/**
 * Of any length and type: what cannot be counted must be noticed, so it must not be dropped here. Null counts as absent. Without a context
 * the schema is asked for the default of the contract, of which there is none.
 */
const address = z.catch(
  z.optional(z.string().check(z.describe("Address of the person's device."))),
  (context?: { readonly input: unknown }) => ((context?.input ?? null) === null ? undefined : NOT_A_TEXT),
);

/** What @logto/connector-http-sms 0.2 posts: `SendMessageData` of @logto/connector-kit. Further fields are allowed everywhere. */
const body = z.object({
  to: z
    .string()
    .check(z.minLength(1), z.maxLength(MAX_WRITTEN_NUMBER), z.describe('Phone number of the recipient.')),
  type: hint('Usage type: which template to send.'),
  payload: z
    .looseObject({
      code: z
        .string()
        .check(z.minLength(1), z.maxLength(100), z.regex(CODE_CHARACTERS), z.describe('The code.')),
      locale: hint('Language of the page.'),
      uiLocales: hint("The person's languages, with spaces between."),
    })
    .check(z.describe('Values of the placeholders.')),
  ip: address,
});

/**
 * Logto's HTTP SMS connector (https://docs.logto.io/integrations/http-sms).
 *
 * It sends its `authorization` setting verbatim as the `Authorization` header, takes any 2xx for success, never repeats a
 * request, and shows the body of any other answer to the person who is signing in.
 */
export const logto: Platform = {
  name: 'logto',

  authenticate: ({ headers }, secrets) => isOneOf(headers['authorization'] ?? '', secrets),

  parse(event) {
    const { to, type, payload, ip } = parseJsonBody(event, body);
    return {
      recipient: to,
      usageType: type ?? GENERIC,
      // The language that the sign-in page is in, then the raw OIDC parameter
      locale: [payload.locale ?? [], payload.uiLocales ?? []].flat(),
      variables: payload,
      clientAddress: ip,
      // Each send makes a new code, so number, type and code name it.
      idempotency:
        payload.code === TEST_CODE
          ? undefined
          : { key: JSON.stringify([type, payload.code]), perRecipient: true, ttlS: IDEMPOTENCY_TTL_S },
    };
  },

  reply: outcomeReply,

  contract() {
    return {
      title: 'Logto',
      summary: 'Send a code for Logto',
      description:
        "The endpoint of Logto's HTTP SMS connector. A field of another type or length than here counts as absent, except `to` and `payload.code`, and an `ip` of another type as one that cannot be read. The same number, type and code within a minute is a repeat: it is answered as the first and sends nothing. The console's test, whose code is `000000`, is never a repeat.",
      body,
      examples: {
        signIn: {
          to: '79031234567',
          type: 'SignIn',
          payload: { code: '482913', locale: 'ru' },
          ip: '203.0.113.24',
        },
        test: { to: '79031234567', type: 'Generic', payload: { code: TEST_CODE } },
      },
    };
  },
};
