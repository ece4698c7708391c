import { direct } from '../../../lib/platforms/direct.ts';
import { errorResponses, headers } from './responses.ts';
import { schemeOf } from './sending.ts';

/** `GET /messages/{id}`. */
export const MESSAGE_PATH = {
  get: {
    operationId: 'getMessage',
    summary: 'What became of a message',
    description: 'Of a message that `POST /sms/direct` took, or does not know the outcome of; for 30 days.',
    tags: ['deliveries'],
    security: [{ [schemeOf(direct.name)]: [] }],
    parameters: [
      {
        name: 'id',
        in: 'path',
        required: true,
        description: 'Id of the delivery, from the answer to `POST /sms/direct`.',
        schema: { type: 'string', pattern: '^[\\w-]{22}$' },
        example: 'AZyou7uKr0KEpVYz1bQ3eQ',
      },
    ],
    responses: {
      200: {
        description: 'The message as it is known now.',
        headers: headers('X-Request-Id', 'Cache-Control'),
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Message' },
            example: {
              id: 'AZyou7uKr0KEpVYz1bQ3eQ',
              status: 'delivered',
              messageId: '1254837211',
              segments: 1,
              cost: 5.49,
              sentAt: '2026-03-01T09:30:01.482Z',
              changedAt: '2026-03-01T09:30:06.000Z',
            },
          },
        },
      },
      ...errorResponses([
        'unauthorized',
        'not_found',
        'method_not_allowed',
        'internal_error',
        'records_unavailable',
      ]),
    },
  },
};

const REPORT = { id: 1254837211, status: 1 };

const reportOperation = {
  description:
    "SMS Aero calls it; it signs nothing, so the token alone tells its request from anybody's. What is no report of ours is answered with 200 as well, and changes nothing.",
  tags: ['deliveries'],
  security: [],
};

const reportResponses = {
  200: {
    description: 'The report is written down, or is none.',
    headers: headers('Cache-Control'),
  },
  ...errorResponses(['internal_error', 'configuration_unavailable', 'records_unavailable']),
};

/** `POST /reports/{token}`, and GET. */
export const REPORT_PATH = {
  parameters: [
    {
      name: 'token',
      in: 'path',
      required: true,
      description: 'Names the delivery and proves that this service asked for the report.',
      schema: { type: 'string', pattern: '^[\\w-]{44}$' },
      example: 'AZyou7uKr0KEpVYz1bQ3eQ3kq0mX2dZ9w1pJYt5cHbLA',
    },
  ],
  post: {
    operationId: 'reportDelivery',
    summary: 'Report what became of a message',
    ...reportOperation,
    requestBody: {
      required: true,
      description: 'A form, or JSON; further fields do not matter.',
      content: {
        'application/x-www-form-urlencoded': {
          schema: { $ref: '#/components/schemas/Report' },
          example: REPORT,
        },
        'application/json': { schema: { $ref: '#/components/schemas/Report' }, example: REPORT },
      },
    },
    responses: reportResponses,
  },
  get: {
    operationId: 'reportDeliveryByQuery',
    summary: 'Report what became of a message, by query',
    ...reportOperation,
    parameters: ['id', 'status'].map((name) => ({
      name,
      in: 'query',
      required: true,
      description: 'The same as in the body of the POST.',
      schema: { $ref: `#/components/schemas/Report/properties/${name}` },
    })),
    responses: reportResponses,
  },
};
