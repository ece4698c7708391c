import { randomUUID } from 'node:crypto';
import type { Configuration } from '../../lib/config/configuration.ts';
import type { DeliveryState } from '../../lib/delivery/delivery.ts';
import { asNumber, type Fields, parseObject } from '../../lib/json.ts';
import { count, formatDuration, roubles } from '../format.ts';
import { stageOptions } from '../stage-options.ts';
import type { Terminal } from '../terminal.ts';
import { RUN } from '../usage.ts';
import type { Followable } from './follow.ts';
import type { TestMessage } from './straight.ts';

/** Time for the deployed API to answer, in ms: a cold start, and the 2.5 s that it takes at most. */
const ANSWER_TIMEOUT_MS = 15_000;

/** Platforms whose requests can be sent. */
export type PlayedPlatform = 'direct' | 'logto';

/** Where a test message goes. */
export interface DeployedOptions {
  readonly configuration: Configuration;
  readonly stage: string;
  /** Base URL of the API. */
  readonly url: string;
  readonly platform: PlayedPlatform;
}

/**
 * Sends a test message through the deployed API, as the platform would.
 *
 * @returns the delivery to follow, or SMS Aero's id of the message where the platform's answer names no delivery
 * @throws Error if it was not sent, or may have been
 */
export async function sendDeployed(
  test: TestMessage,
  { configuration, stage, url, platform }: DeployedOptions,
  terminal: Terminal,
): Promise<{ deliveryId: Followable } | { messageId: string }> {
  const secret = configuration.platforms[platform]?.at(-1);
  if (secret === undefined) {
    throw new Error(
      `${platform} has no secret: ${RUN} secret add ${platform} ${stageOptions(stage)} makes one`,
    );
  }
  const { to, type, code, locale } = test;
  const payload = { code, ...(platform === 'logto' ? { locale } : {}) };
  const response = await request(`${url}/sms/${platform}`, secret, {
    method: 'POST',
    // A second test is not a repeat of the first.
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
    body: JSON.stringify({ to, type, payload, ...(platform === 'direct' ? { locale } : {}) }),
  });
  const { id, messageId, code: problem, requestId } = response.body;
  if (response.status !== 200 && !(problem === 'outcome_unknown' && typeof id === 'string')) {
    throw new Error(
      `${url} answered ${response.status}${typeof problem === 'string' ? ` ${problem}` : ''}${
        typeof requestId === 'string' ? `: the log has it under request ${requestId}` : ''
      }${response.retryAfter === undefined ? '' : `; try again in ${formatDuration(response.retryAfter * 1_000)}`}`,
    );
  }
  terminal.print(describe(response.status, response.body));
  if (typeof id !== 'string') {
    return { messageId: String(messageId) };
  }
  return {
    deliveryId: {
      facts: { deliveryId: id, messageId, segments: response.body['segments'], cost: response.body['cost'] },
      later: `${RUN} status ${id} ${stageOptions(stage)}`,
      async ask() {
        const { status, body } = await request(`${url}/messages/${id}`, secret, { method: 'GET' });
        return status === 200 && typeof body['status'] === 'string'
          ? (body['status'] as DeliveryState)
          : undefined;
      },
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

async function request(
  url: string,
  secret: string,
  init: { method: string; headers?: Record<string, string>; body?: string },
): Promise<{ status: number; body: Fields; retryAfter: number | undefined }> {
  try {
    const response = await fetch(url, {
      ...init,
      headers: { ...init.headers, Authorization: secret },
      redirect: 'error', // the secret goes where it was sent and nowhere else
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const { status, headers } = response;
    const retryAfter = asNumber(headers.get('retry-after') ?? undefined);
    return { status, body: parseObject(await response.text()) ?? {}, retryAfter };
  } catch (error) {
    const { cause, name } = error as Error & { cause?: NodeJS.ErrnoException };
    throw new Error(`${new URL(url).host} cannot be reached (${cause?.code ?? name})`);
  }
}
