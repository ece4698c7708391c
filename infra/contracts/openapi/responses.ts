import { ERRORS, type ErrorCode } from '../../../lib/http/error-codes.ts';

const REQUEST_ID = '7c1b9f0e-6f0c-4a53-9a3b-0d3a5be1c2f4';

/** Headers of answers, as components. */
export const HEADERS = {
  'X-Request-Id': {
    description: 'Names the request: the log lines of the service carry it.',
    required: true,
    schema: { type: 'string' },
    example: REQUEST_ID,
  },
  'Cache-Control': {
    description: 'Nobody may keep an answer.',
    required: true,
    schema: { type: 'string', const: 'no-store' },
  },
  'Retry-After': {
    description: 'When another try makes sense, in seconds.',
    required: true,
    schema: { type: 'integer', minimum: 1 },
    example: 5,
  },
  Allow: {
    description: 'The method that is allowed.',
    required: true,
    schema: { type: 'string' },
    example: 'POST',
  },
};

/** References to headers. */
export function headers(...names: (keyof typeof HEADERS)[]): object {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

const FURTHER_HEADERS: Readonly<Record<number, (keyof typeof HEADERS)[]>> = {
  405: ['Allow'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/** API Gateway's own answer, which no function of the service made. */
const GATEWAY_ANSWER = {
  description:
    "API Gateway's own answer, where no function was asked or none answered: too many requests (429), no such route (404), an error (500, 503).",
  content: {
    'application/json': {
      schema: { $ref: '#/components/schemas/GatewayAnswer' },
      example: { message: 'Too Many Requests' },
    },
  },
};

/**
 * The answers to errors by status, with the codes of each.
 *
 * @param details fields that the body of a code has besides
 */
export function errorResponses(
  codes: readonly ErrorCode[],
  details: Partial<Record<ErrorCode, object>> = {},
): Record<string, object> {
  const byStatus = Object.groupBy(codes, (code) => ERRORS[code].statusCode);
  return {
    ...Object.fromEntries(
      Object.entries(byStatus).map(([status, list = []]) => [
        status,
        response(Number(status), list, details),
      ]),
    ),
    default: GATEWAY_ANSWER,
  };
}

function response(status: number, codes: readonly ErrorCode[], details: Partial<Record<ErrorCode, object>>) {
  const example = (code: ErrorCode) => ({
    summary: code,
    value: {
      status: 'error',
      code,
      message: ERRORS[code].message,
      requestId: REQUEST_ID,
      ...(code === 'invalid_request' ? { fields: [{ path: 'payload.code', code: 'invalid_type' }] } : {}),
      ...details[code],
    },
  });
  return {
    description: codes.map((code) => MEANINGS[code]).join(' '),
    headers: headers('X-Request-Id', 'Cache-Control', ...(FURTHER_HEADERS[status] ?? [])),
    content: {
      'application/json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Error' },
            { properties: { code: { enum: codes, description: 'What went wrong.' } } },
          ],
        },
        examples: Object.fromEntries(codes.map((code) => [code, example(code)])),
      },
    },
  };
}

const MEANINGS: Readonly<Record<ErrorCode, string>> = {
  invalid_request: '`invalid_request`: the body or a header is not as described; `fields` says where.',
  invalid_recipient: '`invalid_recipient`: no mobile number, or one that SMS Aero does not send to.',
  text_too_long: '`text_too_long`: the text has more than 640 characters.',
  unauthorized: '`unauthorized`: the secret is missing or wrong.',
  country_not_allowed: '`country_not_allowed`: the deployment does not send to this country.',
  not_found: '`not_found`: the platform has no secret, or there is no such message of this caller.',
  method_not_allowed: '`method_not_allowed`: another method than this one, where one can come through.',
  body_too_large: '`body_too_large`: more than 64 KiB.',
  idempotency_conflict: '`idempotency_conflict`: the key came with another body before.',
  rate_exceeded:
    '`rate_exceeded`: too many messages to this number, its neighbours, from this address, or altogether.',
  guard_unavailable:
    '`guard_unavailable`: the limits cannot be asked, and the deployment says not to send then.',
  records_unavailable: '`records_unavailable`: the record cannot be read now.',
  internal_error: '`internal_error`: an error of the service.',
  gateway_refused: '`gateway_refused`: SMS Aero refused; nothing was sent. The log says why.',
  gateway_unavailable:
    '`gateway_unavailable`: SMS Aero cannot be reached, or has too many requests; nothing was sent.',
  configuration_unavailable:
    '`configuration_unavailable`: there is no configuration to work with; nothing was sent.',
  outcome_unknown: '`outcome_unknown`: the message may have been sent. It is not sent again by itself.',
};
