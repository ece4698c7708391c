import { asObject, type Fields, parseObject } from '../smsaero/fields.ts';
import { type Command, commandSchema } from './command.ts';

/** What was wrong with a field of a command: where, and a code of zod's; never the value. */
export interface CommandProblem {
  readonly path: string;
  readonly code: string;
}

/** A command, or what keeps the body from being one. */
export type Unwrapped =
  | {
      readonly command: Command;
      /** When the first of bus and topic took it, in ms of the Unix epoch; `Infinity` if it came without them. */
      readonly wrappedAt: number;
      readonly problems?: undefined;
    }
  | {
      readonly command?: undefined;
      readonly wrappedAt?: undefined;
      readonly problems: readonly CommandProblem[];
    };

/** A time as EventBridge and SNS write it. `Date.parse` alone reads nearly anything as a time, without a zone in that of the machine. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** The most envelopes around a command: an EventBridge event in an SNS notification. */
const MAX_DEPTH = 3;

/**
 * Finds the command in the body of a queue's message: bare, as `detail` of an EventBridge event, or in an SNS notification without raw
 * delivery.
 */
export function unwrapCommand(body: string): Unwrapped {
  let event = parseObject(body);
  let wrappedAt = Number.POSITIVE_INFINITY;
  for (let depth = 0; event && depth < MAX_DEPTH && !('specversion' in event); depth += 1) {
    const inner = innerOf(event);
    if (!inner) break;
    wrappedAt = Math.min(wrappedAt, timeOf(event));
    event = inner;
  }
  if (!event) {
    return { problems: [{ path: '', code: 'invalid_json' }] };
  }
  const result = commandSchema.safeParse(event);
  return result.success
    ? { command: result.data, wrappedAt }
    : { problems: result.error.issues.map(({ path, code }) => ({ path: path.map(String).join('.'), code })) };
}

function innerOf(envelope: Fields): Fields | undefined {
  if (envelope['Type'] === 'Notification' && typeof envelope['Message'] === 'string') {
    return parseObject(envelope['Message']);
  }
  return 'detail-type' in envelope ? asObject(envelope['detail']) : undefined;
}

/** When bus or topic took what an envelope holds, in ms of the Unix epoch; `Infinity` if it does not say. */
function timeOf(envelope: Fields): number {
  const time = envelope['Type'] === 'Notification' ? envelope['Timestamp'] : envelope['time'];
  const at = typeof time === 'string' && TIME.test(time) ? Date.parse(time) : Number.NaN;
  return Number.isNaN(at) ? Number.POSITIVE_INFINITY : at;
}
