import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { asyncDoor } from '../lib/async-door.ts';
import { createCheckDeliveries } from '../lib/delivery/check-deliveries.ts';
import { startCheckService } from '../lib/delivery/service.ts';

const service = await startCheckService(process.env);
const checkDeliveries = createCheckDeliveries(service);

/** Time to write down the last answers, in ms. */
const MARGIN = 5_000;

/** Every few minutes: asks SMS Aero for the messages that no report has ended. */
export const handler = middy({ timeoutEarlyInMillis: 0 })
  .use(asyncDoor(service.log))
  .handler(async (_event: unknown, context: Context): Promise<void> => {
    await checkDeliveries(Date.now() + context.getRemainingTimeInMillis() - MARGIN);
  });
