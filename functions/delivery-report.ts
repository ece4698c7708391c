import middy from '@middy/core';
import { createReceiveReport } from '../lib/delivery/receive-report.ts';
import { startDeliveryService } from '../lib/delivery/service.ts';
import { httpDoor } from '../lib/http/door.ts';
import type { HttpReply } from '../lib/http/reply.ts';
import type { HttpRequest } from '../lib/http/request.ts';

const service = await startDeliveryService(process.env);
const receiveReport = createReceiveReport(service);

/** SMS Aero waits for a 200; whoever else asks learns nothing from it. */
const RECEIVED: HttpReply = { statusCode: 200, headers: { 'Cache-Control': 'no-store' }, body: '' };

/**
 * `POST /reports/{token}`, or GET: SMS Aero tells what became of a message.
 *
 * Anything that cannot be written down now is answered with an error, so that the report may come again.
 */
export const handler = middy({ timeoutEarlyInMillis: 0 })
  .use(httpDoor(service.log))
  .handler(async (request: HttpRequest): Promise<HttpReply> => {
    await receiveReport(request);
    return RECEIVED;
  });
