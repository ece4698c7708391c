import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { asyncDoor } from '../lib/async-door.ts';
import { EventPublisher } from '../lib/delivery/publisher.ts';
import { createTellChanges } from '../lib/delivery/tell-changes.ts';
import { eventBus } from '../lib/door-environment.ts';
import { PowertoolsLog } from '../lib/observability/logger.ts';
import { PowertoolsMetrics } from '../lib/observability/metrics.ts';

const bus = eventBus(process.env);
const log = new PowertoolsLog();
const publisher = bus ? new EventPublisher(bus) : undefined;
const tellChanges = createTellChanges({ publisher, log, metrics: new PowertoolsMetrics() });

/** The table's stream: every change of a delivery becomes an event and metrics. */
export const handler = middy({ timeoutEarlyInMillis: 0 })
  .use(asyncDoor(log))
  .handler((event: unknown): Promise<DynamoDBBatchResponse> => tellChanges(event as DynamoDBStreamEvent));
