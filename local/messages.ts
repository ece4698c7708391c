import { shown } from '../cli/format.ts';
import type { Style } from '../cli/terminal.ts';
import { asObject, type Fields, parseObject } from '../lib/json.ts';
import type { RequestOutcome, ServiceRequest } from './page/contract.ts';
import { REFUSAL_LINES } from './request-log.ts';

type Styled = (style: Style, text: string) => string;

const COLOURS: Readonly<Record<RequestOutcome, Style>> = {
  accepted: 'green',
  duplicate: 'cyan',
  refused: 'yellow',
  failed: 'red',
  unknown: 'magenta',
  answered: 'dim',
};

/** A request as one line: `12:03:11 +7903…4567 SignIn logto accepted 28 ms`. */
export function describeRequest(request: ServiceRequest, style: Styled): string {
  const { at, source, outcome, status, fields, durationMs = request.ms['total'] } = request;
  const [, platform] = /^POST \/sms\/([^/]+)$/.exec(source) ?? [];
  const why = outcome === 'accepted' || outcome === 'answered' ? '' : reasonOf(request);
  const ended = outcome === 'answered' ? String(status) : outcome;
  return [
    style('dim', timeOf(at)),
    text(fields['recipient'])?.replace('•••', '…'),
    text(fields['usageType']),
    text(fields['platform']) ?? platform ?? source,
    style(COLOURS[outcome], why ? `${ended}: ${why}` : ended),
    durationMs === undefined ? undefined : `${Math.round(durationMs)} ms`,
  ]
    .filter((part) => part !== undefined)
    .join(' ');
}

/** `rate_exceeded (recipient, again in 30 s)`, `invalid_request (payload.code: invalid_type)`. */
function reasonOf({ fields, answer = '', status }: ServiceRequest): string {
  const { reason, of, limit, retryAfter, fields: invalid } = fields;
  const problem = asObject(fields['problem'])?.['message'];
  const code = parseObject(answer)?.['code'];
  const main = text(reason) ?? text(of) ?? text(problem) ?? text(code) ?? (status ? `HTTP ${status}` : '');
  const details = [
    text(limit),
    typeof retryAfter === 'number' ? `again in ${retryAfter} s` : undefined,
    ...(Array.isArray(invalid) ? (invalid as Fields[]) : []).map(
      ({ path, code: kind }) => `${path ? `${shown(String(path))}: ` : ''}${shown(String(kind))}`,
    ),
  ].filter((detail) => detail !== undefined);
  return details.length > 0 ? `${main} (${details.join(', ')})` : main;
}

/**
 * What a line of the functions' log, or of serverless-offline, says that a person should see beside the requests: warnings and errors.
 *
 * @returns undefined for any other line
 */
export function describeProblem(line: string, style: Styled): string | undefined {
  const fields = line.startsWith('{') ? parseObject(line) : undefined;
  // Errors of serverless-offline begin like this.
  if (!fields) return line.startsWith('✖') ? style('red', shown(line)) : undefined;
  const { level, message, timestamp, function_name: name, reason, part, problem } = fields;
  const isEnd = message === 'sms' || Object.hasOwn(REFUSAL_LINES, String(message));
  if ((level !== 'WARN' && level !== 'ERROR') || isEnd) return undefined;
  const details = [part, reason, asObject(problem)?.['message'] ?? problem].map(text).filter(Boolean);
  return [
    style('dim', timeOf(Date.parse(String(timestamp)) || Date.now())),
    text(name)?.replace(/^smsaero-[^-]+-/, ''),
    style(
      level === 'ERROR' ? 'red' : 'yellow',
      `${text(message)}${details.length > 0 ? ': ' : ''}${details.join(', ')}`,
    ),
  ].join(' ');
}

const timeOf = (at: number): string => new Date(at).toTimeString().slice(0, 8);

/** A text of a log line without what a terminal would obey; undefined for anything else. */
const text = (value: unknown): string | undefined => (typeof value === 'string' ? shown(value) : undefined);
