import { asObject } from '../../lib/json.ts';
import type { Channel } from '../../lib/smsaero/message-status.ts';
import { placeholdersOf, replacePlaceholders } from '../../lib/templates/placeholders.ts';
import { costOf, type TextCost } from './encoding.ts';
import { checkLinks } from './links.ts';
import { checkPassword, checkPlaceholders, checkStrangers } from './placeholders.ts';
import { checkBoundLine } from './web-otp.ts';

/** Something about a connector's JSON that should be otherwise. */
export interface Problem {
  /** `error`: it cannot work. `warning`: it works, and costs more, looks odd or may not arrive. */
  readonly level: 'error' | 'warning';
  /** Where: `templates.0.content`. */
  readonly path: string;
  /** What is wrong and what to do, as the rest of a sentence that begins with the path; no secret. */
  readonly text: string;
}

/** A code as long as those of the identity platforms. */
const SAMPLE_CODE = '000000';

/** A template as it is sent. */
export interface CheckedTemplate {
  /** Position in `templates`, from 0. */
  readonly index: number;
  readonly usageType: string;
  readonly locale?: string | undefined;
  readonly channel: Channel;
  /** With a code of six digits, and nothing for every other placeholder. */
  readonly cost: TextCost;
  /** Whether other placeholders make it longer. */
  readonly open: boolean;
  readonly problems: readonly Problem[];
}

/** Checks one template; undefined if usage type or content is not a text, which the schema says. */
export function checkTemplate(entry: unknown, index: number): CheckedTemplate | undefined {
  const { usageType, content, locale, links, channel } = asObject(entry) ?? {};
  if (typeof usageType !== 'string' || typeof content !== 'string') return undefined;
  const roots = new Set(placeholdersOf(content).map((path) => path.split('.')[0] ?? ''));
  const others = Object.fromEntries([...roots].map((root) => [root, '']));
  const cost = costOf(replacePlaceholders(content, { ...others, code: SAMPLE_CODE }));
  const path = `templates.${index}.content`;
  const of = (level: Problem['level'], texts: readonly string[]) =>
    texts.map((text): Problem => ({ level, path, text }));
  return {
    index,
    usageType,
    locale: typeof locale === 'string' ? locale : undefined,
    channel: channel === 'telegram' ? channel : 'sms',
    cost,
    open: roots.size > (roots.has('code') ? 1 : 0),
    problems: [
      ...of('error', checkBoundLine(content)),
      ...of('warning', checkPlaceholders(content)),
      ...of('warning', checkStrangers(content, links === true)),
      ...of('warning', checkPassword(content, usageType)),
      ...of('warning', costProblems(cost)),
      ...of('warning', checkLinks(content)),
    ],
  };
}

function costProblems({ encoding, segments, used, room, culprits, replacements }: TextCost): string[] {
  return [
    ...(replacements
      ? [`is UCS-2 only for ${culprits}, 70 characters a segment instead of 160: write ${replacements}`]
      : []),
    ...(segments > 1
      ? [`costs ${segments} segments: ${used} characters in ${encoding}, and a single segment holds ${room}`]
      : []),
  ];
}
