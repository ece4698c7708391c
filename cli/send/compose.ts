import type { Configuration } from '../../lib/config/configuration.ts';
import type { Environment } from '../../lib/environment.ts';
import { isBlocked } from '../../lib/guard/range-limits.ts';
import { parseRecipient } from '../../lib/message/recipient.ts';
import { maskPhone } from '../../lib/observability/redact.ts';
import type { GatewayMessage } from '../../lib/smsaero/client.ts';
import { type RenderedText, renderTemplate } from '../../lib/templates/render.ts';
import { chooseTemplate, type Template } from '../../lib/templates/template.ts';
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
  if (isBlocked(recipient.range, environment.guard.rangeLimits)) {
    throw new Error(`${maskPhone(recipient.number)} is of a range that SMSAERO_LIMIT_RANGE_HOUR blocks`);
  }
  const template = chooseTemplate(configuration.templates, test.type, test.locale);
  const text = template && renderTemplate(template, { code: test.code, locale: test.locale ?? '' });
  if (!text) {
    throw new Error(template ? 'The text is longer than SMS Aero takes' : 'There is no Generic template');
  }
  return {
    message: {
      number: recipient.number.slice(1),
      senderName: configuration.senderName,
      text: text.text,
    },
    summary: `To ${maskPhone(recipient.number)} as ${configuration.senderName}: ${describe(template, text)}`,
  };
}

function describe({ usageType, locale }: Template, { encoding, segments }: RenderedText): string {
  return `${usageType}${locale === undefined ? '' : `, ${locale}`}; ${encoding}, ${count(segments, 'segment')}`;
}
