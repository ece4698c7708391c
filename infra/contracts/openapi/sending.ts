import type { ErrorCode } from '../../../lib/http/error-codes.ts';
import { jsonSchemaOf } from '../json-schema.ts';
import type { DescribedPlatform } from '../platforms.ts';
import { errorResponses, headers } from './responses.ts';

/** What every platform can be answered. */
const ERRORS_OF_SENDING: readonly ErrorCode[] = [
  'invalid_request',
  'invalid_recipient',
  'text_too_long',
  'unauthorized',
  'country_not_allowed',
  'not_found',
  'method_not_allowed',
  'body_too_large',
  'rate_exceeded',
  'internal_error',
  'gateway_refused',
  'guard_unavailable',
  'gateway_unavailable',
  'configuration_unavailable',
  'outcome_unknown',
];

/** The name of a platform in operations and schemas: `Logto`. */
export const nameOf = (name: string): string => `${name[0]?.toUpperCase()}${name.slice(1)}`;

/** The name of a platform's security scheme. */
export const schemeOf = (name: string): string => `${name}Secret`;

/** The path of a platform: `POST /sms/{name}`. */
export function sendingPath({ name, contract }: DescribedPlatform): [string, object] {
  const { title, summary, description, examples, accepted, errors = [] } = contract;
  const post = {
    operationId: `sendFor${nameOf(name)}`,
    summary,
    description,
    tags: ['sending'],
    security: [{ [schemeOf(name)]: [] }],
    parameters: Object.entries(contract.headers ?? {}).map(([header, schema]) => {
      const { description: meaning, ...type } = jsonSchemaOf(schema);
      return { name: header, in: 'header', required: false, description: meaning, schema: type };
    }),
    requestBody: {
      required: true,
      description: 'JSON, whatever the content type says; 64 KiB at most.',
      content: {
        'application/json': {
          schema: { $ref: `#/components/schemas/${nameOf(name)}Request` },
          examples: Object.fromEntries(Object.entries(examples).map(([key, value]) => [key, { value }])),
        },
      },
    },
    responses: {
      200: {
        description: `SMS Aero took the message, now or when it was asked first. ${title} takes it for sent.`,
        headers: headers('X-Request-Id', 'Cache-Control'),
        content: {
          'application/json': {
            schema: { $ref: `#/components/schemas/${accepted ? `${nameOf(name)}Accepted` : 'Accepted'}` },
            example: accepted?.example ?? { status: 'accepted', messageId: '1254837211' },
          },
        },
      },
      ...errorResponses(
        [...ERRORS_OF_SENDING, ...errors],
        accepted ? { outcome_unknown: { id: 'AZyou7uKr0KEpVYz1bQ3eQ' } } : {},
      ),
    },
  };
  return [`/sms/${name}`, { post }];
}

/** The schemas of a platform's bodies by name. */
export function sendingSchemas({ name, contract: { title, body, accepted } }: DescribedPlatform) {
  return {
    [`${nameOf(name)}Request`]: { description: `What ${title} posts.`, ...jsonSchemaOf(body) },
    ...(accepted ? { [`${nameOf(name)}Accepted`]: jsonSchemaOf(accepted.schema) } : {}),
  };
}
