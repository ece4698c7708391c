import { createHmac } from 'node:crypto';
import * as z from 'zod/mini';
import { unknownAsSent } from '../http/reply.ts';
import { parseJsonBody, readBody } from '../http/request.ts';
import { GENERIC } from '../templates/template.ts';
import { isOneOf } from './authentication.ts';
import { hint, lazily, optionalCode, optionalObject, phoneNumber, renderedText } from './fields.ts';
import { type Platform, type SecretForm, sameFor } from './platform.ts';

/** How far its time may lie from ours, in s, both ways: ZITADEL's receiver allows 300 s (pkg/actions/signing.go). */
const TOLERANCE_S = 300;

/** How long a repeat is recognised, in s: ZITADEL tries again for as long as it is set up to, with growing pauses. */
const IDEMPOTENCY_TTL_S = 3_600;

/** The event that the message is for: strings of internal/repository/{user,session}. */
const USAGE_TYPES = new Map([
  ['user.phone.code.added', 'BindNewIdentifier'],
  ['user.human.phone.code.added', 'BindNewIdentifier'],
  ['user.human.password.code.added', 'ForgotPassword'],
  ['user.human.mfa.otp.sms.code.added', 'MfaVerification'],
  ['session.otp.sms.challenged', 'MfaVerification'],
]);

/** ZITADEL writes the names of its arguments with only the first letter lowered: `OTP` becomes `oTP`. */
const body = lazily(() =>
  z.object({
    contextInfo: z
      .object({
        eventType: hint('What the message is for.'),
        recipientPhoneNumber: phoneNumber('Phone number of the recipient.'),
      })
      .check(z.describe('About the message.')),
    templateData: optionalObject("The message as ZITADEL's texts make it.", {
      text: renderedText('The text.'),
    }),
    // Not `optionalObject`: with a code that cannot be sent it would count as absent, and the text with that code would go out.
    args: z.optional(
      z
        .nullable(
          z.object({
            code: optionalCode('The code.'),
            oTP: optionalCode('The code, under the name that older versions give it.'),
          }),
        )
        .check(z.describe('The values for the text.')),
    ),
  }),
);

/** What signs a body: HMAC-SHA256 in hexadecimal over `{time}.{body}`, keyed with the text of the key as it is. */
const signatureOf = (key: string, time: string, text: Buffer | string) =>
  createHmac('sha256', key).update(`${time}.`).update(text).digest('hex');

const secret: SecretForm = {
  header: 'ZITADEL-Signature',
  setting: 'the signingKey in the answer that made the SMS provider',
  problemOf: () => undefined,
  local: 'local-development-signing-key',
  headersFor(key, text, now) {
    const time = String(Math.floor(now / 1_000));
    return { 'ZITADEL-Signature': `t=${time},v1=${signatureOf(key, time, text)}` };
  },
};

/**
 * ZITADEL's HTTP SMS provider (https://zitadel.com/docs/guides/manage/customize/notification-providers).
 *
 * It sends from a worker, apart from the person's request: nobody reads the answer. Any 2xx is a success; after anything else it tries
 * again, so what may have been sent is told as sent.
 */
export const zitadel: Platform = {
  name: 'zitadel',

  // Standard Webhooks has another header and another signed text, so this signature is checked by Node's crypto.
  authenticate(event, keys) {
    const parts = (event.headers['zitadel-signature'] ?? '').split(',').map((part) => part.trim().split('='));
    const valuesOf = (name: string) => parts.flatMap(([key, value = '']) => (key === name ? [value] : []));
    const [time = '', ...otherTimes] = valuesOf('t');
    const expected = keys.map((key) => signatureOf(key, time, readBody(event) ?? ''));
    const isSigned = valuesOf('v1')
      .map((given) => isOneOf(given, expected))
      .includes(true);
    const isCurrent = /^\d{1,12}$/.test(time) && Math.abs(Date.now() / 1_000 - Number(time)) <= TOLERANCE_S;
    return isSigned && isCurrent && otherTimes.length === 0;
  },

  parse(event) {
    const { contextInfo, templateData, args } = parseJsonBody(event, body());
    const { eventType = '' } = contextInfo;
    const value = args?.code ?? args?.oTP;
    const text = templateData?.text;
    return {
      recipient: contextInfo.recipientPhoneNumber,
      usageType: USAGE_TYPES.get(eventType) ?? GENERIC,
      variables: { code: value },
      text,
      idempotency: sameFor(IDEMPOTENCY_TTL_S, eventType, value ?? text),
    };
  },

  reply: unknownAsSent,

  contract: () => ({
    title: 'ZITADEL',
    summary: 'Send a code for ZITADEL',
    description:
      "The endpoint of ZITADEL's HTTP SMS provider. The code is `args.code`, else `args.oTP`; a message without one is sent with `templateData.text`. The same number, event and code within an hour is a repeat: it is answered as the first and sends nothing. ZITADEL tries again after any error, so what may have been sent is a 204.",
    body: body(),
    request: ({ to, code }) => ({
      contextInfo: {
        eventType: 'session.otp.sms.challenged',
        provider: { id: '285181292935381355', description: 'smsaero' },
        recipientPhoneNumber: `+${to}`,
      },
      templateData: { text: `${code} is your one-time password for example.com.` },
      args: { code, oTP: code, domain: 'example.com', preferredLoginName: 'anna' },
    }),
    examples: {
      textOnly: {
        contextInfo: { eventType: 'user.human.added', recipientPhoneNumber: '+79031234567' },
        templateData: { text: 'Welcome to example.com.' },
        args: { displayName: 'Anna' },
      },
    },
    secret,
  }),
};
