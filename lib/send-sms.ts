import { orAbort } from './abort.ts';
import type { Configuration } from './config/configuration.ts';
import type { Deliveries } from './delivery/deliveries.ts';
import { newDeliveryId, reportToken } from './delivery/delivery-id.ts';
import type { Guard } from './guard/guard.ts';
import { parseRecipient } from './guard/recipient.ts';
import type { Verdict } from './guard/verdict.ts';
import type { Log } from './observability/logger.ts';
import { MessageLog } from './observability/message-log.ts';
import type { MessageMetrics } from './observability/metrics.ts';
import { isWorthAnotherTry, type Outcome, type Refused } from './outcome.ts';
import type { SmsRequest } from './sms-request.ts';
import type { GatewayMessage, GatewayReport, SmsGateway } from './smsaero/client.ts';
import type { SendResult } from './smsaero/send-result.ts';
import { renderTemplate } from './templates/render.ts';
import { chooseTemplate } from './templates/template.ts';

/** Time kept back from the gateway's deadline to ask what became of a message, in ms, where that is switched on. */
const TIME_TO_FIND = 600;

/** Where the configuration comes from. */
export interface ConfigurationSource {
  /** @throws ConfigurationError if there is none that may be used */
  get(): Promise<Configuration>;
  /** A newer configuration than one that SMS Aero refused, or the same if none can be had. */
  renew(rejected: Configuration): Promise<Configuration>;
}

/** What {@link createSendSms} needs. */
export interface SendSmsOptions {
  readonly configuration: ConfigurationSource;
  readonly gateway: SmsGateway;
  /** The service's memory; undefined if it has none. */
  readonly guard: Pick<Guard, 'ask'> | undefined;
  /** What becomes of messages is written there; undefined if nowhere. */
  readonly deliveries: Pick<Deliveries, 'record'> | undefined;
  /** URL that SMS Aero's reports are to reach, without a slash at the end; undefined if none are asked for. */
  readonly reportUrl: string | undefined;
  /** ISO 3166 codes of allowed countries; the first is the one whose national numbers are understood. */
  readonly countries: readonly string[];
  /** Whether SMS Aero is asked what became of a message whose outcome is unknown. */
  readonly resolveUnknown: boolean;
  readonly log: Log;
  readonly metrics: MessageMetrics;
}

/** Sends one message, at most once, and says how that ended. */
export type SendSms = (request: SmsRequest) => Promise<Outcome>;

/** The path of a message: configuration, recipient, template, guard, gateway, record. All doors share it. */
export function createSendSms(options: SendSmsOptions): SendSms {
  const { configuration, guard, deliveries, reportUrl, countries, log, metrics } = options;
  return async (request) => {
    const line = new MessageLog(request);
    const end = (outcome: Outcome) => line.write(log, metrics, outcome, !isRepeated(request, outcome));
    const refuse = (refusal: Omit<Refused, 'status'>) => end({ status: 'refused', ...refusal });

    const settings = await line.time('config', () => configuration.get());

    const recipient = line.timeSync('recipient', () => parseRecipient(request.recipient, countries));
    if (!recipient) {
      return refuse({ reason: 'invalid_recipient' });
    }
    line.recipient(recipient);
    if (!countries.includes(recipient.country)) {
      return refuse({ reason: 'country_not_allowed' });
    }

    const template = chooseTemplate(settings.templates, request.usageType, request.locale);
    const rendered = line.timeSync('template', () => template && renderTemplate(template, request.variables));
    if (!template || !rendered) {
      return refuse({ reason: 'text_too_long' });
    }
    line.text(template, rendered);

    const deliveryId = newDeliveryId(Date.now());
    const verdict: Verdict = guard
      ? await line.time('guard', () =>
          guard.ask({ ...request, ...recipient, deliveryId, apiKey: settings.apiKey }),
        )
      : { verdict: 'send', skipped: [], settle: async () => undefined };
    switch (verdict.verdict) {
      case 'duplicate':
        return end({ status: 'duplicate', of: verdict.of });
      case 'rate_exceeded':
        return refuse({ reason: 'rate_exceeded', limit: verdict.limit, retryAfter: verdict.retryAfter });
      case 'conflict':
        return refuse({ reason: 'idempotency_conflict' });
      case 'unavailable':
        return refuse({ reason: 'guard_unavailable' });
      case 'send':
        line.skipped(verdict.skipped);
    }

    const number = recipient.number.slice(1); // SMS Aero wants digits alone
    const { apiKey, senderName, ...report } = await sendByGateway(options, line, settings, request.deadline, {
      number,
      text: rendered.text,
      deliveryId,
    });
    line.gateway(report);
    const outcome = outcomeOf(report.result, deliveryId, rendered.segments);
    const isEnd = !isRepeated(request, outcome);
    const details = {
      platform: request.platform,
      usageType: template.usageType,
      country: recipient.country,
      senderName,
      segments: rendered.segments,
      command: request.command,
    };
    const record = () =>
      deliveries?.record(deliveryId, outcome, details, reportUrl !== undefined, request.deadline);
    const [recorded] = await line.time('record', () =>
      Promise.all([
        isEnd ? record() : undefined,
        verdict.settle(outcome.status === 'failed' ? undefined : outcome, apiKey),
      ]),
    );
    return end(recorded === false && outcome.status !== 'failed' ? { ...outcome, recorded } : outcome);
  };
}

