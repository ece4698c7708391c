import type { ErrorCode } from '../../lib/http/errors.ts';
import { type ErrorDetails, errorReply, type HttpReply } from '../../lib/http/reply.ts';
import { parseJson } from '../../lib/json.ts';

export const REQUEST_ID = '7c1b9f0e-6f0c-4a53-9a3b-0d3a5be1c2f4';

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

export function headers(...names: (keyof typeof HEADERS)[]): object {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** A body in JSON. @param schema its name in the document @param examples `example` or `examples` */
export const jsonBody = (schema: string, examples: object) => ({
  'application/json': { schema: { $ref: `#/components/schemas/${schema}` }, ...examples },
});

export interface DescribedReply {
  /** What its example is called: `accepted`, or the code of an error. */
  readonly name: string;
  /** When it is given. */
  readonly meaning: string;
  readonly reply: HttpReply;
  /** The schema of its body: a name in the document, or an error of a code in the service's common form. */
  readonly schema: string | { readonly code: ErrorCode };
}

/** The answers to errors by status, with the codes of each. @param details what the answer to a code has besides */
export function errorResponses(
  codes: readonly ErrorCode[],
  details: Partial<Record<ErrorCode, ErrorDetails>> = {},
): Record<string, object> {
  return responsesOf(
    codes.map((code) => ({
      name: code,
      meaning: meaningOf(code),
      reply: errorReply(code, REQUEST_ID, details[code]),
      schema: { code },
    })),
  );
}

/** Answers by status: what each means, its headers, and its body with an example. */
export function responsesOf(replies: readonly DescribedReply[]): Record<string, object> {
  const byStatus = Object.groupBy(replies, ({ reply }) => reply.statusCode);
  const responses = Object.entries(byStatus).map(([status, ofStatus = []]) => {
    const named = Object.keys(HEADERS).filter((name) => ofStatus.some(({ reply }) => name in reply.headers));
    const withBody = ofStatus.filter(({ reply }) => reply.body !== '');
    const examples = withBody.map(({ name, reply }) => [
      name,
      { summary: name, value: parseJson(reply.body) },
    ]);
    return [
      status,
      {
        description: ofStatus.map(({ meaning }) => meaning).join(' '),
        headers: headers(...(named as (keyof typeof HEADERS)[])),
        ...(withBody.length > 0 && {
          content: {
            'application/json': { schema: schemaOf(withBody), examples: Object.fromEntries(examples) },
          },
        }),
      },
    ];
  });
  return {
    ...Object.fromEntries(responses),
    default: {
      description:
        "API Gateway's answer, where no function was asked or none answered: too many requests (429), no such route (404), an error (500, 503).",
      content: jsonBody('GatewayAnswer', { example: { message: 'Too Many Requests' } }),
    },
  };
}

function schemaOf(replies: readonly DescribedReply[]): object {
  const names = new Set(replies.flatMap(({ schema }) => (typeof schema === 'string' ? [schema] : [])));
  const codes = replies.flatMap(({ schema }) => (typeof schema === 'string' ? [] : [schema.code]));
  const schemas: object[] = [...names].map((name) => ({ $ref: `#/components/schemas/${name}` }));
  if (codes.length > 0) {
    schemas.push({
      allOf: [
        { $ref: '#/components/schemas/Error' },
        { properties: { code: { enum: codes, description: 'What went wrong.' } } },
      ],
    });
  }
  return schemas.length === 1 ? (schemas[0] as object) : { anyOf: schemas };
}

/** Says when a code is the answer. */
export const meaningOf = (code: ErrorCode): string => `\`${code}\`: ${MEANINGS[code]}`;

const MEANINGS: Readonly<Record<ErrorCode, string>> = {
  invalid_request: 'the body or a header is not as described; `fields` says where.',
  invalid_recipient: 'no mobile number, or one that SMS Aero does not send to.',
  text_too_long: 'the text has more than 640 characters.',
  call_not_supported: 'a call is asked for.',
  unauthorized: 'the secret, or the signature, is missing or wrong.',
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
