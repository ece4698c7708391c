import type { DynamoDBStreamEvent } from 'aws-lambda';
import { EventPublisher } from '../lib/delivery/publisher.ts';
import { createTellChanges } from '../lib/delivery/tell-changes.ts';
import { asyncHandler } from '../lib/handler.ts';
import { PowertoolsLog } from '../lib/observability/logger.ts';
import { PowertoolsMetrics } from '../lib/observability/metrics.ts';

/** Name or ARN; without one no events are published. Not in lib/environment.ts, which requires what this function does not have. */
const bus = process.env['SMSAERO_EVENT_BUS']?.trim();
const log = new PowertoolsLog();
const publisher = bus ? new EventPublisher(bus) : undefined;
const tellChanges = createTellChanges({ publisher, log, metrics: new PowertoolsMetrics() });

/** The table's stream: every change of a delivery becomes an event and metrics. */
export const handler = asyncHandler(
  { log, shutdownMarginMs: 2_000 }, // for what was published to be logged and counted
  (event: DynamoDBStreamEvent, { deadline }) => tellChanges(event, deadline),
);