/** Whether the door tries it again: what may pass, and a command of the queue also where a limit was reached (lib/queue/carry-out.ts). */
function isRepeated({ retried, command }: SmsRequest, outcome: Outcome): boolean {
  const waits = command !== undefined && outcome.status === 'refused' && outcome.reason === 'rate_exceeded';
  return retried === true && (waits || isWorthAnotherTry(outcome));
}

function outcomeOf(
  result: SendResult,
  deliveryId: string,
  segments: number,
): Exclude<Outcome, { status: 'duplicate' | 'refused' }> {
  switch (result.status) {
    case 'accepted':
      return { ...result, segments, deliveryId };
    case 'unknown':
      return { ...result, deliveryId };
    case 'failed':
      return result;
  }
}

/** Sends by the gateway; with a renewed key if the old one is refused, and asking after a message that may have been sent. */
async function sendByGateway(
  { configuration, gateway, deliveries, reportUrl, resolveUnknown }: SendSmsOptions,
  line: MessageLog,
  settings: Configuration,
  deadline: number,
  { deliveryId, ...text }: Pick<GatewayMessage, 'number' | 'text'> & { deliveryId: string },
): Promise<GatewayReport & { apiKey: string; senderName: string }> {
  const since = Date.now();
  const sendBy = resolveUnknown ? deadline - TIME_TO_FIND : deadline;
  const messageFrom = ({ senderName, apiKey }: Configuration): GatewayMessage => ({
    ...text,
    senderName,
    reportUrl: deliveries && reportUrl && `${reportUrl}/${reportToken(apiKey, deliveryId)}`,
  });
  const send = (current: Configuration) =>
    line.time('gateway', () => gateway.send(current, messageFrom(current), sendBy));

  let current = settings;
  let report = await send(current);
  if (report.result.status === 'failed' && report.result.reason === 'unauthorized') {
    const signal = AbortSignal.timeout(Math.max(0, sendBy - Date.now()));
    const renewed = await line.time('config', () =>
      orAbort(configuration.renew(settings), signal).catch(() => settings),
    );
    if (renewed.apiKey !== settings.apiKey || renewed.email !== settings.email) {
      current = renewed;
      report = await send(current); // a 401 sent nothing, so this is no repeat
    }
  }
  if (report.result.status === 'unknown' && resolveUnknown) {
    const found = await line.time('find', () => gateway.find(current, messageFrom(current), since, deadline));
    report = found ? { ...report, result: found } : report;
  }
  return { ...report, apiKey: current.apiKey, senderName: current.senderName };
}
