import { type GateAnswer, readMessage } from './answer.ts';
import type { GatewayMessage } from './client.ts';
import { asNumber, asObject, parseObject } from './fields.ts';
import type { SendAccepted } from './send-result.ts';

/** How far SMS Aero's clock, which counts in whole seconds, may be behind ours, in ms. */
const CLOCK_TOLERANCE = 5_000;

/**
 * Finds a message in the answer to `sms/list`: an object with the messages under "0", "1" and so on (SMS Aero API v2).
 *
 * The filters of the request are not relied on: number and text must be exactly these, and an older message of the same text,
 * such as the console's test, does not count.
 *
 * @param since when the message was sent, in ms of the Unix epoch
 */
export function findInList(
  answer: GateAnswer,
  message: GatewayMessage,
  since: number,
): SendAccepted | undefined {
  const envelope = answer.statusCode === 200 && answer.complete ? parseObject(answer.body) : undefined;
  const list = envelope?.['success'] === true ? envelope['data'] : undefined;
  for (const entry of Object.values(asObject(list) ?? (Array.isArray(list) ? list : []))) {
    const fields = asObject(entry);
    const createdAt = (asNumber(fields?.['dateCreate']) ?? 0) * 1000;
    if (
      fields &&
      String(fields['number']) === message.number &&
      fields['text'] === message.text &&
      createdAt >= since - CLOCK_TOLERANCE
    ) {
      const result = readMessage(fields);
      return result.status === 'accepted' ? result : undefined;
    }
  }
  return undefined;
}
