import { orAbort, timeoutSignal } from '../abort.ts';
import type { Cache } from '../config/cache.ts';
import { type Configuration, senderNameFor } from '../config/configuration.ts';
import type { Deliveries } from '../delivery/deliveries.ts';
import { reportToken } from '../delivery/delivery-id.ts';
import type { MessageLog } from '../observability/message-log.ts';
import type { GatewayMessage, GatewayReport, SmsAeroClient } from '../smsaero/client.ts';

export interface SendByGatewayOptions {
  readonly configuration: Pick<Cache<Configuration>, 'renew'>;
  readonly gateway: Pick<SmsAeroClient, 'send'>;
  /** Where the status of messages is written; undefined if nowhere. */
  readonly deliveries: Pick<Deliveries, 'record' | 'pending'> | undefined;
  /** URL that SMS Aero's reports are to reach, without a slash at the end; undefined if none are asked for. */
  readonly reportUrl: string | undefined;
}

interface OutgoingMessage extends Pick<GatewayMessage, 'number' | 'text' | 'telegramCode'> {
  readonly deliveryId: string;
  readonly country: string;
}

/**
 * Sends by the gateway, with a renewed key if the old one is refused.
 *
 * @param settings the configuration that is tried first
 * @param deadline when the outcome must be known, in ms of the Unix epoch
 * @param message what is sent, and the recipient's country (ISO 3166), which chooses the sender name
 * @returns the gateway's report, with the sender name that the message went out with; never throws
 */
export async function sendByGateway(
  { configuration, gateway, deliveries, reportUrl }: SendByGatewayOptions,
  line: MessageLog,
  settings: Configuration,
  deadline: number,
  { deliveryId, country, ...message }: OutgoingMessage,
): Promise<GatewayReport & { senderName: string }> {
  const messageFrom = (current: Configuration): GatewayMessage => ({
    ...message,
    senderName: senderNameFor(current, country),
    reportUrl: deliveries && reportUrl && `${reportUrl}/${reportToken(current.hashKey, deliveryId)}`,
  });
  const send = (current: Configuration) =>
    line.time('gateway', () => gateway.send(current, messageFrom(current), deadline));

  let current = settings;
  let report = await send(current);
  if (report.result.status === 'failed' && report.result.reason === 'unauthorized') {
    const signal = timeoutSignal(Math.max(0, deadline - Date.now()));
    const renewed = await line.time('config', () =>
      orAbort(configuration.renew(settings), signal).catch(() => settings),
    );
    if (renewed.apiKey !== settings.apiKey || renewed.email !== settings.email) {
      current = renewed;
      report = await send(current); // a 401 sent nothing, so this is not a repeat
    }
  }
  return { ...report, senderName: senderNameFor(current, country) };
}
