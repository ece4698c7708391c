import { ERRORS, type ErrorCode } from '../../lib/http/errors.ts';

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

/** A body in JSON. @param schema its name in the document @param examples `example` or `examples` */
export const jsonBody = (schema: string, examples: object) => ({
  'application/json': { schema: { $ref: `#/components/schemas/${schema}` }, ...examples },
});

const FURTHER_HEADERS: Readonly<Record<string, (keyof typeof HEADERS)[]>> = {
  405: ['Allow'],
  429: ['Retry-After'],
  503: ['Retry-After'],
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
  const example = (code: ErrorCode) => {
    const { message } = ERRORS[code];
    return {
      summary: code,
      value: { status: 'error', code, message, requestId: REQUEST_ID, ...details[code] },
    };
  };
  const byStatus = Object.groupBy(codes, (code) => ERRORS[code].statusCode);
  const responses = Object.entries(byStatus).map(([status, ofStatus]) => [
    status,
    {
      description: ofStatus.map((code) => `\`${code}\`: ${MEANINGS[code]}`).join(' '),
      headers: headers('X-Request-Id', 'Cache-Control', ...(FURTHER_HEADERS[status] ?? [])),
      content: {
        'application/json': {
          schema: {
            allOf: [
              { $ref: '#/components/schemas/Error' },
              { properties: { code: { enum: ofStatus, description: 'What went wrong.' } } },
            ],
          },
          examples: Object.fromEntries(ofStatus.map((code) => [code, example(code)])),
        },
      },
    },
  ]);
  return {
    ...Object.fromEntries(responses),
    default: {
      description:
        "API Gateway's own answer, where no function was asked or none answered: too many requests (429), no such route (404), an error (500, 503).",
      content: jsonBody('GatewayAnswer', { example: { message: 'Too Many Requests' } }),
    },
  };
}

const MEANINGS: Readonly<Record<ErrorCode, string>> = {
  invalid_request: 'the body or a header is not as described; `fields` says where.',
  invalid_recipient: 'no mobile number, or one that SMS Aero does not send to.',
  text_too_long: 'the text has more than 640 characters.',
  unauthorized: 'the secret is missing or wrong.',
  country_not_allowed: 'the deployment does not send to this country.',
  range_not_allowed: 'the deployment does not send to this range of numbers.',
  not_found: 'the platform has no secret, or there is no such message of this caller.',
  method_not_allowed: 'another method than this one, where one can come through.',
  body_too_large: 'more than 64 KiB.',
  idempotency_conflict: 'the key came with another body before.',
  rate_exceeded:
    'too many messages to this number, its neighbours or its range, from this address, or altogether.',
  guard_unavailable: 'the limits cannot be asked, and the deployment says not to send then.',
  records_unavailable: 'the record cannot be read now.',
  internal_error: 'an error of the service.',
  gateway_refused: 'SMS Aero refused; nothing was sent. The log says why.',
  gateway_unavailable: 'SMS Aero cannot be reached, or has too many requests; nothing was sent.',
  configuration_unavailable: 'no configuration could be read; nothing was sent.',
  outcome_unknown: 'the message may have been sent. It is not sent again by itself.',
};
