import { createReceiveReport } from '../lib/delivery/receive-report.ts';
import { httpHandler } from '../lib/handler.ts';
import type { HttpReply } from '../lib/http/reply.ts';
import { pathParameter, readBody } from '../lib/http/request.ts';
import { startDeliveryService } from '../lib/services/delivery.ts';

const service = await startDeliveryService(process.env);
const receiveReport = createReceiveReport(service);

/** SMS Aero waits for a 200; whoever else asks learns nothing from it. */
const RECEIVED: HttpReply = { statusCode: 200, headers: { 'Cache-Control': 'no-store' }, body: '' };

/**
 * `POST /reports/{token}`, or GET: SMS Aero reports the status of a message.
 *
 * Anything that cannot be recorded now is answered with an error, so that the report may come again.
 */
export const handler = httpHandler({ log: service.log }, async (event) => {
  const query = event.queryStringParameters ?? {};
  await receiveReport(pathParameter(event, 'token'), { body: readBody(event), query });
  return RECEIVED;
});
