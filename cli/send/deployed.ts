import { randomUUID } from 'node:crypto';
import type { DeliveryState } from '../../lib/delivery/delivery.ts';
import { asNumber, type Fields, parseJson, parseObject } from '../../lib/json.ts';
import type { Platform, PlatformMessage } from '../../lib/platforms/platform.ts';
import { GENERIC } from '../../lib/templates/template.ts';
import { count, formatDuration, roubles } from '../format.ts';
import { makeRequest, type PlatformRequest, readRequest } from '../platform-request.ts';
import type { LoadedStage } from '../stage-configuration.ts';
import { stageOptions } from '../stage-options.ts';
import type { Terminal } from '../terminal.ts';
import { RUN, UsageError } from '../usage.ts';
import { type Followable, messageAt } from './follow.ts';
import { compose, recipientOf, type TestMessage } from './straight.ts';

/** Time for the deployed API to answer, in ms: a cold start, and the 2.5 s that it takes at most. */
const ANSWER_TIMEOUT_MS = 15_000;

/** Stands for SMS Aero's id where a platform's answer to a success is looked at. */
const ANY_ID = '1000000000';

/**
 * Sends a test message through the deployed API, as the platform would.
 *
 * @returns what is followed: the delivery, or the message at SMS Aero; undefined if the platform's answer names neither
 * @throws UsageError for a usage type or a language that the platform does not tell, Error if it was not sent, or may have been
 */
export async function sendDeployed(
  { to: written, ...rest }: TestMessage,
  loaded: LoadedStage,
  url: string,
  platform: Platform,
  terminal: Terminal,
): Promise<Followable | undefined> {
  const { stage, configuration, environment } = loaded;
  const test = { ...rest, to: recipientOf(written, environment).number.slice(1) };
  const { name } = platform;
  const secret = configuration.platforms[name]?.at(-1);
  if (secret === undefined) {
    throw new Error(`${name} has no secret: ${RUN} secret add ${name} ${stageOptions(stage)} makes one`);
  }
  const { headers, body } = makeRequest(platform, test, secret, Date.now());
  const { usageType } = assertTold(test, platform, readRequest(platform, { headers, body }));
  const response = await request(`${url}/sms/${name}`, {
    method: 'POST',
    headers: { ...headers, 'Idempotency-Key': randomUUID() }, // a second test is not a repeat of the first
    body,
  });
  const { id } = response.body;
  const sent = acceptedBy(platform, response);
  if (!sent && !(response.body['code'] === 'outcome_unknown' && typeof id === 'string')) {
    throw new Error(`${url} answered ${describeRefusal(response)}`);
  }
  if (typeof id === 'string') {
    terminal.print(describe(response.status, response.body));
    return deliveryOf(id, response.body, { stage, url, headers });
  }
  if (sent?.messageId === undefined) {
    terminal.print(`Accepted, or perhaps accepted: the answer to ${name} does not say, so look at the phone`);
    terminal.result({ state: null, delivered: false });
    return undefined;
  }
  terminal.print(describe(200, { messageId: sent.messageId }));
  const { telegramCode } = compose({ ...test, type: usageType }, loaded).message;
  return messageAt(sent.messageId, loaded, { telegram: telegramCode !== undefined });
}

/** @throws UsageError if the platform's request does not say what was asked for */
function assertTold(
  { type, locale }: TestMessage,
  { name }: Platform,
  read: PlatformMessage,
): PlatformMessage {
  if (type !== GENERIC && read.usageType !== type) {
    throw new UsageError(`--type "${type}" cannot be told by ${name}: its message is of ${read.usageType}`);
  }
  if (locale !== undefined && ![read.locale].flat().includes(locale)) {
    throw new UsageError(`--locale "${locale}" cannot be told by ${name}, which has no field for it`);
  }
  return read;
}

/**
 * Whether an answer tells the platform of a success, with SMS Aero's id where it has one. Statuses do not tell: Okta and Supabase have errors
 * as 200.
 */
function acceptedBy({ reply }: Platform, { status, text }: Answer): { messageId?: string } | undefined {
  const message = {
    status: 'accepted',
    messageId: ANY_ID,
    channel: 'sms',
    segments: 1,
    deliveryId: '',
  } as const;
  const success = reply({ status: 'accepted', message, isDuplicate: false }, '');
  if (status !== success.statusCode) return undefined;
  if (success.body === '') return {};
  const messageId = valueAtId(parseJson(success.body), parseJson(text));
  return typeof messageId === 'string' && /^\d+$/.test(messageId) ? { messageId } : undefined;
}

/** What stands in one value where the id stands in another. */
function valueAtId(success: unknown, value: unknown): unknown {
  if (success === ANY_ID) return value;
  if (typeof success !== 'object' || success === null || typeof value !== 'object') return undefined;
  return Object.entries(success)
    .map(([name, inner]) => valueAtId(inner, (value as Fields | null)?.[name]))
    .find((found) => found !== undefined);
}

function deliveryOf(
  id: string,
  { messageId, segments, cost }: Fields,
  { stage, url, headers }: { stage: string; url: string; headers: PlatformRequest['headers'] },
): Followable {
  return {
    facts: { deliveryId: id, messageId, segments, cost },
    later: `${RUN} status ${id} ${stageOptions(stage)}`,
    async ask() {
      const { status, body } = await request(`${url}/messages/${id}`, { method: 'GET', headers });
      return status === 200 && typeof body['status'] === 'string'
        ? (body['status'] as DeliveryState)
        : undefined;
    },
  };
}

function describe(status: number, { id, messageId, segments, cost }: Fields): string {
  const price = asNumber(cost);
  const parts = [
    ...(typeof id === 'string' ? [`delivery ${id}`] : []),
    ...(typeof messageId === 'string' ? [`message ${messageId}`] : []),
    ...(typeof segments === 'number' ? [count(segments, 'segment')] : []),
    ...(price === undefined ? [] : [roubles(price)]),
  ];
  return `${status === 200 ? 'Accepted' : 'Not known whether it was sent'}: ${parts.join(', ')}`;
}

function describeRefusal({ status, body, text, requestId, retryAfter }: Answer): string {
  const problem =
    typeof body['code'] === 'string' ? body['code'] : text || 'nothing, so it may have been sent';
  const log = requestId === undefined ? '' : `: the log has it under request ${requestId}`;
  const later = retryAfter === undefined ? '' : `; try again in ${formatDuration(retryAfter * 1_000)}`;
  return `${status} ${problem}${log}${later}`;
}

type Answer = Awaited<ReturnType<typeof request>>;

async function request(
  url: string,
  init: { method: string; headers: PlatformRequest['headers']; body?: string },
) {
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'error', // the secret goes where it was sent and nowhere else
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const { status, headers } = response;
    const text = await response.text();
    const body = parseObject(text) ?? {};
    const named = body['requestId'] ?? headers.get('x-request-id');
    return {
      status,
      text,
      body,
      requestId: typeof named === 'string' ? named : undefined,
      retryAfter: asNumber(headers.get('retry-after') ?? undefined), // s
    };
  } catch (error) {
    const { cause, name } = error as Error & { cause?: NodeJS.ErrnoException };
    throw new Error(`${new URL(url).host} cannot be reached (${cause?.code ?? name})`);
  }
}
