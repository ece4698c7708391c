import { messageReplySchema } from '../../../lib/delivery/message-reply.ts';
import { reportSchema } from '../../../lib/delivery/report-schema.ts';
import { acceptedSchema, errorSchema } from '../../../lib/http/reply-schemas.ts';
import { VERSION } from '../../../lib/version.ts';
import { jsonSchemaOf } from '../json-schema.ts';
import { DESCRIBED_PLATFORMS } from '../platforms.ts';
import { MESSAGE_PATH, REPORT_PATH } from './deliveries.ts';
import { HEADERS } from './responses.ts';
import { schemeOf, sendingPath, sendingSchemas } from './sending.ts';

const schemes = DESCRIBED_PLATFORMS.map(({ name, contract: { title } }) => [
  schemeOf(name),
  {
    type: 'http',
    scheme: 'bearer',
    description: `A secret of ${title}: a line of the parameter \`platforms/${name}\`, word for word, with \`Bearer \`. \`npm run smsaero -- secret add ${name}\` makes one.`,
  },
]);

const GATEWAY_ANSWER = {
  type: 'object',
  description: "API Gateway's own answer.",
  properties: { message: { type: 'string', description: 'What happened, in English.' } },
  required: ['message'],
};

/** The OpenAPI 3.1 document of all HTTP doors. */
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
    { name: 'deliveries', description: 'What became of messages.' },
  ],
  paths: {
    ...Object.fromEntries(DESCRIBED_PLATFORMS.map(sendingPath)),
    '/messages/{id}': MESSAGE_PATH,
    '/reports/{token}': REPORT_PATH,
  },
  components: {
    schemas: {
      ...Object.assign({}, ...DESCRIBED_PLATFORMS.map(sendingSchemas)),
      Accepted: jsonSchemaOf(acceptedSchema),
      Message: jsonSchemaOf(messageReplySchema),
      Report: jsonSchemaOf(reportSchema),
      Error: jsonSchemaOf(errorSchema),
      GatewayAnswer: GATEWAY_ANSWER,
    },
    headers: HEADERS,
    securitySchemes: Object.fromEntries(schemes),
  },
};
