import type { ScheduledEvent } from 'aws-lambda';
import { createCheckDeliveries } from '../lib/delivery/check-deliveries.ts';
import { asyncHandler } from '../lib/handler.ts';
import { startCheckService } from '../lib/services/delivery.ts';

const service = await startCheckService(process.env);
const checkDeliveries = createCheckDeliveries(service);

/** Every few minutes: asks SMS Aero for the messages that no report has ended. */
export const handler = asyncHandler(
  { log: service.log, shutdownMarginMs: 5_000 }, // for the last answers to be recorded
  async (_event: ScheduledEvent, { deadline }): Promise<void> => {
    await checkDeliveries(deadline);
  },
);
