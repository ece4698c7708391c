import * as z from 'zod/mini';
import { ERRORS, type ErrorCode, HttpError } from '../http/errors.ts';
import { type HttpReply, jsonReply } from '../http/reply.ts';
import { parseJsonBody } from '../http/request.ts';
import { GENERIC } from '../templates/template.ts';
import { authorizationSecret, hasAuthorization } from './authentication.ts';
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

/** How long a repeat is recognised, in s: Okta's codes live for 5 minutes, as `otpExpires` says. */
const IDEMPOTENCY_TTL_S = 300;

const USAGE_TYPES = new Map([
  ['com.okta.user.telephony.pre-enrollment', 'BindMfa'],
  ['com.okta.user.telephony.mfa-verification', 'MfaVerification'],
  ['com.okta.user.telephony.password-reset', 'ForgotPassword'],
]);

/** https://developer.okta.com/docs/reference/telephony-hook/ */
const body = lazily(() =>
  z.object({
    requestType: hint('What the code is for.'),
    data: z
      .object({
        context: optionalObject('Where the request comes from.', {
          request: optionalObject('The request.', { ipAddress: clientAddress() }),
        }),
        messageProfile: z
          .object({
            phoneNumber: phoneNumber('Phone number of the recipient.'),
            otpCode: optionalCode('The code.'),
            msgTemplate: renderedText("The text as Okta's template makes it."),
            deliveryChannel: hint('`SMS`, or `CALL`, which is refused.'),
            locale: hint('Language.'),
          })
          .check(z.describe('The message.')),
      })
      .check(z.describe('The data of the event.')),
  }),
);

const TYPE = 'com.okta.telephony.action';

/**
 * After these an SMS may be on its way, or the number has had one too many: Okta must not send another through its default provider. Every
 * other error says that nothing was sent.
 */
const PENDING: readonly ErrorCode[] = ['outcome_unknown', 'internal_error', 'rate_exceeded'];

/**
 * Okta's telephony inline hook.
 *
 * It waits for 3 s. For any other status than 200 it sends the code through its default provider, which is strictly limited; so every answer is
 * a 200. `PENDING` ends the matter for Okta. `error` shows its sentence to the person, after which Okta may send by itself: its documentation says both.
 */
export const okta: Platform = {
  name: 'okta',

  authenticate: hasAuthorization,

  parse(event) {
    const { requestType = '', data } = parseJsonBody(event, body());
    const { phoneNumber: recipient, otpCode, msgTemplate, deliveryChannel, locale } = data.messageProfile;
    if (deliveryChannel?.toUpperCase() === 'CALL') {
      throw new HttpError('call_not_supported');
    }
    return {
      recipient,
      usageType: USAGE_TYPES.get(requestType) ?? GENERIC,
      locale,
      variables: { code: otpCode },
      text: msgTemplate,
      clientAddress: data.context?.request?.ipAddress,
      // Whether Okta's one retry has the same eventId is not documented; its code is the same.
      idempotency: sameFor(IDEMPOTENCY_TTL_S, requestType, otpCode ?? msgTemplate),
    };
  },

  reply(answer, requestId) {
    if (answer.status === 'accepted') {
      return command('SUCCESSFUL', answer.message.messageId, requestId);
    }
    if (PENDING.includes(answer.code)) {
      return command('PENDING', requestId, requestId);
    }
    const { message } = ERRORS[answer.code];
    const errorCauses = [{ errorSummary: message, reason: answer.code }];
    return jsonReply(200, requestId, { error: { errorSummary: message, errorCauses } });
  },

  contract: () => ({
    title: 'Okta',
    summary: 'Send a code for Okta',
    description:
      'The telephony inline hook. Every answer is a 200, since Okta sends the code itself after any other. `PENDING` says that an SMS may be on its way, or that the number has had too many, so that Okta sends none; an error says that nothing was sent, and is shown to the person. Calls are refused. The same number, type and code within five minutes is a repeat: it is answered as the first and sends nothing.',
    body: body(),
    request: ({ to, code, locale }) => ({
      eventId: 'uS5871kJThSsU8qlA1LTcg',
      eventType: 'com.okta.telephony.provider',
      requestType: 'com.okta.user.telephony.mfa-verification',
      data: {
        context: { request: { id: 'reqRgSk8IBBRhuo0YdlEDTmUw', ipAddress: '203.0.113.24' } },
        userProfile: { firstName: 'Anna', login: 'anna@example.com', userId: '00uyxxSknGtK8022w0g3' },
        messageProfile: {
          msgTemplate: `Your code is ${code}`,
          phoneNumber: `+${to}`,
          deliveryChannel: 'SMS',
          otpCode: code,
          locale,
        },
      },
    }),
    accepted: commandsSchema(),
    failure: z.union([commandsSchema(), errorSchema()]),
    errors: ['call_not_supported'],
    secret: authorizationSecret(
      'Workflow > Inline Hooks > Authentication secret, with the field Authorization',
    ),
  }),
};

function command(status: 'SUCCESSFUL' | 'PENDING', transactionId: string, requestId: string): HttpReply {
  const value = [{ status, provider: 'SMSAERO', transactionId, transactionMetadata: requestId }];
  return jsonReply(200, requestId, { commands: [{ type: TYPE, value }] });
}

const commandsSchema = () => {
  const result = z.object({
    status: z.enum(['SUCCESSFUL', 'PENDING']).check(z.describe('Whether the message was sent.')),
    provider: z.literal('SMSAERO').check(z.describe('Who sends it.')),
    transactionId: z.string().check(z.describe("SMS Aero's id of the message, or that of the request.")),
    transactionMetadata: z.string().check(z.describe('Id of the request.')),
  });
  const one = z.object({
    type: z.literal(TYPE).check(z.describe('The command.')),
    value: z.array(result).check(z.describe('The result.')),
  });
  return z.object({ commands: z.array(one).check(z.describe('What Okta does.')) });
};

const errorSchema = () => {
  const cause = z.object({
    errorSummary: z.string().check(z.describe('The same sentence.')),
    reason: z.string().check(z.describe('A code of this service.')),
  });
  const error = z.object({
    errorSummary: z.string().check(z.describe('What the person reads.')),
    errorCauses: z.array(cause).check(z.describe('Why.')),
  });
  return z.object({ error: error.check(z.describe('What went wrong.')) });
};
