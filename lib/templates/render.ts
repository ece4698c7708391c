import { replacePlaceholders, type TemplateVariables } from './placeholders.ts';
import { countSegments, type SegmentCount } from './segments.ts';
import type { Template } from './template.ts';

/** The longest text that SMS Aero takes, in characters (Unicode code points) (SMS Aero API v2, sms/send: 2 to 640). */
export const MAX_TEXT_CHARACTERS = 640;

/** A message ready to be sent. */
export interface RenderedText extends SegmentCount {
  readonly text: string;
}

/**
 * Renders a template.
 *
 * @param template the chosen template
 * @param variables the values of its placeholders
 * @returns the text and its segments; undefined if the text is longer than SMS Aero takes
 */
export function renderTemplate(template: Template, variables: TemplateVariables): RenderedText | undefined {
  const text = replacePlaceholders(template.content, variables);
  return isTooLong(text) ? undefined : { text, ...countSegments(text) };
}

/** Whether a text has more characters than SMS Aero takes. */
export function isTooLong(text: string): boolean {
  return text.length > MAX_TEXT_CHARACTERS && Array.from(text).length > MAX_TEXT_CHARACTERS;
}
