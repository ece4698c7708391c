import { createMessageStatus } from '../lib/delivery/message-status.ts';
import { httpHandler } from '../lib/handler.ts';
import { startDeliveryService } from '../lib/services/delivery.ts';

const service = await startDeliveryService(process.env);
const messageStatus = createMessageStatus(service);

/** `GET /messages/{id}`: tells your backend the status of a message that it sent. */
export const handler = httpHandler({ log: service.log }, (event, { requestId }) =>
  messageStatus(event, requestId),
);
