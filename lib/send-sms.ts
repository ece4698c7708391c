import type { Configuration } from './config/configuration.ts';
import { parseRecipient } from './guard/recipient.ts';
import type { Log } from './observability/logger.ts';
import { MessageLog } from './observability/message-log.ts';
import type { Outcome, RefusalReason } from './outcome.ts';
import type { SmsRequest } from './sms-request.ts';
import type { GatewayReport, SmsGateway } from './smsaero/client.ts';
import { renderTemplate } from './templates/render.ts';
import { chooseTemplate } from './templates/template.ts';

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
  /** ISO 3166 codes of allowed countries; the first is the one whose national numbers are understood. */
  readonly countries: readonly string[];
  readonly log: Log;
}

/** Sends one message, at most once, and says how that ended. */
export type SendSms = (request: SmsRequest) => Promise<Outcome>;

/** The path of a message: configuration, guard, template, gateway, record. All doors share it. */
export function createSendSms({ configuration, gateway, countries, log }: SendSmsOptions): SendSms {
  return async (request) => {
    const line = new MessageLog(request);
    const end = (outcome: Outcome) => line.write(log, outcome);
    const refuse = (reason: RefusalReason) => end({ status: 'refused', reason });

    const settings = await line.time('config', () => configuration.get());

    const recipient = await line.time('guard', () => parseRecipient(request.recipient, countries[0] ?? 'RU'));
    if (!recipient) {
      return refuse('invalid_recipient');
    }
    line.recipient(recipient);
    if (!countries.includes(recipient.country)) {
      return refuse('country_not_allowed');
    }

    const template = chooseTemplate(settings.templates, request.usageType, request.locale);
    const rendered = await line.time(
      'template',
      () => template && renderTemplate(template, request.variables),
    );
    if (!template || !rendered) {
      return refuse('text_too_long');
    }
    const { text, encoding, segments } = rendered;
    line.text({ usageType: template.usageType, locale: template.locale, encoding, segments });

    const number = recipient.number.slice(1); // SMS Aero wants digits alone
    const send = ({ email, apiKey, senderName }: Configuration) =>
      line.time('gateway', () =>
        gateway.send({ email, apiKey }, { number, senderName, text }, request.deadline),
      );
    let report = await send(settings);
    if (isUnauthorized(report)) {
      const renewed = await line.time('config', () => configuration.renew(settings));
      const changed = renewed.apiKey !== settings.apiKey || renewed.email !== settings.email;
      report = changed ? await send(renewed) : report; // a 401 sent nothing, so this is no repeat
    }
    line.gateway(report);

    return end(report.result.status === 'accepted' ? { ...report.result, segments } : report.result);
  };
}

function isUnauthorized({ result }: GatewayReport): boolean {
  return result.status === 'failed' && result.reason === 'unauthorized';
}
