import middy from '@middy/core';
import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { asyncDoor } from '../lib/async-door.ts';
import { EventPublisher } from '../lib/delivery/publisher.ts';
import { createTellChanges } from '../lib/delivery/tell-changes.ts';
import { eventBus } from '../lib/door-environment.ts';
import { PowertoolsLog } from '../lib/observability/logger.ts';
import { PowertoolsMetrics } from '../lib/observability/powertools-metrics.ts';

const bus = eventBus(process.env);
const log = new PowertoolsLog();
const publisher = bus ? new EventPublisher(bus) : undefined;
const tellChanges = createTellChanges({ publisher, log, metrics: new PowertoolsMetrics() });

/** Time to log and count what was published, in ms. */
const MARGIN = 2_000;

/** The table's stream: every change of a delivery becomes an event and metrics. */
export const handler = middy({ timeoutEarlyInMillis: 0 })
  .use(asyncDoor(log))
  .handler((event: unknown, context: Context): Promise<DynamoDBBatchResponse> => {
    const end = Date.now() + context.getRemainingTimeInMillis() - MARGIN;
    return tellChanges(event as DynamoDBStreamEvent, end);
  });
