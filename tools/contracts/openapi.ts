import * as z from 'zod';
import { messageReplySchema } from '../../lib/delivery/message-reply.ts';
import { reportSchema } from '../../lib/delivery/report-schema.ts';
import { ERRORS, type ErrorCode } from '../../lib/http/errors.ts';
import type { Answer, ErrorDetails } from '../../lib/http/reply.ts';
import { acceptedSchema, errorSchema } from '../../lib/http/reply-schemas.ts';
import { PLATFORMS } from '../../lib/platforms/index.ts';
import type { Platform } from '../../lib/platforms/platform.ts';
import { VERSION } from '../../lib/version.ts';
import { jsonSchemaOf } from './json-schema.ts';
import {
  type DescribedReply,
  errorResponses,
  HEADERS,
  headers,
  jsonBody,
  meaningOf,
  REQUEST_ID,
  responsesOf,
} from './responses.ts';

const DELIVERY_ID = 'AZyou7uKr0KEpVYz1bQ3eQ';

const SAMPLE = {
  to: '79031234567',
  code: '482913',
  id: 'b0b6d2a4-6f0c-4a53-9a3b-0d3a5be1c2f4',
  type: 'SignIn',
  locale: 'ru',
};

const ACCEPTED: Answer = {
  status: 'accepted',
  isDuplicate: false,
  message: {
    status: 'accepted',
    messageId: '1254837211',
    channel: 'sms',
    segments: 1,
    cost: 5.49,
    deliveryId: DELIVERY_ID,
  },
};

/** What only some platforms can be answered, and who asks for a message. */
const PARTICULAR: readonly string[] = ['call_not_supported', 'idempotency_conflict', 'records_unavailable'];

/** What every platform can be answered. */
const ERRORS_OF_SENDING = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => !PARTICULAR.includes(code));

/** What the answer to a code has besides, in examples. */
const DETAILS: Partial<Record<ErrorCode, ErrorDetails>> = {
  invalid_request: { fields: [{ path: 'payload.code', code: 'invalid_type' }] },
  rate_exceeded: { retryAfter: 25 },
  outcome_unknown: { deliveryId: DELIVERY_ID },
  method_not_allowed: { allow: 'POST' },
};

/** The name of a platform in operations and schemas: `Logto`. */
const typeName = (name: string): string => `${name[0]?.toUpperCase()}${name.slice(1)}`;

function sendingPath({ name, contract, reply }: Platform): object {
  const {
    title,
    summary,
    description,
    request,
    examples,
    forms,
    accepted,
    failure,
    errors = [],
    headers: requestHeaders = {},
  } = contract();
  const answerOf = (code: ErrorCode): DescribedReply => ({
    name: code,
    meaning: meaningOf(code),
    reply: reply({ status: 'error', code, ...DETAILS[code] }, REQUEST_ID),
    schema: failure ? `${typeName(name)}Failure` : { code },
  });
  const success: DescribedReply = {
    name: 'accepted',
    meaning: `SMS Aero took the message, now or when it was asked first. ${title} takes it for sent.`,
    reply: reply(ACCEPTED, REQUEST_ID),
    schema: accepted ? `${typeName(name)}Accepted` : 'Accepted',
  };
  const requests = { request: request(SAMPLE), ...examples };
  const content = jsonBody(`${typeName(name)}Request`, {
    examples: Object.fromEntries(Object.entries(requests).map(([key, value]) => [key, { value }])),
  });
  const post = {
    operationId: `sendFor${typeName(name)}`,
    summary,
    description,
    tags: ['sending'],
    security: [{ [`${name}Secret`]: [] }],
    parameters: Object.entries(requestHeaders).map(([header, type]) => {
      const { description: meaning, ...schema } = jsonSchemaOf(type);
      return { name: header, in: 'header', required: false, description: meaning, schema };
    }),
    requestBody: {
      required: true,
      description: forms
        ? 'A form, or JSON if the content type says anything else; 64 KiB at most.'
        : 'JSON, whatever the content type says; 64 KiB at most.',
      content: {
        ...content,
        ...(forms && { 'application/x-www-form-urlencoded': content['application/json'] }),
      },
    },
    responses: responsesOf([success, ...[...ERRORS_OF_SENDING, ...errors].map(answerOf)]),
  };
  return { [`/sms/${name}`]: { post } };
}

function platformSchemas({ name, contract }: Platform): object {
  const { title, body, accepted, failure } = contract();
  return {
    [`${typeName(name)}Request`]: { description: `What ${title} posts.`, ...jsonSchemaOf(body) },
    ...(accepted ? { [`${typeName(name)}Accepted`]: jsonSchemaOf(accepted) } : {}),
    ...(failure ? { [`${typeName(name)}Failure`]: jsonSchemaOf(failure) } : {}),
  };
}

