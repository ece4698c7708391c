import type { Item, Update } from '../dynamodb.ts';
import type { MessageStatus } from '../smsaero/message-status.ts';
import {
  type DeliveryDetails,
  type DeliveryState,
  isFinal,
  type RecordedOutcome,
  rankOf,
} from './delivery.ts';
import { madeAt } from './delivery-id.ts';
import { firstCheck } from './due.ts';
import {
  DUE_ATTRIBUTES,
  detailValues,
  dueValues,
  expiryValue,
  readDelivery,
  stateValues,
  writeOf,
} from './item.ts';

/** How a delivery began. */
export interface Sent {
  readonly deliveryId: string;
  readonly outcome: RecordedOutcome;
  readonly messageId?: string | undefined;
  /** Where SMS Aero had the message in its answer to the send (`moderation`); the outcome is the state if it did not say. */
  readonly state?: MessageStatus | undefined;
  readonly details: DeliveryDetails;
  /** Whether SMS Aero was asked for reports: without them it is asked for the state earlier. */
  readonly reported: boolean;
}

/** What SMS Aero said of a delivery. */
export interface Reported {
  readonly deliveryId: string;
  /** The message that it speaks of. */
  readonly messageId: string;
  readonly state: DeliveryState;
  /** When that state was reached, in ms of the Unix epoch. */
  readonly at: number;
  /** The SMS that took over from Telegram: the state is its. */
  readonly takenOver?: Takeover | undefined;
}

/** What is known of an SMS that took over from Telegram. */
export interface Takeover {
  /** SMS Aero's id of the SMS. */
  readonly smsMessageId: string;
  /** Roubles of both messages; undefined if SMS Aero does not say. */
  readonly cost?: number | undefined;
}

/** Why a report changes nothing. */
export type NoStep =
  /** The delivery was there already, or further. */
  | 'known'
  /** It speaks of another message than the record. */
  | 'foreign';

/** The condition that nobody has written the record yet. */
const FIRST = 'attribute_not_exists(#rank)';

/**
 * How a record moves on when it is known how sending ended. A report may have been faster: what it said is kept if it is of the same message
 * and as far along as the answer to the send.
 *
 * @param item the record as it is; undefined if there is none
 * @param now ms of the Unix epoch
 * @returns the write, which holds only while the record is so; undefined if there is nothing to write
 */
export function writeOfSent(item: Item | undefined, sent: Sent, now: number): Update | undefined {
  const { deliveryId, messageId, outcome } = sent;
  const before = item?.['outcome']?.S;
  // A repeat may have taken the process for lost, and recorded "unknown" for it.
  if (before !== undefined && (before !== 'unknown' || outcome === 'unknown')) {
    return undefined; // this very write, sent twice because its answer was lost
  }
  const own = {
    ...detailValues(sent.details),
    outcome: { S: outcome },
    sentAt: { N: String(madeAt(deliveryId)) },
    ...(messageId ? { messageId: { S: messageId } } : {}),
  };
  const unchanged = before === undefined ? 'attribute_not_exists(#outcome)' : '#outcome = :unknown';
  const condition = item ? `#rank = :before AND ${unchanged}` : FIRST;
  const answered: DeliveryState = sent.state ?? outcome;
  const read = readDelivery(item);
  const isSame = read?.messageId !== undefined && (messageId ?? read.messageId) === read.messageId;
  const known = isSame ? read : undefined;
  const isFurther = !known || rankOf(answered) > rankOf(known.state);
  const isEnd = isFinal(isFurther ? answered : known.state);
  const values = {
    ...own,
    ...(isFurther ? stateValues(answered, now) : {}),
    ...(known ? {} : expiryValue(deliveryId)),
    ...(messageId && !isEnd ? dueValues(deliveryId, firstCheck(now, sent.reported)) : {}),
  };
  const compared = { ...rankBefore(item), ...(before === undefined ? {} : { ':unknown': { S: 'unknown' } }) };
  return writeOf(deliveryId, values, item && isEnd ? DUE_ATTRIBUTES : [], condition, compared);
}

/**
 * The record of a message that another request is sending, for whoever asks for it before there is an outcome. It says unknown, and the
 * outcome replaces it.
 *
 * @param now ms of the Unix epoch
 * @returns undefined if there is a record
 */
export function writeOfPending(
  item: Item | undefined,
  deliveryId: string,
  details: DeliveryDetails,
  now: number,
): Update | undefined {
  const values = { ...detailValues(details), ...stateValues('unknown', now), ...expiryValue(deliveryId) };
  return item ? undefined : writeOf(deliveryId, values, [], FIRST);
}

/**
 * How a record moves on to what SMS Aero said of its delivery.
 *
 * @param item the record as it is; undefined if there is none
 * @param now ms of the Unix epoch
 * @returns the write, which holds only while the record is so; or why there is none
 */
export function writeOfReport(item: Item | undefined, report: Reported, now: number): Update | NoStep {
  const { deliveryId, messageId, state, at, takenOver } = report;
  const known = readDelivery(item);
  if (known?.messageId !== undefined && known.messageId !== messageId) {
    return 'foreign';
  }
  const isFurther = !known || rankOf(known.state) < rankOf(state);
  const isTakeover = takenOver !== undefined && known?.smsMessageId === undefined;
  if (!isFurther && !isTakeover) {
    return 'known';
  }
  const values = {
    ...(isFurther ? stateValues(state, at) : {}),
    ...(isTakeover ? takeoverValues(takenOver) : {}),
    messageId: { S: messageId },
  };
  // Also due where it is final, but the send's record is missing: it may never come, and is then told of without it.
  const due = dueValues(deliveryId, firstCheck(now, true));
  if (!item) {
    return writeOf(deliveryId, { ...values, ...due, ...expiryValue(deliveryId) }, [], FIRST);
  }
  const complete = isFinal(state) && known?.outcome !== undefined;
  return writeOf(
    deliveryId,
    { ...values, ...(complete || known?.dueAt !== undefined ? {} : due) },
    complete ? DUE_ATTRIBUTES : [],
    `#rank = :before AND attribute_${known?.outcome ? 'exists' : 'not_exists'}(#outcome)`,
    rankBefore(item),
  );
}

function takeoverValues({ smsMessageId, cost }: Takeover): Item {
  return {
    smsMessageId: { S: smsMessageId },
    channel: { S: 'sms' },
    ...(cost === undefined ? {} : { cost: { N: String(cost) } }),
  };
}

function rankBefore(item: Item | undefined): Item {
  return item ? { ':before': item['rank'] ?? { N: '0' } } : {};
}
