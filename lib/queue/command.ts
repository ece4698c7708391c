import * as z from 'zod/mini';
import { type FieldProblem, problemsOf } from '../http/errors.ts';
import { asObject, type Fields, parseJson, parseObject } from '../json.ts';
import { smsCommandSchema } from '../message/sms-command.ts';

/** CloudEvents' `type` of the command to send a message; also `detail-type` in EventBridge, by which infra/ routes it. */
export const COMMAND_TYPE = 'sms.send.v1';

/** How long a command is sent that does not say, in ms: as long as Logto's codes live. */
const DEFAULT_LIFE_MS = 10 * 60_000;

/** The longest life of a command, in ms. */
const MAX_LIFE_MS = 24 * 3_600_000;

/** How far the clock of whoever sends a command may be ahead, in ms. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** The most envelopes around a command: an EventBridge event in an SNS notification. */
const MAX_ENVELOPES = 3;

/** RFC 3339, section 5.6: `t` and `z` may be lower case, and a leap second is second 60. */
const TIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:)(\d\d)((?:\.\d+)?)(Z|[+-]\d\d:\d\d)$/i;

/**
 * Reads a time.
 *
 * @returns ms of the Unix epoch; undefined if it is not RFC 3339
 */
export function parseTime(text: string): number | undefined {
  const [, date = '', minute = '', second = '', fraction = '', zone = ''] = TIME.exec(text) ?? [];
  const leap = second === '60' ? 1_000 : 0;
  const time = Date.parse(`${date}T${minute}${leap > 0 ? '59' : second}${fraction}${zone.toUpperCase()}`);
  // `Date` takes February 30 for a day of March.
  const isDay = !Number.isNaN(time) && new Date(`${date}T00:00Z`).toISOString().startsWith(date);
  return isDay ? time + leap : undefined;
}

const time = (meaning: string) =>
  z.string().check(
    z.refine((text) => parseTime(text) !== undefined, { error: 'must be a time of RFC 3339' }),
    z.meta({ format: 'date-time', description: meaning }),
  );

/** A command to send a message: a CloudEvents 1.0 event in JSON. docs/events/ is generated from it. */
export const commandSchema = z.object({
  specversion: z.literal('1.0').check(z.describe('Version of CloudEvents.')),
  id: z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(255),
      z.describe(
        'The idempotency key, together with `source`: a command that comes again is not sent again. Logs and events contain it, so it must not contain a number or a code.',
      ),
    ),
  source: z.string().check(z.minLength(1), z.maxLength(255), z.describe('Who asks for the message: a URI.')),
  type: z.literal(COMMAND_TYPE).check(z.describe('Kind and version of the command.')),
  time: time('When the message was asked for. The command expires ten minutes later by default.'),
  data: z
    .extend(smsCommandSchema, {
      expiresAt: z.optional(
        time(
          'After this time the message is not sent any more: 10 minutes after `time` by default, 24 hours at most.',
        ),
      ),
    })
    .check(z.describe('The message: the same fields as in the body of `POST /sms/direct`.')),
});

export type Command = z.infer<typeof commandSchema>;

/** A command, or what keeps the body from being one. */
export type ReadCommand =
  | { readonly command: Command; readonly problems?: undefined }
  | { readonly command?: undefined; readonly problems: readonly FieldProblem[] };

/** Until when a command may be sent, in ms of the Unix epoch. */
export function expiryOf({ time: asked, data: { expiresAt } }: Command): number {
  return (
    (expiresAt === undefined ? undefined : parseTime(expiresAt)) ?? (parseTime(asked) ?? 0) + DEFAULT_LIFE_MS
  );
}

/**
 * Reads the command in the body of a queue's message: bare, as `detail` of an EventBridge event, or in an SNS notification without raw
 * delivery.
 *
 * @param now ms of the Unix epoch
 */
export function readCommand(body: string, now: number): ReadCommand {
  let event = parseObject(body);
  for (let depth = 0; event && depth < MAX_ENVELOPES && !('specversion' in event); depth += 1) {
    const inner = innerOf(event);
    if (!inner) break;
    event = inner;
  }
  if (!event) {
    return { problems: [{ path: '', code: 'invalid_json' }] };
  }
  const result = commandSchema.safeParse(plainEvent(event));
  if (!result.success) {
    return { problems: problemsOf(result.error) };
  }
  const path = lifeProblem(result.data, now);
  return path === undefined ? { command: result.data } : { problems: [{ path, code: 'too_big' }] };
}

/** The field that makes a command live too long; undefined if it does not. */
function lifeProblem(command: Command, now: number): string | undefined {
  const begin = parseTime(command.time) ?? 0;
  if (begin > now + CLOCK_TOLERANCE_MS) return 'time';
  return expiryOf(command) > begin + MAX_LIFE_MS ? 'data.expiresAt' : undefined;
}

function innerOf(envelope: Fields): Fields | undefined {
  if (envelope['Type'] === 'Notification' && typeof envelope['Message'] === 'string') {
    return parseObject(envelope['Message']);
  }
  return 'detail-type' in envelope ? asObject(envelope['detail']) : undefined;
}

/**
 * An event as the JSON format of CloudEvents 1.0 means it: a member that is null counts as absent (section 2.2), and `data_base64` holds
 * the bytes of the data (section 3.1). Of the data, too, a field that is null counts as absent.
 */
function plainEvent(event: Fields): Fields {
  const { data_base64: base64, ...members } = withoutNulls(event);
  const data = members['data'] ?? (typeof base64 === 'string' ? dataOf(base64) : undefined);
  const fields = asObject(data);
  return { ...members, data: fields ? withoutNulls(fields) : data };
}

function dataOf(base64: string): unknown {
  return parseJson(Buffer.from(base64, 'base64').toString('utf8'));
}

function withoutNulls(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
