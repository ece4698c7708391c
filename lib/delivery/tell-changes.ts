import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { Item } from '../dynamodb.ts';
import type { Log } from '../observability/logger.ts';
import type { MetricName } from '../observability/metric-names.ts';
import type { PowertoolsMetrics } from '../observability/metrics.ts';
import { roubles } from '../smsaero/message-status.ts';
import type { Delivery } from './delivery.ts';
import { type DeliveryEvent, eventsOf } from './events.ts';
import { readDelivery } from './item.ts';
import type { EventPublisher } from './publisher.ts';

export interface TellChangesOptions {
  /** Undefined if no events are published. */
  readonly publisher: Pick<EventPublisher, 'publish'> | undefined;
  readonly log: Log;
  readonly metrics: Pick<PowertoolsMetrics, 'delivery' | 'takenOver'>;
}

/** Metric names by event; what failed or is not known has been counted where it was sent. */
const METRICS = {
  SmsAccepted: 'DeliveryAccepted',
  SmsDelivered: 'Delivered',
  SmsUndelivered: 'Undelivered',
  SmsRejected: 'Rejected',
  SmsFailed: undefined,
  SmsUnknown: undefined,
} as const satisfies Record<DeliveryEvent['type'], MetricName | undefined>;

/**
 * Makes the use case of the table's stream: every change of a delivery becomes events and metrics, at least once and in the order in which
 * it was written, since the stream hands a batch over again from its first failure on.
 */
export function createTellChanges({ publisher, log, metrics }: TellChangesOptions) {
  return async ({ Records }: DynamoDBStreamEvent, end?: number): Promise<DynamoDBBatchResponse> => {
    const changes = Records.map(({ dynamodb }) => {
      const after = readDelivery(dynamodb?.NewImage as Item | undefined);
      const before = readDelivery(dynamodb?.OldImage as Item | undefined);
      return {
        itemIdentifier: dynamodb?.SequenceNumber ?? '',
        before,
        after,
        events: after ? eventsOf(before, after) : [],
      };
    });
    const events = changes.flatMap((change) => change.events);
    const failed = publisher ? await publisher.publish(events, end) : new Map<DeliveryEvent, string>();
    if (failed.size > 0) {
      const codes = [...new Set(failed.values())];
      log.warn('events not published', { count: failed.size, of: events.length, codes });
    }
    const first = changes.findIndex((change) => change.events.some((event) => failed.has(event)));
    for (const { before, after, events: told } of first < 0 ? changes : changes.slice(0, first)) {
      for (const { type, detail } of told) {
        const { id: deliveryId, ...rest } = detail; // the name that the lines of the message and of its reports have for it
        log.info('delivery', { event: type, deliveryId, ...rest });
        if (after) measure(metrics, type, after);
      }
      if (after?.smsMessageId && before && !before.smsMessageId) {
        const { country, senderName, cost = 0 } = after;
        metrics.takenOver({ country, senderName }, roubles(cost - (before.cost ?? 0)));
      }
    }
    const { itemIdentifier } = changes[first] ?? {};
    return { batchItemFailures: itemIdentifier === undefined ? [] : [{ itemIdentifier }] };
  };
}

function measure(
  metrics: TellChangesOptions['metrics'],
  type: DeliveryEvent['type'],
  delivery: Delivery,
): void {
  const name = METRICS[type];
  if (!name) return;
  const { country, senderName, channel, sentAt, changedAt, cost } = delivery;
  const isDelivered = type === 'SmsDelivered';
  metrics.delivery(
    name,
    { country, senderName, channel },
    {
      // SMS Aero counts whole seconds, so that an answer may seem to come before the question.
      seconds: isDelivered && sentAt !== undefined ? Math.max(0, changedAt - sentAt) / 1000 : undefined,
      cost: type === 'SmsAccepted' ? cost : undefined,
    },
  );
}
