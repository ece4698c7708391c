import { type Configuration, senderNameFor } from '../../lib/config/configuration.ts';
import type { Environment } from '../../lib/environment.ts';
import { parseRecipient } from '../../lib/message/recipient.ts';
import { maskPhone } from '../../lib/observability/redact.ts';
import { type GatewayMessage, telegramCodeOf } from '../../lib/smsaero/client.ts';
import { type RenderedText, renderTemplate } from '../../lib/templates/render.ts';
import { chooseTemplate, isForTelegram, type Template } from '../../lib/templates/template.ts';
import { count } from '../format.ts';

/** What a test message is made of. */
export interface TestMessage {
  readonly to: string;
  readonly type: string;
  readonly code: string;
  readonly locale?: string | undefined;
}

/** A message for SMS Aero, and a line about it that may be printed. */
export interface Composed {
  readonly message: GatewayMessage;
  readonly summary: string;
}

/**
 * Makes the message as the functions would.
 *
 * @throws Error if it is none that the service would send
 */
export function compose(test: TestMessage, configuration: Configuration, environment: Environment): Composed {
  const recipient = parseRecipient(test.to, environment.countries);
  if (!recipient) {
    throw new Error('--to is no mobile number that could receive a message');
  }
  if (!environment.countries.includes(recipient.country)) {
    throw new Error(
      `${maskPhone(recipient.number)} is a number of ${recipient.country}, and messages go to ${environment.countries.join(', ')} alone`,
    );
  }
  const template = chooseTemplate(configuration.templates, test.type, test.locale);
  const text = template && renderTemplate(template, { code: test.code, locale: test.locale ?? '' });
  if (!text) {
    throw new Error(template ? 'The text is longer than SMS Aero takes' : 'There is no Generic template');
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
