import { createMessageStatus } from '../lib/delivery/message-status.ts';
import { startDeliveryService } from '../lib/delivery/service.ts';
import { httpHandler } from '../lib/handler.ts';

const service = await startDeliveryService(process.env);
const messageStatus = createMessageStatus(service);

/** `GET /messages/{id}`: tells your backend the status of a message that it sent. */
export const handler = httpHandler({ log: service.log }, (event, { requestId }) =>
  messageStatus(event, requestId),
);
