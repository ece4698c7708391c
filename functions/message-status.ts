import middy from '@middy/core';
import { createMessageStatus } from '../lib/delivery/message-status.ts';
import { startDeliveryService } from '../lib/delivery/service.ts';
import { httpDoor } from '../lib/http/door.ts';
import type { HttpReply } from '../lib/http/reply.ts';
import type { HttpRequest } from '../lib/http/request.ts';

const service = await startDeliveryService(process.env);
const messageStatus = createMessageStatus(service);

/** `GET /messages/{id}`: tells one's own backend what became of a message that it sent. */
export const handler = middy({ timeoutEarlyInMillis: 0 })
  .use(httpDoor(service.log))
  .handler(
    (request: HttpRequest, context): Promise<HttpReply> => messageStatus(request, context.awsRequestId),
  );
