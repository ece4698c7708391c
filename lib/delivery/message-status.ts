import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type * as z from 'zod/mini';
import type { Cache } from '../config/cache.ts';
import type { Configuration } from '../config/configuration.ts';
import { ConfigurationError } from '../config/parameters.ts';
import { HttpError } from '../http/errors.ts';
import { type HttpReply, jsonReply } from '../http/reply.ts';
import { pathParameter } from '../http/request.ts';
import type { Log } from '../observability/logger.ts';
import { direct } from '../platforms/direct.ts';
import { admit } from '../platforms/platform.ts';
import type { Delivery } from './delivery.ts';
import { isDeliveryId } from './delivery-id.ts';
import type { messageReplySchema } from './message-reply.ts';
import type { DeliveryRecords } from './records.ts';

export interface MessageStatusOptions {
  readonly configuration: Pick<Cache<Configuration>, 'get' | 'getRefreshed'>;
  readonly records: Pick<DeliveryRecords, 'get'>;
  readonly log: Log;
}

/**
 * Makes the use case of `GET /messages/{id}`: the caller of `POST /sms/direct` asks for one of its messages. Somebody else's is as unknown
 * as one that does not exist.
 *
 * @throws HttpError `unauthorized`, `not_found`, `method_not_allowed`, `records_unavailable`
 */
export function createMessageStatus({ configuration, records, log }: MessageStatusOptions) {
  return async (event: APIGatewayProxyEventV2, requestId: string): Promise<HttpReply> => {
    if (event.requestContext.http.method !== 'GET') {
      throw new HttpError('method_not_allowed', undefined, 'GET');
    }
    await admit(direct, event, configuration).catch((error: unknown) => {
      if (!(error instanceof ConfigurationError)) throw error;
      log.error('configuration unavailable', error, { reason: error.code });
      throw new HttpError('records_unavailable');
    });
    const deliveryId = pathParameter(event, 'id');
    const delivery = isDeliveryId(deliveryId)
      ? await records.get(deliveryId).catch((error: unknown) => {
          log.error('delivery not read', error);
          throw new HttpError('records_unavailable');
        })
      : undefined;
    // Of a delivery that only reports are known of nobody knows whose it is; who knows its name was told it.
    if (!delivery || (delivery.platform !== direct.name && delivery.outcome !== undefined)) {
      throw new HttpError('not_found');
    }
    return jsonReply(200, requestId, bodyOf(delivery));
  };
}

function bodyOf(delivery: Delivery): z.input<typeof messageReplySchema> {
  const { deliveryId, state, messageId, channel, smsMessageId, segments, cost, reason, sentAt, changedAt } =
    delivery;
  return {
    id: deliveryId,
    status: state,
    messageId,
    channel,
    smsMessageId,
    segments,
    cost,
    reason: state === 'failed' || state === 'unknown' ? reason : undefined,
    sentAt: sentAt === undefined ? undefined : new Date(sentAt).toISOString(),
    changedAt: new Date(changedAt).toISOString(),
  };
}
