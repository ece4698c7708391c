import { randomUUID } from 'node:crypto';
import type { Configuration } from '../../lib/config/configuration.ts';
import type { DeliveryState } from '../../lib/delivery/delivery.ts';
import { asNumber, type Fields, parseObject } from '../../lib/json.ts';
import { count, roubles } from '../format.ts';
import { stageOptions } from '../stage-options.ts';
import type { Terminal } from '../terminal.ts';
import { RUN } from '../usage.ts';
import type { TestMessage } from './compose.ts';
import type { Followable } from './follow.ts';

/** Time for the deployed API to answer, in ms: a cold start and its own 2.5 s. */
const PATIENCE = 15_000;

/** Platforms whose calls can be played. */
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
 * @returns what follows it; undefined if the platform's answer names no delivery that could be asked for
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
    // A test is none of the last one's repeats.
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
    body: JSON.stringify({ to, type, payload, ...(platform === 'direct' ? { locale } : {}) }),
  });
  const { id, messageId, code: problem, requestId } = response.body;
  if (response.status !== 200 && !(problem === 'outcome_unknown' && typeof id === 'string')) {
    throw new Error(
      `${url} answered ${response.status}${typeof problem === 'string' ? ` ${problem}` : ''}${
        typeof requestId === 'string' ? `: the log has it under request ${requestId}` : ''
      }`,
    );
  }
  terminal.print(describe(response.status, response.body));
  if (typeof id !== 'string') {
    return { messageId: String(messageId) };
  }
  return {
    deliveryId: {
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
): Promise<{ status: number; body: Fields }> {
  try {
    const response = await fetch(url, {
      ...init,
      headers: { ...init.headers, Authorization: secret },
      redirect: 'error', // the secret goes where it was sent and nowhere else
      signal: AbortSignal.timeout(PATIENCE),
    });
    return { status: response.status, body: parseObject(await response.text()) ?? {} };
  } catch (error) {
    const { cause, name } = error as Error & { cause?: NodeJS.ErrnoException };
    throw new Error(`${new URL(url).host} cannot be reached (${cause?.code ?? name})`);
  }
}
