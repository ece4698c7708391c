import type { Cache } from '../config/cache.ts';
import { type Configuration, senderNameFor } from '../config/configuration.ts';
import type { Recordable } from '../delivery/deliveries.ts';
import type { DeliveryDetails } from '../delivery/delivery.ts';
import { newDeliveryId } from '../delivery/delivery-id.ts';
import type { AddressNotices } from '../guard/address-notices.ts';
import type { Guard } from '../guard/guard.ts';
import { isBlocked, type RangeLimits } from '../guard/range-limits.ts';
import type { Verdict } from '../guard/verdict.ts';
import type { Log } from '../observability/logger.ts';
import { MessageLog } from '../observability/message-log.ts';
import type { PowertoolsMetrics } from '../observability/metrics.ts';
import { telegramCodeOf } from '../smsaero/client.ts';
import type { Channel } from '../smsaero/message-status.ts';
import type { SendResult } from '../smsaero/send-result.ts';
import { CODE, measureText, renderTemplate } from '../templates/render.ts';
import { chooseTemplate, isForTelegram } from '../templates/template.ts';
import {
  type Accepted,
  isRetryable,
  type NotSent,
  type Outcome,
  type Refused,
  type SentOutcome,
} from './outcome.ts';
import { parseRecipient, type Recipient } from './recipient.ts';
import { type SendByGatewayOptions, sendByGateway } from './send-by-gateway.ts';
import type { Idempotency, SmsRequest } from './sms-request.ts';

export interface SendSmsOptions extends SendByGatewayOptions {
  readonly configuration: Pick<Cache<Configuration>, 'get' | 'renew'>;
  /** The service's memory; undefined if it has none. */
  readonly guard: Pick<Guard, 'ask'> | undefined;
  /** Told of each client address; undefined if addresses are not counted. */
  readonly addressNotices: Pick<AddressNotices, 'look'> | undefined;
  /** ISO 3166 codes of allowed countries; the first is the one whose national numbers are understood. */
  readonly countries: readonly string[];
  /** Whether codes may go by Telegram where the template says so. */
  readonly telegram: boolean;
  /** A range with 0 is blocked, also without a guard; the guard counts the others. */
  readonly rangeLimits: RangeLimits;
  readonly log: Log;
  readonly metrics: Pick<PowertoolsMetrics, 'count'>;
}

/** Sends one message, at most once, and says how that ended. */
export type SendSms = (request: SmsRequest) => Promise<Outcome>;

