import { senderNameFor } from '../../lib/config/configuration.ts';
import type { Environment } from '../../lib/environment.ts';
import { isBlocked } from '../../lib/guard/range-limits.ts';
import { parseRecipient, type Recipient } from '../../lib/message/recipient.ts';
import { maskPhone } from '../../lib/observability/redact.ts';
import { type GatewayMessage, SmsAeroClient, telegramCodeOf } from '../../lib/smsaero/client.ts';
import { type RenderedText, renderTemplate } from '../../lib/templates/render.ts';
import { chooseTemplate, isForTelegram, type Template } from '../../lib/templates/template.ts';
import { meaningOf, remedyOf } from '../explain.ts';
import { count, roubles } from '../format.ts';
import type { LoadedStage } from '../stage-configuration.ts';
import type { Terminal } from '../terminal.ts';
import { type Followable, messageAt } from './follow.ts';

/** Time for SMS Aero to answer, in ms. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Sends a test message straight to SMS Aero with a stage's configuration, past functions, guard and records.
 *
 * @param dryRun SMS Aero's test mode (`sms/testsend`): nothing is sent or paid for
 * @throws Error if it was not sent, or may have been
 */
export async function sendStraight(
  test: TestMessage,
  stage: LoadedStage,
  dryRun: boolean,
  terminal: Terminal,
): Promise<Followable> {
  const { configuration, environment } = stage;
  const { message, summary } = compose(test, stage);
  terminal.print(summary);
  const client = new SmsAeroClient({ gates: environment.gates, test: dryRun });
  const { result, gate, skipped } = await client.send(configuration, message, Date.now() + ANSWER_TIMEOUT_MS);
  client.close();
  for (const { gate: passed, cause } of skipped) terminal.note(`${passed} was passed over (${cause})`);
  if (result.status !== 'accepted') {
    const state = result.status === 'failed' ? 'Not sent' : 'Not known whether it was sent';
    throw new Error(`${state}: ${meaningOf(result.reason)}; ${remedyOf(result.reason)}`);
  }
  const { messageId, cost } = result;
  const price = cost === undefined || dryRun ? '' : `, ${roubles(cost)}`;
  terminal.print(
    `${dryRun ? 'Test message: nothing is sent or paid for. ' : ''}Accepted by ${gate}: message ${messageId}${price}`,
  );
  const telegram = message.telegramCode !== undefined;
  return {
    ...messageAt(messageId, stage, { test: dryRun, telegram }),
    facts: { messageId, channel: telegram ? 'telegram' : 'sms', cost, test: dryRun },
  };
}

export interface TestMessage {
  readonly to: string;
  readonly type: string;
  readonly code: string;
  readonly locale?: string | undefined;
}

/** Who a test message goes to. @throws Error if that is not a mobile number */
export function recipientOf(to: string, { countries }: Environment): Recipient {
  const recipient = parseRecipient(to, countries);
  if (!recipient) throw new Error('--to is not a mobile number that can receive a message');
  return recipient;
}

/**
 * Makes the message as the functions would.
 *
 * @returns the message for SMS Aero, and a line about it that may be printed
 * @throws Error if the service would not send it
 */
export function compose(
  test: TestMessage,
  { configuration, environment }: LoadedStage,
): { message: GatewayMessage; summary: string } {
  const recipient = recipientOf(test.to, environment);
  if (!environment.countries.includes(recipient.country)) {
    throw new Error(
      `${maskPhone(recipient.number)} is a number of ${recipient.country}, and messages go only to ${environment.countries.join(', ')}`,
    );
  }
  if (isBlocked(recipient.range, environment.guard.rangeLimits)) {
    throw new Error(`${maskPhone(recipient.number)} is of a range that SMSAERO_LIMIT_RANGE_HOUR blocks`);
  }
  const template = chooseTemplate(configuration.templates, test.type, test.locale);
  const text = template && renderTemplate(template, { code: test.code, locale: test.locale ?? '' });
  if (!text) {
    throw new Error(
      template ? 'The text is longer than SMS Aero takes' : 'The stage has no Generic template',
    );
  }
  const senderName = senderNameFor(configuration, recipient.country);
  const mayBeTelegram = environment.telegram && isForTelegram(template, test.type);
  const telegramCode = mayBeTelegram ? telegramCodeOf(test.code) : undefined;
  const way = telegramCode === undefined ? '' : 'by Telegram, or if that fails by SMS ';
  return {
    message: { number: recipient.number.slice(1), senderName, text: text.text, telegramCode },
    summary: `To ${maskPhone(recipient.number)} ${way}as ${senderName}: ${describe(template, text)}`,
  };
}

function describe({ usageType, locale }: Template, { encoding, segments }: RenderedText): string {
  return `${usageType}${locale === undefined ? '' : `, ${locale}`}; ${encoding}, ${count(segments, 'segment')}`;
}
