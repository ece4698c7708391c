import { columns, count } from '../format.ts';
import type { Terminal } from '../terminal.ts';
import type { Checked } from './check-connector.ts';
import type { Problem } from './check-template.ts';

/** Prints the templates as a table: encoding, segments, and why. */
export function printTemplates({ templates }: Checked, terminal: Terminal): void {
  if (templates.length === 0) return;
  const rows = templates.map(({ usageType, locale = '-', cost, open }) => [
    usageType,
    locale,
    cost.encoding,
    `${cost.segments}${open ? '+' : ''}`,
    `${cost.used} of ${cost.room}${open ? ' and more' : ''}`,
    cost.culprits && `UCS-2 for ${cost.culprits}`,
  ]);
  const [head = '', ...lines] = columns([
    ['usage type', 'locale', 'encoding', 'segments', 'characters', ''],
    ...rows,
  ]);
  terminal.print(terminal.style('bold', head));
  for (const line of lines) terminal.print(line);
  if (templates.some(({ open }) => open)) {
    terminal.print('+ and more: placeholders other than {{code}} make it longer.');
  }
  terminal.print('');
}

/** Prints problems, one a line. */
export function printProblems(problems: readonly Problem[], terminal: Terminal): void {
  for (const { level, path, text } of problems) {
    const colour = level === 'error' ? 'red' : 'yellow';
    terminal.print(`${terminal.style(colour, level.padEnd(7))}  ${path} ${text}`);
  }
}

/** `2 errors, 1 warning`, or `no problems`. */
export function sum(problems: readonly Problem[]): string {
  const of = (level: Problem['level']) => problems.filter((problem) => problem.level === level).length;
  const parts = [
    ...(of('error') > 0 ? [count(of('error'), 'error')] : []),
    ...(of('warning') > 0 ? [count(of('warning'), 'warning')] : []),
  ];
  return parts.join(', ') || 'no problems';
}

/** Roubles for a code in Telegram (smsaero_python, `send_telegram`), and for a segment of an SMS (SMS Aero's `tariffs`: by operator). */
const PRICES = { telegram: 1, segment: { from: 4, to: 9 } };

/** Prints what a message costs in Telegram and as SMS, for the templates that go by Telegram. */
export function printPrices({ templates }: Checked, terminal: Terminal): void {
  const byTelegram = templates.filter(({ channel }) => channel === 'telegram');
  if (byTelegram.length === 0) return;
  const { telegram, segment } = PRICES;
  const rows = byTelegram.map(({ usageType, locale = '-', cost: { segments }, open }) => {
    const range = (more: number) =>
      `${segment.from * segments + more} to ${segment.to * segments + more}${open ? '+' : ''} RUB`;
    return [usageType, locale, `${telegram} RUB`, range(telegram), range(0)];
  });
  const [head = '', ...lines] = columns([
    ['usage type', 'locale', 'in Telegram', 'if an SMS follows', 'by SMS'],
    ...rows,
  ]);
  terminal.print(terminal.style('bold', head));
  for (const line of lines) terminal.print(line);
  terminal.print('Prices in Russia, by operator; a code that begins with 0 goes by SMS.');
  terminal.print('');
}
