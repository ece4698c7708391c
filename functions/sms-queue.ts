/**
 * Sends the messages that commands in a queue ask for. See lib/queue/carry-out.ts for what becomes of each.
 *
 * Each message of a batch succeeds or comes again by itself.
 */
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import pLimit from 'p-limit';
import { asyncDoor } from '../lib/async-door.ts';
import { queueEnvironment } from '../lib/door-environment.ts';
import { createCarryOut } from '../lib/queue/carry-out.ts';
import { CommandQueue } from '../lib/queue/command-queue.ts';
import { startService } from '../lib/service.ts';

const settings = queueEnvironment(process.env);
const service = await startService(process.env);
const carryOut = createCarryOut({ ...service, queue: new CommandQueue(settings) });
const limit = pLimit(settings.concurrency);
const processor = new BatchProcessor(EventType.SQS);

/** Time to write down what the last messages came to, in ms: a record (2 s) and a dead letter (3 s). */
const MARGIN = 6_000;

export const handler = middy({ timeoutEarlyInMillis: 0 })
  .use(asyncDoor(service.log))
  .handler(async (event: unknown, context: Context): Promise<SQSBatchResponse> => {
    const end = Date.now() + context.getRemainingTimeInMillis() - MARGIN;
    const handleRecord = (record: SQSRecord) => limit(carryOut, record, end);
    // A batch of which nothing was sent is no error of the function's: each message has its own pause.
    const options = { throwOnFullBatchFailure: false };
    return await processPartialResponse(event as SQSEvent, handleRecord, processor, options);
  });