function securityScheme({ name, contract }: Platform): object {
  const { title, secret } = contract();
  const made = secret.make
    ? `\`npm run smsaero -- secret add ${name}\` makes one.`
    : `${title} makes it, and \`npm run smsaero -- secret add ${name}\` takes it.`;
  const line = `A line of the parameter \`platforms/${name}\``;
  return {
    [`${name}Secret`]:
      secret.header === 'Authorization'
        ? {
            type: 'http',
            scheme: 'bearer',
            description: `A secret of ${title}. ${line}, word for word, with its scheme. ${made}`,
          }
        : {
            type: 'apiKey',
            in: 'header',
            name: secret.header,
            description: `A signature over the raw body, made with a key. ${line} is the key. ${made}`,
          },
  };
}

const getMessage = {
  operationId: 'getMessage',
  summary: 'The status of a message',
  description: 'Of a message that `POST /sms/direct` took, or does not know the outcome of; for 30 days.',
  tags: ['deliveries'],
  security: [{ directSecret: [] }],
  parameters: [
    {
      name: 'id',
      in: 'path',
      required: true,
      description: 'Id of the delivery, from the answer to `POST /sms/direct`.',
      schema: { type: 'string', pattern: '^[\\w-]{22}$' },
      example: DELIVERY_ID,
    },
  ],
  responses: {
    200: {
      description: 'The message as it is known now.',
      headers: headers('X-Request-Id', 'Cache-Control'),
      content: jsonBody('Message', {
        example: {
          id: DELIVERY_ID,
          status: 'delivered',
          messageId: '1254837211',
          channel: 'sms',
          segments: 1,
          cost: 5.49,
          sentAt: '2026-03-01T09:30:01.482Z',
          changedAt: '2026-03-01T09:30:06.000Z',
        },
      }),
    },
    ...errorResponses(
      ['unauthorized', 'not_found', 'method_not_allowed', 'internal_error', 'records_unavailable'],
      DETAILS,
    ),
  },
};

const report = {
  description:
    'SMS Aero calls it, and signs nothing: only the token proves where a request comes from. A request that is not a report of a message of this service is answered with 200 as well, and changes nothing.',
  tags: ['deliveries'],
  security: [],
  responses: {
    200: {
      description: 'The report is written down, or the request is not one.',
      headers: headers('Cache-Control'),
    },
    ...errorResponses(['internal_error', 'configuration_unavailable', 'records_unavailable']),
  },
};

const reportBody = jsonBody('Report', { example: { id: 1254837211, status: 1 } });

const reportPath = {
  parameters: [
    {
      name: 'token',
      in: 'path',
      required: true,
      description: 'Names the delivery and proves that this service asked for the report.',
      schema: { type: 'string', pattern: '^[\\w-]{44}$' },
      example: `${DELIVERY_ID}3kq0mX2dZ9w1pJYt5cHbLA`,
    },
  ],
  post: {
    operationId: 'reportDelivery',
    summary: 'Report the status of a message',
    ...report,
    requestBody: {
      required: true,
      description: 'A form, or JSON; further fields do not matter.',
      content: { 'application/x-www-form-urlencoded': reportBody['application/json'], ...reportBody },
    },
  },
  get: {
    operationId: 'reportDeliveryByQuery',
    summary: 'Report the status of a message, by query',
    ...report,
    parameters: ['id', 'status'].map((name) => ({
      name,
      in: 'query',
      required: true,
      description: 'The same as in the body of the POST.',
      schema: { $ref: `#/components/schemas/Report/properties/${name}` },
    })),
  },
};

/** The OpenAPI 3.1 document of everything that answers over HTTP. */
export const OPENAPI = {
  openapi: '3.1.1',
  info: {
    title: 'smsaero-lambda',
    version: VERSION,
    summary: 'Verification codes by SMS',
    description:
      'Takes verification codes from identity platforms and sends them by SMS Aero, each at most once. Every answer of the service is JSON with `status`; errors have one neutral sentence and the id of the request, and nothing of what SMS Aero said.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [
    {
      url: 'https://{api}.execute-api.{region}.amazonaws.com',
      description: 'The deployed API; `serverless deploy` prints it.',
      variables: {
        api: { default: 'abcdefghij', description: 'Id of the API.' },
        region: { default: 'eu-central-1', description: 'AWS region.' },
      },
    },
    { url: 'http://127.0.0.1:3000', description: 'This machine: `npm start`.' },
  ],
  tags: [
    { name: 'sending', description: 'Codes to be sent.' },
    { name: 'deliveries', description: 'The status of messages.' },
  ],
  paths: {
    ...Object.assign({}, ...PLATFORMS.map(sendingPath)),
    '/messages/{id}': { get: getMessage },
    '/reports/{token}': reportPath,
  },
  components: {
    schemas: {
      ...Object.assign({}, ...PLATFORMS.map(platformSchemas)),
      Accepted: jsonSchemaOf(acceptedSchema),
      Message: jsonSchemaOf(messageReplySchema),
      Report: jsonSchemaOf(reportSchema),
      Error: jsonSchemaOf(errorSchema),
      GatewayAnswer: jsonSchemaOf(
        z
          .object({ message: z.string().describe('What happened, in English.') })
          .describe("API Gateway's answer."),
      ),
    },
    headers: HEADERS,
    securitySchemes: Object.assign({}, ...PLATFORMS.map(securityScheme)),
  },
};
