import type { ScheduledEvent } from 'aws-lambda';
import { createCheckDeliveries } from '../lib/delivery/check-deliveries.ts';
import { asyncHandler } from '../lib/handler.ts';
import { startCheckService } from '../lib/services/delivery.ts';

const service = await startCheckService(process.env);
const checkDeliveries = createCheckDeliveries(service);

/** For the last answers to be recorded. */
const SHUTDOWN_MARGIN_MS = 5_000;

/** Every few minutes: asks SMS Aero for the messages that no report has ended. */
export const handler = asyncHandler(
  { log: service.log, shutdownMarginMs: SHUTDOWN_MARGIN_MS },
  async (_event: ScheduledEvent, { deadline }): Promise<void> => {
    await checkDeliveries(deadline);
  },
);
