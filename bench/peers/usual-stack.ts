/**
 * Peer 3: what a team on AWS takes first, doing the same work: middy, zod, Powertools with idempotency on DynamoDB, and the four limits with
 * rate-limiter-flexible on the same client. It has one window a limit; `sms-hook` has three for a recipient.
 */
import { IdempotencyConfig } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { makeHandlerIdempotent } from '@aws-lambda-powertools/idempotency/middleware';
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import jsonBodyParser from '@middy/http-json-body-parser';
import ssm from '@middy/ssm';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { RateLimiterDynamo, RateLimiterRes } from 'rate-limiter-flexible';
import { z } from 'zod';
import { post } from './post.ts';

const { SMSAERO_CONFIG_PATH, BENCH_TABLE, BENCH_LIMITS_TABLE } = process.env;

const logger = new Logger({ serviceName: 'bench' });
const metrics = new Metrics({ namespace: 'Bench', serviceName: 'bench' });
const tracer = new Tracer({ serviceName: 'bench' });

const dynamo = new DynamoDB({});
const HOUR_S = 3_600;
const limiter = (keyPrefix: string, points: number, duration: number) =>
  new RateLimiterDynamo({
    storeClient: dynamo,
    tableName: String(BENCH_LIMITS_TABLE),
    tableCreated: true,
    ttlSet: true,
    keyPrefix,
    points,
    duration,
  });
const limits = {
  recipient: limiter('recipient', 5, 600),
  block: limiter('block', 30, HOUR_S),
  address: limiter('address', 20, HOUR_S),
  total: limiter('total', 10_000_000, HOUR_S),
};

const settingsSchema = z.object({
  email: z.email(),
  apiKey: z.string().min(1),
  senderName: z.string().min(1),
  templates: z.array(z.object({ usageType: z.string(), content: z.string() })),
  platforms_logto: z.string(),
});

const requestSchema = z.object({
  to: z.string().regex(/^\d{10,15}$/),
  type: z.string(),
  payload: z.object({ code: z.string() }),
  ip: z.string(),
});

type SettingsContext = Context & { settings: unknown };

/** The body is a text; the body parser replaces it by what it holds. */
async function send(event: APIGatewayProxyEventV2, context: Context) {
  const settings = settingsSchema.parse((context as SettingsContext).settings);
  if (event.headers['authorization'] !== settings.platforms_logto) return { statusCode: 401 };
  const request = requestSchema.parse(event.body);
  try {
    await Promise.all([
      limits.recipient.consume(request.to),
      limits.block.consume(request.to.slice(0, -3)),
      limits.address.consume(request.ip),
      limits.total.consume('all'),
    ]);
  } catch (error) {
    if (error instanceof RateLimiterRes) return { statusCode: 429 };
    throw error;
  }
  const template =
    settings.templates.find(({ usageType }) => usageType === request.type) ??
    settings.templates.find(({ usageType }) => usageType === 'Generic');
  const text = template?.content.replaceAll('{{code}}', request.payload.code);
  const answer = await post(settings, { number: request.to, sign: settings.senderName, text });
  logger.info('message sent', { id: answer.data?.id, recipient: request.to.slice(-4) });
  metrics.addMetric(answer.success ? 'Accepted' : 'Failed', MetricUnit.Count, 1);
  return { statusCode: answer.success ? 200 : 502 };
}

const persistenceStore = new DynamoDBPersistenceLayer({
  tableName: String(BENCH_TABLE),
  keyAttr: 'pk',
  awsSdkV3Client: dynamo,
});
const config = new IdempotencyConfig({
  eventKeyJmesPath: '[body.to, body.type, body.payload.code]',
  expiresAfterSeconds: 60,
});

export const handler = middy(send)
  .use(captureLambdaHandler(tracer))
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .use(ssm({ fetchData: { settings: `${SMSAERO_CONFIG_PATH}/` }, setToContext: true, cacheExpiry: 300_000 }))
  .use(jsonBodyParser())
  .use(makeHandlerIdempotent({ persistenceStore, config }));
