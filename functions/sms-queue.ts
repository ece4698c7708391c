/**
 * Sends the messages that commands in a queue ask for. lib/queue/carry-out.ts says what happens to each.
 *
 * Each message of a batch succeeds or comes again by itself.
 */
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import pLimit from 'p-limit';
import { asyncHandler } from '../lib/handler.ts';
import { createCarryOut } from '../lib/queue/carry-out.ts';
import { CommandQueue } from '../lib/queue/command-queue.ts';
import { startService } from '../lib/services/sending.ts';

const service = await startService(process.env, [
  'SMSAERO_TABLE',
  'SMSAERO_QUEUE_URL',
  'SMSAERO_DEAD_LETTER_QUEUE_URL',
]);
const { queue } = service.environment;
const carryOut = createCarryOut({ ...service, queue: new CommandQueue(queue) });
const limit = pLimit(queue.concurrency);
const processor = new BatchProcessor(EventType.SQS);

export const handler = asyncHandler(
  { log: service.log, shutdownMarginMs: 6_000 }, // for a record (2 s) and a dead letter (3 s)
  async (event: SQSEvent, { deadline }) => {
    const handleRecord = (record: SQSRecord) => limit(carryOut, record, deadline);
    // A batch of which nothing was sent is not an error of the function: each message has its pause.
    const options = { throwOnFullBatchFailure: false };
    return await processPartialResponse(event, handleRecord, processor, options);
  },
);
