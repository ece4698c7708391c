import { replacePlaceholders, type TemplateVariables } from './placeholders.ts';
import { countSegments, isTooLong, type SegmentCount } from './segments.ts';
import type { Template } from './template.ts';
import { cleanValue, isNumberOf, makesLink } from './values.ts';

/** The placeholder of the code: the only value that is not written by a stranger, and goes out exactly as it came. */
export const CODE = 'code';

/** A message ready to be sent. */
export interface RenderedText extends SegmentCount {
  readonly text: string;
}

/**
 * Renders a template. The code goes out as it is; all other values are cleaned first, and are left out where one of them has a link, unless
 * the template says `links`. The recipient's number is shown, though it is a phone number.
 *
 * @param recipient the number that the text goes to, E.164 with the plus; without one every phone number counts as a link
 * @returns the text and its segments; undefined if the text is longer than SMS Aero takes
 */
export function renderTemplate(
  { content, links = false }: Template,
  variables: TemplateVariables,
  recipient?: string,
): RenderedText | undefined {
  const isRecipient = (value: string) => recipient !== undefined && isNumberOf(value, recipient);
  const textWith = (show: (value: string) => string) =>
    replacePlaceholders(content, variables, (value, path) =>
      path === CODE || isRecipient(value) ? value : show(value),
    );
  const text = textWith((value) => cleanValue(value, links));
  const without = textWith(() => '');
  return measureText(!links && makesLink(text, without) ? without : text);
}

/** Counts the segments of a text that is ready; undefined if it is longer than SMS Aero takes. */
export function measureText(text: string): RenderedText | undefined {
  return isTooLong(text) ? undefined : { text, ...countSegments(text) };
}
