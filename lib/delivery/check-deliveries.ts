import { QueryCommand } from '@aws-sdk/client-dynamodb';
import pLimit from 'p-limit';
import type { Cache } from '../config/cache.ts';
import type { Configuration } from '../config/configuration.ts';
import type { Table } from '../dynamodb.ts';
import type { Log } from '../observability/logger.ts';
import type { StatusAnswer } from '../smsaero/answer.ts';
import type { SmsAeroClient } from '../smsaero/client.ts';
import { type Delivery, isFinal } from './delivery.ts';
import { DUE_INDEX, nextCheck, SHARDS } from './due.ts';
import { deliveryIdOf } from './item.ts';
import type { DeliveryRecords } from './records.ts';

/** Questions to SMS Aero at the same time. */
const CONCURRENCY = 10;

/** Questions without an answer after which a run ends: it is SMS Aero, and not the message. */
const MAX_UNANSWERED = 5;

/**
 * How long after sending an SMS is expected for what Telegram did not deliver, in ms. How soon SMS Aero sends it is not documented; after an
 * hour no code is of use.
 */
const SMS_WAIT_MS = 3_600_000;

/** Time for one question, in ms. */
const STATUS_TIMEOUT_MS = 5_000;

export interface CheckDeliveriesOptions {
  readonly configuration: Pick<Cache<Configuration>, 'get' | 'renew'>;
  readonly table: Table;
  readonly records: DeliveryRecords;
  readonly gateway: Pick<SmsAeroClient, 'status' | 'telegramStatus'>;
  readonly log: Log;
}

/** What a run did. */
export interface Checked {
  /** Deliveries that were due. */
  due: number;
  /** Those that SMS Aero said something new of. */
  changed: number;
  /** Those that are not asked for any more: three days are over. */
  givenUp: number;
  /** Those that were told of without the send's record. */
  orphans: number;
  /** Why the run ended before all were asked for: `refused` with SMS Aero's reason, `unavailable`, `no_time`. */
  stopped?: string | undefined;
}

/**
 * Makes the use case of the schedule: asks SMS Aero for the deliveries that no report has ended (`sms/status`, `telegram/status`), so that a
 * lost report leaves no hole. For Telegram there are no reports at all. What a run cannot do, the next one does.
 *
 * @returns a function that takes the end of the run (ms of the Unix epoch)
 */
export function createCheckDeliveries(options: CheckDeliveriesOptions) {
  const { table, records, log } = options;
  return async (end: number, now = Date.now()): Promise<Checked> => {
    const checked: Checked = { due: 0, changed: 0, givenUp: 0, orphans: 0 };
    const ask = await asking(options, checked, end);
    const limit = pLimit(CONCURRENCY);
    // A page a shard and run: what comes after it has been due for less long. Where a run has no time for all, each shard has its turn.
    const first = Math.floor(Math.random() * SHARDS.length);
    for (const shard of [...SHARDS.slice(first), ...SHARDS.slice(0, first)]) {
      const due = await dueDeliveries(table, shard, now);
      const check = async (deliveryId: string) => {
        const delivery = await records.get(deliveryId);
        if (delivery?.dueAt === undefined || delivery.dueAt > now || checked.stopped) return;
        if (Date.now() + STATUS_TIMEOUT_MS > end) {
          checked.stopped = 'no_time';
          return;
        }
        checked.due += 1;
        await ask(delivery, now);
      };
      await Promise.all(due.map((deliveryId) => limit(check, deliveryId)));
      if (checked.stopped) break;
    }
    log.info('deliveries checked', { ...checked });
    return checked;
  };
}

/** Asks for one delivery and writes down what is heard. */
async function asking(
  { configuration, records, gateway, log }: CheckDeliveriesOptions,
  checked: Checked,
  end: number,
) {
  let settings = await configuration.get();
  let unanswered = 0;
  return async (delivery: Delivery, now: number): Promise<void> => {
    const { deliveryId, messageId, sentAt = delivery.changedAt } = delivery;
    const isOrphan = delivery.outcome === undefined && !delivery.orphan;
    if (isOrphan) checked.orphans += 1;
    if (isFinal(delivery.state) || messageId === undefined) {
      await records.postpone(delivery, undefined, isOrphan);
      return;
    }
    const deadline = Math.min(Date.now() + STATUS_TIMEOUT_MS, end);
    const question = () => askFor(delivery, messageId, gateway, settings, deadline);
    let answer = await question();
    if (answer.status === 'refused' && answer.reason === 'unauthorized') {
      settings = await configuration.renew(settings);
      answer = await question();
    }
    if (answer.status === 'refused') {
      checked.stopped = answer.reason;
      return; // it stays due
    }
    // One that SMS Aero answers with an error each time is put off like the others, or it would be the first of every run.
    unanswered = answer.status === 'unavailable' ? unanswered + 1 : 0;
    if (unanswered >= MAX_UNANSWERED) {
      checked.stopped = 'unavailable';
    }
    if (answer.status === 'known' && !(isUndelivered(delivery, answer) && now < sentAt + SMS_WAIT_MS)) {
      const { message: state, at = now, smsMessageId, cost } = answer;
      const takenOver = smsMessageId === undefined ? undefined : { smsMessageId, cost };
      const report = { deliveryId, messageId, state, at: Math.min(at, now), takenOver };
      const effect = await records.reported(report, now);
      if (effect === 'changed') checked.changed += 1;
      if (isFinal(state) && !isOrphan) return; // that took it out of the index
    }
    const next = nextCheck(sentAt, now);
    if (next === undefined) {
      checked.givenUp += 1;
      log.warn('delivery given up', { deliveryId, messageId, state: delivery.state });
    }
    await records.postpone(delivery, next, isOrphan);
  };
}

/** Asks for what is on its way to the phone: the SMS, the Telegram message, or the SMS that took over from it. */
function askFor(
  { channel, smsMessageId }: Delivery,
  messageId: string,
  gateway: CheckDeliveriesOptions['gateway'],
  settings: Configuration,
  deadline: number,
): Promise<StatusAnswer> {
  return channel === 'telegram'
    ? gateway.telegramStatus(settings, messageId, deadline)
    : gateway.status(settings, smsMessageId ?? messageId, deadline);
}

/** Whether Telegram did not deliver a message, and SMS Aero names no SMS for it (yet). */
function isUndelivered({ channel }: Delivery, answer: Extract<StatusAnswer, { status: 'known' }>): boolean {
  const failed = answer.message === 'undelivered' || answer.message === 'rejected';
  return channel === 'telegram' && answer.smsMessageId === undefined && failed;
}

/** Deliveries of one page, which is what a run takes of a shard before it looks at the next one. */
const PAGE = 100;

/**
 * The deliveries of a shard that SMS Aero is to be asked for, the longest due first. The index follows the table within moments, so that
 * the record itself may already say otherwise.
 *
 * @param now ms of the Unix epoch
 * @returns ids, at most 100
 */
export async function dueDeliveries(table: Table, shard: string, now: number): Promise<string[]> {
  const query = new QueryCommand({
    TableName: table.name,
    IndexName: DUE_INDEX,
    KeyConditionExpression: '#shard = :shard AND #due <= :now',
    ExpressionAttributeNames: { '#shard': 'dueShard', '#due': 'dueAt' },
    ExpressionAttributeValues: { ':shard': { S: shard }, ':now': { N: String(now) } },
    Limit: PAGE,
  });
  const { Items = [] } = await table.run((client, options) => client.send(query, options));
  return Items.flatMap(({ pk }) => deliveryIdOf(pk?.S) ?? []);
}
