import { domainToASCII } from 'node:url';

/** A line that was meant to bind the code to a website: a host after @, and something after #. */
const BOUND_LINE = /^\s*@.*#/;

/**
 * The form: `@host #code`, then perhaps the host of a page in a frame. Safari reads that behind `%`, Chrome behind `@`, and either may be
 * the frame's or the page's. What else follows has to be ignored (specification, "parsing": reserved for later versions).
 */
const FORM = /^@(\S+) #(\S+)(?: (?:[%@](\S+))?.*)?$/;

/** A host name: labels of letters, digits and hyphens, two at least. */
const HOST = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Checks the line that binds a code to a website, so that browsers fill it in only there: `@example.com #{{code}}`
 * (https://wicg.github.io/sms-one-time-codes/).
 *
 * @returns what is wrong, each as the rest of a sentence; empty if there is no such line, or a right one
 */
export function checkBoundLine(content: string): string[] {
  const lines = content.split('\n');
  const bound = lines.flatMap((line, index) => (BOUND_LINE.test(line) ? [index] : []));
  const [first] = bound;
  if (first === undefined) return [];
  const problems: string[] = [];
  if (first !== lines.length - 1) {
    problems.push(
      'has a line for browsers (@host #{{code}}) that is not the last one, and nothing may come after it',
    );
  }
  const line = (lines[first] ?? '').replace(/\{\{\s*code\s*\}\}/g, '{{code}}');
  const [, host, code, frame] = FORM.exec(line) ?? [];
  if (host === undefined || code === undefined) {
    return [...problems, 'has a last line that no browser reads: it must be @host, one space, #{{code}}'];
  }
  for (const name of frame === undefined ? [host] : [host, frame]) {
    if (!HOST.test(name))
      problems.push(`has a last line with "${name}", which is not a host name${hint(name)}`);
  }
  if (code !== '{{code}}') {
    problems.push(`has a last line with #${code}, where #{{code}} must stand`);
  }
  return problems;
}

function hint(name: string): string {
  const bare = name.replace(/^https?:\/\//i, '').split(/[/:]/, 1)[0] ?? '';
  const ascii = domainToASCII(bare);
  return ascii !== '' && ascii !== name && HOST.test(ascii)
    ? `: write ${ascii}`
    : ' (without https://, port and path)';
}