/** The path of a message: configuration, recipient, template, guard, gateway, record. All handlers share it. */
export function createSendSms(options: SendSmsOptions): SendSms {
  const {
    configuration,
    addressNotices,
    guard,
    deliveries,
    reportUrl,
    countries,
    rangeLimits,
    log,
    metrics,
  } = options;

  /** Writes the record of a delivery, if there is a table; whether it is written. */
  const record = (id: string, outcome: Recordable, details: DeliveryDetails, deadline: number) => {
    const reported = reportUrl !== undefined && details.channel !== 'telegram';
    return deliveries?.record(id, outcome, details, reported, deadline);
  };

  /**
   * Writes the record that a first request could not, because its process was lost or the table could not be reached, or has not written yet:
   * a repeat is answered with the name of its delivery, which can be asked for.
   */
  async function recordFirst(
    first: SentOutcome,
    details: DeliveryDetails,
    deadline: number,
  ): Promise<SentOutcome> {
    const isUnknown = first.status === 'unknown';
    if (first.deliveryId === undefined || !(isUnknown || first.recorded === false)) {
      return first;
    }
    if (isUnknown && first.pending) {
      await deliveries?.pending(first.deliveryId, details, deadline);
      return first;
    }
    const { recorded: _, ...outcome } = first;
    const channel = outcome.channel ?? details.channel; // a switch may have been turned since
    const isRecorded = await record(first.deliveryId, outcome, { ...details, channel }, deadline);
    return isRecorded === false ? { ...outcome, recorded: false } : outcome;
  }

  return async (request) => {
    const line = new MessageLog(request);
    const end = (outcome: Outcome) => line.write(log, metrics, outcome, !isRepeated(request, outcome));
    const refuse = (refusal: Omit<Refused, 'status'>) => end({ status: 'refused', ...refusal });

    const settings = await line.time('config', () => configuration.get());

    const recipient = await line.time('recipient', () => parseRecipient(request.recipient, countries));
    if (!recipient) {
      return refuse({ reason: 'invalid_recipient' });
    }
    line.recipient(recipient);
    if (!countries.includes(recipient.country)) {
      return refuse({ reason: 'country_not_allowed' });
    }
    if (isBlocked(recipient.range, rangeLimits)) {
      return refuse({ reason: 'range_not_allowed' });
    }

    const template = chooseTemplate(settings.templates, request.usageType, request.locale);
    const rendered = await line.time(
      'template',
      () =>
        template &&
        (request.text === undefined
          ? renderTemplate(template, request.variables, recipient.number)
          : measureText(request.text)),
    );
    if (!template || !rendered) {
      return refuse({ reason: 'text_too_long' });
    }
    line.text(template, rendered);

    const mayBeTelegram =
      options.telegram && request.text === undefined && isForTelegram(template, request.usageType);
    const code = mayBeTelegram ? telegramCodeOf(request.variables[CODE]) : undefined;
    const channel: Channel = code === undefined ? 'sms' : 'telegram';
    const { country } = recipient;
    const details = {
      platform: request.platform,
      usageType: template.usageType,
      country,
      senderName: senderNameFor(settings, country),
      channel, // also of an SMS: a repeat that chose another way may have written the record first
      segments: rendered.segments,
      command: request.command,
    };
    const deliveryId = newDeliveryId(Date.now());
    const idempotency = idempotencyOf(request, recipient);
    const [verdict]: [Verdict, unknown?] = guard
      ? await line.time('guard', () =>
          Promise.all([
            guard.ask({ ...request, ...recipient, idempotency, deliveryId, hashKey: settings.hashKey }),
            addressNotices?.look(request.platform, request.clientAddress, Date.now(), request.deadline),
          ]),
        )
      : [request.guardRequired ? { verdict: 'unavailable' } : UNGUARDED];
    switch (verdict.verdict) {
      case 'duplicate':
        return end({ status: 'duplicate', of: await recordFirst(verdict.of, details, request.deadline) });
      case 'rate_exceeded':
        return refuse({ reason: 'rate_exceeded', limit: verdict.limit, retryAfter: verdict.retryAfter });
      case 'conflict':
        return refuse({ reason: 'idempotency_conflict' });
      case 'unavailable':
        return refuse({ reason: 'guard_unavailable' });
      case 'send':
        line.skipped(verdict.skipped);
    }
    if (request.expiresAt !== undefined && Date.now() >= request.expiresAt) {
      // Only now, since the guard had to say whether it was sent before. Its handler logs it.
      await verdict.complete(NOT_TAKEN);
      return { status: 'refused', reason: 'expired' };
    }

    const number = recipient.number.slice(1); // SMS Aero wants only digits
    const { senderName, ...report } = await sendByGateway(options, line, settings, request.deadline, {
      number,
      country,
      text: rendered.text,
      telegramCode: code,
      deliveryId,
    });
    line.gateway(report, channel);
    const outcome = outcomeOf(report.result, { channel, deliveryId, segments: rendered.segments });
    const isEnd = !isRepeated(request, outcome);
    // The caller does not wait long for a table that could not be asked a moment ago.
    const recordBy = verdict.skipped.length > 0 ? Date.now() : request.deadline;
    const recorded = isEnd ? record(deliveryId, outcome, { ...details, senderName }, recordBy) : undefined;
    await line.time('record', () => verdict.complete(outcome, recorded));
    return end(
      (await recorded) === false && outcome.status !== 'failed' ? { ...outcome, recorded: false } : outcome,
    );
  };
}

/** What a message without a guard may do. */
const UNGUARDED: Verdict = { verdict: 'send', skipped: [], complete: async () => undefined };

/** How a message that was not given to the gateway ended for the guard. */
const NOT_TAKEN = { status: 'failed', reason: 'unavailable' } as const;

/** What identifies the message, with the number as it was read where that is part of it. */
function idempotencyOf({ idempotency }: SmsRequest, { number }: Recipient): Idempotency | undefined {
  return idempotency?.perRecipient
    ? { ...idempotency, key: JSON.stringify([number, idempotency.key]) }
    : idempotency;
}

/**
 * Whether the handler tries it again: what is retryable, and where a limit was reached a command of the queue (lib/queue/carry-out.ts),
 * or what the limit lets through soon enough.
 */
export function isRepeated(
  { retried, retriedWithin = 0, command }: SmsRequest,
  outcome: Outcome,
): outcome is NotSent {
  const limited = outcome.status === 'refused' && outcome.reason === 'rate_exceeded';
  const waits = limited && (command !== undefined || (outcome.retryAfter ?? Infinity) <= retriedWithin);
  return retried === true && (waits || isRetryable(outcome));
}

function outcomeOf(
  result: SendResult,
  { segments, ...sent }: Pick<Accepted, 'channel' | 'deliveryId' | 'segments'>,
): Exclude<Outcome, { status: 'duplicate' | 'refused' }> {
  switch (result.status) {
    case 'accepted':
      return { ...result, ...sent, segments };
    case 'unknown':
      return { ...result, ...sent };
    case 'failed':
      return result;
  }
}
