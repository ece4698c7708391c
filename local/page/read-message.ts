import { costOf } from '../../cli/check/encoding.ts';
import { placeholdersOf } from '../../lib/templates/placeholders.ts';
import type { Template } from '../../lib/templates/template.ts';
import type { Message } from '../simulator/index.ts';
import type { ReadOff } from './contract.ts';

/** What stands for the code and for any other value while a template becomes a pattern. */
const PLACEHOLDER = /{{\s*([\w.]+)\s*}}/;

const patterns = new WeakMap<Template, RegExp>();

/** A template as a pattern of the texts that it makes; made once, for thousands of messages. */
function patternOf(template: Template): RegExp {
  const known = patterns.get(template) ?? makePattern(template);
  patterns.set(template, known);
  return known;
}

/** How many characters of a template are not of a placeholder. */
const ownLength = ({ content }: Template): number => content.replaceAll(/{{.*?}}/g, '').length;

function makePattern(template: Template): RegExp {
  const { content } = template;
  // A template with nothing but the code would fit every text.
  const code = ownLength(template) > 0 ? '(?<code>.+?)' : String.raw`(?<code>\S+)`;
  let hasCode = false;
  // Split by a pattern with one group: texts and placeholders take turns.
  const parts = content.split(PLACEHOLDER).map((part, index) => {
    if (index % 2 === 0) return part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
    if (part !== 'code') return '[^]*?';
    const group = hasCode ? String.raw`\k<code>` : code;
    hasCode = true;
    return group;
  });
  return new RegExp(`^${parts.join('')}$`, 'u');
}

/** Texts that no template of ours made: digits as codes have them, then Latin letters and digits with a digit among them. */
const LOOKS_LIKE_CODE = [/(?<![\p{N}\p{L}])\d{4,8}(?![\p{N}\p{L}])/u, /\b(?=[A-Z]*\d)[A-Z\d]{4,12}\b/];

/**
 * The code in a text: where the template has it, else what looks like one.
 *
 * @param templates what texts are made of; of several that fit, the one with the most words
 */
export function codeIn(text: string, templates: readonly Template[]): string | undefined {
  const fitting = templates
    .filter(({ content }) => placeholdersOf(content).includes('code'))
    .toSorted((one, other) => ownLength(other) - ownLength(one))
    .map((template) => patternOf(template).exec(text)?.groups?.['code'])
    .find((code) => code !== undefined);
  return fitting ?? LOOKS_LIKE_CODE.map((pattern) => pattern.exec(text)?.[0]).find(Boolean);
}

/** Reads a message. @param templates what texts are made of now */
export function readMessage(message: Message, templates: readonly Template[]): ReadOff {
  const { text, telegramCode } = message;
  const { encoding, culprits } = costOf(text);
  const code = telegramCode ?? codeIn(text, templates); // Telegram makes the text around it
  return { ...(code === undefined ? {} : { code }), encoding, culprits };
}
